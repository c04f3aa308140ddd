"""Couplings: weights of mean one, computed without the division that they are defined by."""

import jax.numpy as jnp
import numpy as np
import pytest

from snn import escape
from snn.coupling import Left, Right, StraightThrough, TwoSided

COUPLINGS = [Right(), Left(), TwoSided(), StraightThrough()]
NOISES = [
    escape.Sigmoid(3.0),
    escape.SuperSpike(3.0),
    escape.Exponential(0.4),
    escape.Gaussian(0.5),
]
V = jnp.linspace(-1.3, 0.15, 30)  # below the clip of the exponential

each_coupling = pytest.mark.parametrize("coupling", COUPLINGS, ids=repr)
each_noise = pytest.mark.parametrize("noise", NOISES, ids=lambda noise: type(noise).__name__)


def definition(coupling, p, s):
    """The weight c, with its division."""
    right, left = (1 - s) / (1 - p), s / p
    return {
        Right: right,
        Left: left,
        TwoSided: (right + left) / 2,
        StraightThrough: (1 - p) * right + p * left,
    }[type(coupling)]


@each_noise
@each_coupling
@pytest.mark.parametrize("s", [0.0, 1.0])
def test_weight_times_slope(coupling, noise, s):
    s = jnp.full_like(V, s)
    expected = definition(coupling, noise.prob(V), s) * noise.slope(V)
    np.testing.assert_allclose(coupling.weighted_slope(V, s, noise), expected, rtol=1e-9)


@each_coupling
def test_steep_neurons_in_float32(coupling):
    """Where p is 0 or 1 in float32, the division would give 0/0."""
    v = jnp.asarray([-1e3, -0.1, 0.1, 1e3], jnp.float32)
    s = (v > 0).astype(jnp.float32)
    noise = escape.Sigmoid(jnp.float32(1e4))
    assert np.isnan(definition(coupling, noise.prob(v), s) * noise.slope(v)).any()
    np.testing.assert_allclose(coupling.weighted_slope(v, s, noise), 0, atol=1e-30)
