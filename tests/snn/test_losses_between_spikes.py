"""A loss as it is on spikes, with another course between them."""

from dataclasses import replace
from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn.losses import Between, Linear, Squared, VanRossum
from snn.stats import flatten_trials
from tests.snn.problems import mlp, recurrent_lif

LAMBDAS = (-0.5, 0.0, 0.5, 1.0, 1.1)
RNG = np.random.default_rng(1)
TARGET = (RNG.random((5, 2)) < 0.4).astype(float)
DISTANCE = VanRossum(jnp.asarray(TARGET), tau_mem=4e-3, tau_syn=2e-3)
LOSSES = {
    "linear": Linear(jnp.asarray(RNG.normal(size=(5, 2)))),
    "squared": Squared(jnp.asarray(TARGET)),
    "distance": DISTANCE,
}
each_loss = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)


def spiking(loss):
    """A recurrent network of LIF neurons, and how it is trained."""
    program, params = recurrent_lif()
    return replace(program, loss=loss), params


def binary(loss):
    program, params = mlp()
    return replace(program, loss=loss), params


# Lambda is a number: once for all of them.
on_each = jax.jit(lambda loss, spikes: jax.vmap(loss)(spikes))


@jax.jit
def at(loss, output):
    """Value, curvature and Hessian."""
    return loss(output), loss.curvature(output), jax.hessian(loss)(output).reshape(10, 10)


value = jax.jit(lambda loss, output: loss(output))


def off_spikes(loss):
    """A wrong variant, whose term is not 0 on spikes."""
    return lambda output: loss(output) + 0.3 * jnp.sum(output**2)


def gradients(estimator, program, params):
    noise = snn.draw_noise(program, params, jax.random.key(3), 32)
    actual = estimator.per_trial(program, params, noise, jax.random.key(4))
    return np.asarray(flatten_trials(actual.grad)), np.asarray(actual.loss)


@each_loss
def test_on_spikes_the_values_are_those_of_the_loss(loss):
    spikes = (RNG.random((200, 5, 2)) < 0.5).astype(float)
    expected = on_each(loss, spikes)
    for lam in LAMBDAS:
        np.testing.assert_array_equal(on_each(Between(loss, lam), spikes), expected)
    assert not np.allclose(jax.jit(jax.vmap(off_spikes(loss)))(spikes), expected)


@each_loss
def test_its_derivatives_are_those_of_the_equation(loss):
    between = RNG.random((5, 2))
    plain, curvature, hessian = map(np.asarray, at(loss, between))
    np.testing.assert_allclose(curvature.ravel(), np.diag(hessian), atol=1e-14)
    for lam in LAMBDAS:
        expected = plain + (lam - 1) / 2 * np.diag(hessian) @ (between**2 - between).ravel()
        assert value(Between(loss, lam), between) == pytest.approx(float(expected), abs=1e-14)
    assert value(Between(loss), between) == plain


@pytest.mark.parametrize("name", ["squared", "distance"])
def test_at_0_it_is_the_mean_over_independent_spikes_and_at_1_it_is_not(name):
    loss, p = LOSSES[name], RNG.random((5, 2))
    states = np.array(list(product([0.0, 1.0], repeat=10))).reshape(-1, 5, 2)
    weights = np.prod(np.where(states > 0, p, 1 - p), axis=(1, 2))
    expected = weights @ np.asarray(on_each(loss, states))
    assert value(Between(loss, 0.0), p) == pytest.approx(expected, abs=1e-14)
    assert abs(value(Between(loss, 1.0), p) - expected) > 1e-3 * expected


@pytest.mark.parametrize(
    ("estimator", "problem", "loss"),
    [
        (snn.ScoreFunction(), binary, Squared(jnp.array([1.0]))),
        (snn.StochasticAD(), spiking, DISTANCE),
    ],
    ids=["score function in layers", "stochastic AD in time"],
)
def test_estimates_from_values_alone_do_not_depend_on_lambda(estimator, problem, loss):
    expected, value = gradients(estimator, *problem(loss))
    assert np.abs(expected).max() > 1e-3
    for lam in LAMBDAS:
        actual, same = gradients(estimator, *problem(Between(loss, lam)))
        np.testing.assert_allclose(actual, expected, rtol=1e-10, atol=1e-13)
        np.testing.assert_allclose(same, value, rtol=1e-12)
    wrong, _ = gradients(estimator, *problem(off_spikes(loss)))
    assert np.abs(wrong - expected).max() > 0.01 * np.abs(expected).max()


def test_surrogate_gradients_are_affine_in_lambda():
    surrogate = snn.Surrogate(reset=snn.through)
    at = {lam: gradients(surrogate, *spiking(Between(DISTANCE, lam)))[0] for lam in LAMBDAS}
    beside = at[1.0] - at[0.0]
    assert np.abs(beside).max() > 0.01 * np.abs(at[0.0]).max()
    for lam, actual in at.items():
        np.testing.assert_allclose(actual, at[0.0] + lam * beside, rtol=1e-9, atol=1e-12)


def test_lambda_may_be_traced():
    loss, s = Squared(jnp.array([1.0])), jnp.array([0.5])
    each = jax.jit(jax.vmap(lambda lam: Between(loss, lam)(s)))(jnp.array([0.0, 1.0]))
    np.testing.assert_allclose(each, [0.25, 0.125])
