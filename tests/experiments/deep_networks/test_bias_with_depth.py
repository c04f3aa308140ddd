"""Means over random networks have the standard errors of independent networks."""

import numpy as np
import pytest
from scipy import stats

from experiments.deep_networks.bias_with_depth import BiasWithDepth


def test_errors_are_those_of_independent_networks_of_all_seeds():
    """Two seeds of two networks: with so few, a divisor of n in place of n - 1 is seen."""
    experiment = BiasWithDepth(depths=[0, 2], betas=[1.0, 4.0], n_networks=2, seeds=[0, 1])
    rng = np.random.default_rng(0)
    bias, norm, wrong = rng.uniform(0.5, 1.0, (3, 2, 2, 2, 2))
    data = {"bias": bias, "norm": norm, "wrong_sign": wrong}
    networks = np.moveaxis(wrong, 0, -1).reshape(2, 2, 4)
    mean, error = networks.mean(axis=-1), stats.sem(networks, axis=-1)
    pooled = experiment.pooled(data)
    np.testing.assert_allclose(pooled["wrong_share"], mean)
    expected = [mean - 1.96 * error, mean + 1.96 * error]
    np.testing.assert_allclose(pooled["wrong_share_interval"], expected)
    deepest = experiment.summary(data)["deepest_wrong_signs_largest_beta"]
    assert (deepest.value, deepest.se) == pytest.approx((mean[-1, -1], error[-1, -1]))
