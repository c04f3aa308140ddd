"""Campbell's closed form, the three effects of a birth, and their simulation."""

import numpy as np
import pytest

from beyond.experiments.spike_times.intensity import Exponential
from beyond.experiments.spike_times.two_layers import (
    TwoLayers,
    birth,
    matched,
    shrinkage,
    two_sided,
)


@pytest.mark.parametrize("v", [-0.3, 0.1, 0.2])
def test_campbell_is_the_derivative_of_the_mean(v):
    step = 1e-5
    above, below = (TwoLayers(0.4 + d, v, Exponential(8.0)).mean for d in (step, -step))
    exact = TwoLayers(0.4, v, Exponential(8.0)).derivative()
    assert exact == pytest.approx((above - below) / (2 * step), rel=1e-6)
    for wrong in (matched, two_sided):
        assert TwoLayers(0.4, v, Exponential(8.0)).derivative(wrong) != pytest.approx(
            exact, rel=0.01
        )


def test_campbell_is_the_limit_of_independent_steps():
    """A cell has a spike with its probability, and the output intensity is a product over cells."""
    network = TwoLayers(0.4, 0.2, Exponential(8.0), n=20_000)
    p = -np.expm1(-network.hidden * network.cell)
    product = np.prod(1 + p * np.expm1(network.x))
    quiet = network.noise.rate(np.array(network.bias))
    assert network.mean == pytest.approx(quiet * product, rel=1e-3)
    assert network.mean != pytest.approx(quiet * np.exp(p @ network.x), rel=1e-2)


def test_ratios_of_a_pair():
    x = np.array([-3.0, -1.0, 1e-12, 0.5, 2.0])
    assert shrinkage(x) == pytest.approx(
        np.array([3 / (1 - np.exp(-3)), 1.5819767, 1, 0.7707470, 0.3130353]), rel=1e-6
    )
    assert matched(x) / birth(x) == pytest.approx(shrinkage(x), rel=1e-9)
    # Between the effects seen from silence and from the spike.
    assert np.all(two_sided(x) >= x)
