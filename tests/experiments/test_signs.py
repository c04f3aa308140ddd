"""A sign counts only beyond rounding."""

import numpy as np
import pytest

from experiments.sigmoid_network.gradient_along_weight import GradientAlongWeight
from experiments.sigmoid_network.stochastic_sign_flip import StochasticSignFlip
from experiments.statistics import wrong_sign


def test_derivatives_of_rounding_have_no_sign():
    estimate = np.array([1e-3, -1e-3, -7e-27, -1e-14, 0.0, -1.0])
    exact = np.array([-1e-3, -1e-3, 0.0, 1e-13, 1.0, 2e-12])
    assert wrong_sign(estimate, exact).tolist() == [True, *[False] * 4, True]


@pytest.mark.parametrize(
    ("experiment", "names"),
    [
        (StochasticSignFlip(), ("expected_sg", "exact")),
        (GradientAlongWeight(), ("surrogate", "true")),
    ],
    ids=lambda given: "" if isinstance(given, tuple) else type(given).__name__,
)
def test_nothing_is_shaded_where_both_are_zero_to_rounding(experiment, names):
    rounding = {names[0]: np.array([-7e-27, 0.1, 1e-20]), names[1]: np.array([0.0, -0.1, -1e-25])}
    assert experiment.pooled(rounding)["wrong_sign"].tolist() == [False, True, False]


def test_steep_noise_has_no_wrong_signs_where_the_network_is_saturated():
    experiment = StochasticSignFlip(beta=20.0, n_points=11)
    data = experiment.compute(None)
    assert abs(data["exact"][-1]) < 1e-16 and abs(data["expected_sg"][-1]) > 0
    assert not experiment.pooled(data)["wrong_sign"][-1]
