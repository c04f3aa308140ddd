"""Boolean tasks along gradients of several losses: trainings and rates."""

import numpy as np
import pytest

from beyond.experiments.boolean.response_losses import ResponseLosses

SMALL = {"bits": 3, "ones": 2, "width": 2, "depth": 1, "n_updates": 6, "observe_every": 1}


def small(**changes):
    settings = {"n_tasks": 3, "n_tuning": 2, "rates": [0.03, 0.1, 0.3], "seeds": [0]}
    settings["methods"] = ["exact_of_expected", "exact_of_response", "broad_usual"]
    return ResponseLosses(**SMALL | settings | changes)


def test_judged_tasks_are_trained_at_rates_that_tuning_tasks_may_choose():
    config = small(function="three_literals")
    data = config.compute(0)
    judged, _ = config.tasks(0)
    is_trained = np.isfinite(data["wrong"]).all(axis=-1)
    assert (is_trained.any(axis=1)).all() and not np.isnan(data["tuning"]).any()
    for i, name in enumerate(config.methods):
        for j in np.flatnonzero(is_trained[i]):
            one = config.descend(name, config.rates[j], judged)
            np.testing.assert_allclose(data["wrong"][i, j], one.wrong[:, -1], atol=6e-4)
    pooled = config.pooled({name: values[None] for name, values in data.items()})
    assert np.isfinite(pooled["share"]).all()
    assert (data["wrong"][0][is_trained[0]] != data["wrong"][1][is_trained[1]]).any()


def test_literals_need_bits():
    with pytest.raises(ValueError, match="three literals"):
        small(function="three_literals", bits=2)
