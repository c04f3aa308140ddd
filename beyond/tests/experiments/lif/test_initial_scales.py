"""Scale of the initial weights, chosen with the rate."""

import numpy as np
import pytest

from beyond.experiments.lif.descent import before, descend, final
from beyond.experiments.lif.initial_scales import InitialScales, scaled
from beyond.experiments.methods import LIF

ARM = "surrogate_through"
SMALL = {"n_updates": 8, "chunk": 4, "n_test": 8, "steps": 40, "n_hidden": 6, "n_outputs": 3}


@pytest.fixture(scope="module")
def config():
    return InitialScales(
        seeds=[1, 2],
        tuning_seeds=[3, 4],
        arms=[ARM],
        scales=[1.0, 3.0],
        rates=[0.1, 0.3],
        budget=4,
        **SMALL,
    )


@pytest.fixture(scope="module")
def data(config):
    rows = config.compute_many([1, 2])
    return {name: np.stack([row[name] for row in rows]) for name in rows[0]}


def test_losses_are_relative_to_the_loss_at_scale_one(config, data):
    tasks = config.tasks([1, 2])
    for scale, which in ((1.0, 0), (3.0, 1)):
        one = descend(config, LIF[ARM], 0.1, scaled(tasks, scale), f"test-{scale}")
        expected = np.log(final(one.loss) / before(config, tasks).loss[:, 0])
        got = data["log_loss"][:, 0, which, 0]
        known = ~np.isnan(got)
        np.testing.assert_allclose(got[known], expected[known], rtol=1e-4)
    assert not np.isnan(data["log_loss"]).all()


def test_a_seed_alone_and_among_others_has_the_same_bits(config, data):
    (alone,) = config.compute_many([2])
    for name, values in alone.items():
        np.testing.assert_array_equal(values, data[name][1], strict=True)


def test_an_arm_at_scale_one_has_the_options_of_this_scale_alone(data):
    outcomes = InitialScales.outcomes(data)
    assert outcomes.arms == [ARM, f"{ARM}_at_one"]
    # Two scales of two rates; scale 1 is the first.
    own, one = outcomes.tuning
    np.testing.assert_array_equal(one[:2], own[:2])
    assert np.isnan(one[2:]).all() and np.isnan(outcomes.judged[1, 2:]).all()


def test_scale_one_is_needed():
    with pytest.raises(ValueError, match="expected 1 among them"):
        InitialScales(seeds=[1], tuning_seeds=[2], scales=[0.5, 2.0])
