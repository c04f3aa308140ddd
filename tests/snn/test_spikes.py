"""The spike: its value, its substituted derivative, and the gradient through the reset."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn.surrogate import MultilayerSpiker

BETA = 3.0
SIGMOID = snn.surrogate.Sigmoid(BETA)
V = jnp.array([-0.7, -0.1, 0.2, 1.1])


def slope(v):
    p = 1 / (1 + np.exp(-BETA * v))
    return BETA * p * (1 - p)


def curvature(v):
    p = 1 / (1 + np.exp(-BETA * v))
    return BETA**2 * p * (1 - p) * (1 - 2 * p)


def fire(v):
    return snn.spike(v, SIGMOID)


def test_value_is_a_step():
    np.testing.assert_array_equal(fire(jnp.array([-1e-9, 0.0, 1e-9])), [0, 0, 1])
    np.testing.assert_array_equal(jax.jit(jax.vmap(fire))(V), [0, 0, 1, 1])


@pytest.mark.parametrize(
    "derivative",
    [
        jax.jit(jax.vmap(jax.grad(fire))),
        lambda v: jax.jvp(fire, (v,), (jnp.ones_like(v),))[1],
        lambda v: jax.lax.scan(lambda c, x: (c, jax.grad(fire)(x)), 0, v)[1],
        lambda v: jax.grad(lambda w: jax.lax.scan(lambda c, x: (c + fire(x), None), 0.0, w)[0])(v),
        jax.vmap(jax.grad(jax.checkpoint(fire))),
    ],
    ids=["jit", "jvp", "grad in scan", "scan in grad", "checkpoint"],
)
def test_derivative_is_the_surrogate(derivative):
    np.testing.assert_allclose(derivative(V), slope(V), rtol=1e-12)


def test_second_derivative_is_that_of_the_surrogate():
    """By two reverse passes, and by one and a forward pass."""
    first = jax.grad(fire)
    for second in (jax.grad(first), jax.jacfwd(first)):
        np.testing.assert_allclose(jax.jit(jax.vmap(second))(V), curvature(V), rtol=1e-12)


def test_second_derivative_of_a_function_of_the_spike():
    """(s^2)'' = 2 s'^2 + 2 s s'': the spike inside the first derivative has a derivative too."""
    second = jax.vmap(jax.grad(jax.grad(lambda v: fire(v) ** 2)))(V)
    expected = 2 * slope(V) ** 2 + 2 * (V > 0) * curvature(V)
    np.testing.assert_allclose(second, expected, rtol=1e-12)


def test_the_derivative_sees_the_spike_that_happened():
    s = jnp.array([1.0, 0.0, 1.0, 0.0])  # not the step function of V
    derivative = MultilayerSpiker(0.5)
    out, tangent = jax.jvp(lambda v: snn.spike(v, derivative, s=s), (V,), (jnp.ones_like(V),))
    np.testing.assert_array_equal(out, s)
    np.testing.assert_array_equal(tangent, 2 * s)


def test_any_callable_is_a_derivative():
    boxcar = lambda v, s, escape: (abs(v) < 0.5).astype(v.dtype)  # noqa: E731
    gradient = jax.vmap(jax.grad(lambda v: snn.spike(v, boxcar)))(V)
    np.testing.assert_array_equal(gradient, [0, 1, 1, 0])


def test_no_derivative_reaches_the_value_that_is_handed_in():
    gradient = jax.grad(lambda v: snn.spike(v, SIGMOID, s=v**2))(jnp.asarray(0.2))
    np.testing.assert_allclose(gradient, slope(0.2))
    weight = lambda v, s, escape: s  # noqa: E731
    second = jax.grad(jax.grad(lambda v: snn.spike(v, weight, s=v**2)))(jnp.asarray(0.2))
    assert second == 0


def test_what_cannot_occur_does_not_at_either_end_of_the_uniform_numbers():
    v, least, most = jnp.array([-1.0, 0.0, 1.0]), jnp.zeros(3), jnp.full(3, 1 - 2.0**-53)
    for xi in (least, most):
        np.testing.assert_array_equal(snn.sample(snn.escape.Step(), v, xi), [0, 0, 1])


FORWARDS = {"sample": snn.sample, "threshold": snn.threshold, "mean": snn.mean}
RESETS = {"through": snn.through, "detached": snn.detached, "ignored": snn.ignored}


@pytest.mark.parametrize("reset", RESETS)
@pytest.mark.parametrize("forward", FORWARDS)
def test_forward_and_reset_are_independent(forward, reset):
    """u (1 - s) with v = u - 1: the value is the forward's, the derivative the reset's."""
    noise, xi = snn.escape.Sigmoid(2.0), jnp.array([0.9, 0.1, 0.9, 0.1])
    spike = snn.Spike(FORWARDS[forward], SIGMOID, RESETS[reset])

    def after_reset(u):
        return spike.reset(u, spike(noise, u - 1, xi))

    u = V + 1
    s = {
        "sample": np.array([0.0, 1, 0, 1]),  # p is 0.20, 0.45, 0.60 and 0.90
        "threshold": np.array([0.0, 0, 1, 1]),
        "mean": 1 / (1 + np.exp(-2 * np.asarray(V))),
    }[forward]
    expected = {"through": 1 - s - u * slope(V), "detached": 1 - s, "ignored": np.ones(4)}[reset]
    value, gradient = jax.jvp(after_reset, (u,), (jnp.ones_like(u),))
    np.testing.assert_allclose(value, u * (1 - s), rtol=1e-12)
    np.testing.assert_allclose(gradient, expected, rtol=1e-12)
