"""Through the reset or detached: what is trained, measured and drawn."""

import numpy as np
import pytest

from beyond.experiments.lif.resets_over_time import UPDATE, ResetsOverTime
from beyond.experiments.methods import MATCHED, THROUGH_OR_NOT
from beyond.experiments.predictions import RESETS_HIGH, RESETS_LOW
from experiments.engine.config import Project
from experiments.replication.goldens import committed_arrays

METHODS = list(THROUGH_OR_NOT)


def panel(logs, n=32, spread=0.1):
    """Tasks with these final losses; an update's cosine is higher through the reset by a fifth."""
    rng = np.random.default_rng(0)
    mean = np.array([logs.get(name, 0.0) for name in METHODS])
    logs_of_tasks = -1 + mean + spread * rng.normal(size=(n, len(METHODS)))
    relative = np.exp(logs_of_tasks)
    flat = np.repeat(relative[..., None], 8, 2)
    update = 0.5 + 0.01 * rng.normal(size=relative.shape)
    update[:, METHODS.index(MATCHED)] += 0.2
    data = {
        "methods": np.array([METHODS] * n),
        "loss": np.concatenate([np.ones((n, len(METHODS), 1)), flat], 2),
        "final": relative,
        "first_spikes": np.full((n, 2), 3.0),
        "cosine": update,
        "cosine_se": np.full_like(update, 0.01),
        "ratio": np.ones_like(update),
        "update_cosine": update,
        "rates": np.full((n, 1), 0.1),
        "tuned_on": np.zeros((n, 16)),
        "tuning": np.zeros((n, len(METHODS), 1, 16)),
        "log_loss": logs_of_tasks[..., None],
    }
    return data | ResetsOverTime().pooled(data)


def test_statements_are_decided_in_the_family_of_both_regimes():
    panels = {RESETS_HIGH: panel({"surrogate": 0.5}), RESETS_LOW: panel({})}
    drawn = ResetsOverTime().compared(RESETS_HIGH, panels)
    decided = dict(zip(drawn["statements"], drawn["decided"], strict=True))
    assert decided["matched"] and decided["scaled"] and not decided["variance"]
    matched = list(drawn["statements"]).index("matched")
    assert drawn["stated"][matched, 0] == pytest.approx(-0.5, abs=0.1)
    alone = ResetsOverTime().compared(RESETS_HIGH, {RESETS_HIGH: panels[RESETS_HIGH]})
    assert not alone["decided"].any()


def test_cosines_of_updates_are_compared_without_a_rate():
    data = panel({})
    outcomes = ResetsOverTime.outcomes(data, UPDATE)
    matched, other = map(METHODS.index, (MATCHED, "surrogate"))
    difference = outcomes.judged[matched, 0] - outcomes.judged[other, 0]
    np.testing.assert_allclose(difference, data[UPDATE][:, matched] - data[UPDATE][:, other])


def test_silent_tasks_are_left_out():
    data = panel({})
    data["first_spikes"][:2] = 0.5
    assert ResetsOverTime().pooled(data)["n_compared"] == 30
    assert ResetsOverTime.outcomes(data).judged.shape[-1] == 30


def test_methods_start_alike_and_the_first_update_is_measured():
    config = ResetsOverTime(
        n_hidden=4,
        n_outputs=3,
        n_test=8,
        budget=4,
        n_updates=2,
        chunk=1,
        rates=[0.1],
        seeds=[8000],
        tuning_seeds=[9000],
        n_trials=32,
        n_flips=8,
        methods=[MATCHED, "surrogate"],
    )
    (part,) = config.compute_many([8000])
    assert part["loss"].shape == (2, 3) and len(set(part["loss"][:, 0])) == 1
    assert part["cosine"].shape == part["update_cosine"].shape == (2,)
    # In noise as high as this, both point along the true gradient.
    assert (part["cosine"] > 0.4).all() and part["cosine"][0] != part["cosine"][1]


@pytest.mark.parametrize("panel", ["resets_high_noise", "resets_low_noise"])
def test_the_committed_statements_are_those_of_the_committed_trainings(panel):
    panels = committed_arrays(Project(), "fig9")
    made = ResetsOverTime(seeds=[0], tuning_seeds=[1]).compared(panel, panels)
    assert made["decided"].any() and not made["decided"].all()
    for name, values in made.items():
        if name == "stated":
            np.testing.assert_allclose(panels[panel][name], values, atol=1e-5)
        else:
            assert panels[panel][name].tolist() == values.tolist(), name
