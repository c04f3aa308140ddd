"""Changes of the reset's derivative: spikes stay, and B is what autodiff has, its size or bound."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from beyond.experiments.lif.lif_task import DT, lif_task
from beyond.experiments.lif.partial_resets import Changed, bounded
from beyond.experiments.methods import LIF
from snn.spikes import Spike

BETA, BUDGET = 40.0, 16
NEURON = snn.LIF(dt=DT)


def passed_on(reset):
    """Derivative of the next potential by this one, over the decay, by potential and spike."""
    spike = Spike(snn.sample, snn.surrogate.Sigmoid(BETA), reset)
    escape = snn.escape.Sigmoid(BETA)

    def after(u, xi):
        s = spike(escape, u - NEURON.theta, xi)
        return spike.reset(NEURON.alpha_mem * u, s) / NEURON.alpha_mem

    u = jnp.linspace(0.5, 1.5, 101)
    each = [
        jax.vmap(jax.value_and_grad(after), (0, None))(u, jnp.array(xi)) for xi in (0.0, 0.9999)
    ]
    value, slope = map(np.stack, zip(*each, strict=True))
    return value, slope


def test_the_bracket_unchanged_is_that_of_autodiff():
    """So it is known what is changed; it is negative, and longer than 1, near the threshold."""
    (value, slope), (expected, bracket) = (
        passed_on(Changed(lambda bracket: bracket, BETA)),
        passed_on(snn.through),
    )
    np.testing.assert_array_equal(value, expected)
    np.testing.assert_allclose(slope, bracket, rtol=1e-4, atol=1e-5)
    assert bracket.min() < -9 and bracket.max() > 0.9
    # With the slope of other noise it is another.
    assert np.abs(passed_on(Changed(lambda bracket: bracket, BETA / 2))[1] - bracket).max() > 4


@pytest.mark.parametrize(
    "change, expected",
    [(bounded, lambda b: b.clip(-1, 1)), (jnp.abs, np.abs)],
    ids=["length", "sign"],
)
def test_a_change_is_of_the_derivative_alone(change, expected):
    (value, slope), (before, bracket) = passed_on(Changed(change, BETA)), passed_on(snn.through)
    np.testing.assert_array_equal(value, before)
    np.testing.assert_allclose(slope, expected(bracket), rtol=1e-4, atol=1e-5)
    assert np.abs(slope - bracket).max() > 8


def flat(grad):
    return np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(grad)])


def test_the_scaled_derivative_is_the_matched_one_over_its_slope():
    """If the reset is detached, and nothing recurs, a gradient has a factor for each layer."""
    problem = lif_task(jax.random.key(3), (6, 4, 2), 20, BETA, input_rate=200.0)
    noise = snn.draw_noise(*problem, jax.random.key(1), BUDGET)
    one, other = (
        LIF[name](BUDGET, BETA)[0](*problem, noise).grad for name in ("surrogate", "scaled_sigmoid")
    )
    for power, layers in ((2, 0), (1, 1)):
        a, b = flat(one[layers]), flat(other[layers])
        np.testing.assert_allclose(a, b * BETA**power, rtol=1e-3, atol=1e-4 * np.abs(a).max())
