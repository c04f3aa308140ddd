"""Doublings per hidden unit, fitted to known costs."""

import numpy as np

from experiments.deep_networks.measured_cost import _doublings


def test_doublings_are_those_of_known_costs():
    hidden = np.arange(10, 15)
    noise = np.array([1.0, 1.02, 0.99, 1.01, 1.0])
    for slope in (0.0, 1.0):
        fit = _doublings(hidden, 3e-5 * 2.0 ** (slope * hidden) * noise, (-2, 2))
        assert fit.ci_low < slope < fit.ci_high and fit.ci_high - fit.ci_low < 0.1
