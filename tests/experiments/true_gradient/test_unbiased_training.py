"""Training at equal cost: budgets are kept, and the learning rate is chosen by tuning tasks."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from experiments.engine.errors import UserError
from experiments.training import loop
from experiments.training.checkpoint import checkpointed
from experiments.true_gradient import unbiased_training
from experiments.true_gradient.budgets import METHODS
from experiments.true_gradient.lif_task import lif_task
from experiments.true_gradient.unbiased_training import UnbiasedTraining, compute_many

SMALL = {"n_inputs": 3, "n_hidden": 2, "n_outputs": 2, "steps": 10, "n_test": 64}


@pytest.mark.parametrize("name", METHODS)
def test_an_update_costs_its_budget(name):
    method = METHODS[name]
    estimator, n_trials = method.within(8)
    problem = lif_task(jax.random.key(0), (3, 2, 2), 10)
    noise = snn.draw_noise(*problem, jax.random.key(1), n_trials)
    assert n_trials * estimator(*problem, noise).n_evaluations == method.runs(8)


def test_names_with_another_budget_say_which():
    runs = {name: method.runs(8) for name, method in METHODS.items()}
    assert runs.pop("surrogate_through_one") == 1
    assert runs.pop("stochastic_ad_systematic_more") == 32
    assert set(runs.values()) == {8}


def test_the_learning_rate_is_chosen_by_the_tuning_tasks():
    """A rate of 0 learns nothing: it is chosen only where it is the only one."""
    rates = [1e-9, 0.05]
    config = UnbiasedTraining(
        estimators=["surrogate_through"],
        learning_rates=rates,
        tuning_seeds=[7, 8],
        n_updates=60,
        budget=8,
        chunk=6,
        **(SMALL | {"n_inputs": 10, "steps": 40}),
    )
    parts = compute_many(config, [0, 1])
    for part in parts:
        (loss,), (final,), (chosen,) = part["loss"], part["final"], part["chosen"]
        assert chosen == 1 and final == pytest.approx(loss[1, -1])
        assert part["tuning_loss"].shape == (1, 2, 2, 11)
        np.testing.assert_array_equal(part["evaluations"], [8 * part["update"]])
        # Nothing has been learned with the other: the test noise is the same at all times.
        np.testing.assert_allclose(loss[0], loss[0, 0], rtol=1e-3)
    # Other tasks judged with them, or not, change nothing.
    alone = compute_many(config, [1])[0]
    np.testing.assert_allclose(alone["loss"], parts[1]["loss"], rtol=1e-5)


def test_no_task_chooses_and_judges():
    with pytest.raises(UserError, match="would both choose the learning rate and judge it"):
        UnbiasedTraining(tuning_seeds=[1, 2], seeds=[0, 1]).check("panels.easy")


def test_budgets_that_hold_no_trial_and_flip_are_refused():
    names = ["surrogate", "stochastic_ad_systematic"]
    config = UnbiasedTraining(estimators=names, budget=1, seeds=[0])
    with pytest.raises(UserError, match="does not suit stochastic_ad_systematic") as caught:
        config.check("panels.easy")
    assert caught.value.fix == "panels.easy.budget=2"
    # Four times this budget is more than a trial and its 40 sites.
    config = UnbiasedTraining(budget=11, seeds=[0], **SMALL)
    with pytest.raises(UserError, match="does not suit stochastic_ad_systematic_more") as caught:
        config.check("panels.easy")
    assert caught.value.fix == "panels.easy.budget=10"


def test_a_kill_costs_no_training_that_is_complete(tmp_path, monkeypatch):
    names = ["surrogate", "surrogate_through_one"]
    few = {"learning_rates": [0.1], "tuning_seeds": [9], "n_updates": 4, "chunk": 2}
    config = UnbiasedTraining(estimators=names, **few, **SMALL)
    killed, saved, save = [True], [], loop._save

    def toy_descent(config, name, tasks):
        """Two tasks, one learning rate; each estimator starts elsewhere."""
        if name == names[1] and killed:
            raise KeyboardInterrupt
        _, _, seen = loop.train(
            lambda w, update: (0.9 * w, {"best": w}),
            jnp.full((2, 1), 1.0 + names.index(name)),
            config.n_updates,
            chunk=config.chunk,
            observe=lambda w: {"loss": w},
            watch="best",
            settings="",
        )
        return np.moveaxis(seen["loss"], 0, -1)

    monkeypatch.setattr(unbiased_training, "descend", toy_descent)
    monkeypatch.setattr(loop, "_save", lambda *arguments: saved.append(1) or save(*arguments))
    with pytest.raises(KeyboardInterrupt), checkpointed(tmp_path, ["key"]):
        compute_many(config, [0])
    assert len(saved) == 2
    killed.clear()
    with checkpointed(tmp_path, ["key"]):
        (part,) = compute_many(config, [0])
    # Of the second alone, two chunks were left.
    assert len(saved) == 4
    np.testing.assert_allclose(part["loss"][:, 0], [[1.0, 0.81, 0.6561], [2.0, 1.62, 1.3122]])
    assert not list((tmp_path / "checkpoints").iterdir())
