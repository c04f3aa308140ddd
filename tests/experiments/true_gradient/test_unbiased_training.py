"""Training at equal cost: budgets are kept, and the learning rate is chosen by tuning tasks."""

import jax
import numpy as np
import pytest

import snn
from experiments.engine.compose import plan
from experiments.engine.errors import UserError
from experiments.engine.registry import Project
from experiments.true_gradient.lif_task import lif_task
from experiments.true_gradient.unbiased_training import (
    DESCENDED,
    UnbiasedTraining,
    compute_many,
    within,
)

SMALL = {"n_inputs": 3, "n_hidden": 2, "n_outputs": 2, "steps": 10, "n_test": 64}


@pytest.mark.parametrize("name", DESCENDED)
def test_an_update_costs_its_budget(name):
    estimator, n_trials = within(name, 8)
    problem = lif_task(jax.random.key(0), (3, 2, 2), 10)
    noise = snn.draw_noise(*problem, jax.random.key(1), n_trials)
    assert n_trials * estimator(*problem, noise).n_evaluations == 8


def test_the_learning_rate_is_chosen_by_the_tuning_tasks():
    """A rate of 0 learns nothing: it is chosen only where it is the only one."""
    rates = [1e-9, 0.05]
    config = UnbiasedTraining(
        learning_rates=rates,
        tuning_seeds=[7, 8],
        n_updates=60,
        budget=8,
        chunk=6,
        **(SMALL | {"n_inputs": 10, "steps": 40}),
    )
    parts = compute_many(config, [0, 1])
    for part in parts:
        final = part["loss"][:, -1:].mean(axis=-1)
        assert part["chosen"] == 1 and part["final"] == pytest.approx(final[1])
        assert part["tuning_loss"].shape == (2, 2, 11)
        np.testing.assert_array_equal(part["evaluations"], 8 * part["update"])
        # Nothing has been learned with the other: the test noise is the same at all times.
        np.testing.assert_allclose(part["loss"][0], part["loss"][0, 0], rtol=1e-3)
    # Other tasks judged with them, or not, change nothing.
    alone = compute_many(config, [1])[0]
    np.testing.assert_allclose(alone["loss"], parts[1]["loss"], rtol=1e-5)


def test_no_task_chooses_and_judges():
    with pytest.raises(UserError, match="would both choose the learning rate and judge it"):
        UnbiasedTraining(tuning_seeds=[1, 2], seeds=[0, 1]).check("panels.easy")


def test_budgets_that_hold_no_trial_and_flip_are_refused():
    config = UnbiasedTraining(estimator="stochastic_ad_systematic", budget=1, seeds=[0])
    with pytest.raises(UserError, match="does not suit stochastic_ad_systematic"):
        config.check("panels.easy")


FOLLOWED = {
    "learning_rates": [0.5],
    "tuning_seeds": [50],
    "n_updates": 10,
    "chunk": 5,
    "n_test": 4,
    "n_inputs": 3,
    "n_hidden": 4,
    "n_outputs": 2,
    "steps": 80,
    "beta": 7.0,
    "recurrence": 0.2,
}


@pytest.mark.parametrize("kind", ["easy", "steep"])
def test_trainings_follow_the_first_of_their_kind(kind):
    overrides = [
        f"panels.{kind}_surrogate_through.{name}={value}" for name, value in FOLLOWED.items()
    ]
    panels = plan(Project(), ["figure=fig9/paper", *overrides]).root.panels
    followers = [panel for name, panel in panels.items() if name.startswith(f"{kind}_")]
    assert len(followers) >= 6
    for panel in followers:
        assert {name: getattr(panel, name) for name in FOLLOWED} == FOLLOWED
