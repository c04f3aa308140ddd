"""The published rule is the gradient of its objective with the whole reset held constant."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import Array

import snn
from experiments.spike_timing.rule import Rule
from snn.neurons import psp
from snn.noise import ThreefryNoise

SIZES = (40, 30, 20)
N_STEPS = 60
NETWORK = snn.LIFNetwork(SIZES, (snn.escape.Sigmoid(10.0), snn.escape.Sigmoid(100.0)))
SURROGATE = snn.surrogate.SuperSpike(10.0)


@cache
def task():
    """Inputs, target and weights of a network in which all layers fire."""
    keys = jax.random.split(jax.random.key(1), 4)
    x = (jax.random.uniform(keys[0], (N_STEPS, SIZES[0])) < 0.1).astype(float)
    target = (jax.random.uniform(keys[1], (N_STEPS, SIZES[2])) < 0.3).astype(float)
    params = [
        {"w": scale * jax.random.normal(key, shape)}
        for key, shape, scale in zip(keys[2:], (SIZES[:2], SIZES[1:]), (0.8, 0.8), strict=True)
    ]
    distance = snn.losses.VanRossum(target, dt=0.189 / 188, amplitude=0.2)
    return x, params, distance


@cache
def gradient(reset=snn.ignored, own_kernel=False, surrogate=SURROGATE):
    """Updates by autodiff, and the trace of the trial."""
    x, params, distance = task()
    rule = Rule(NETWORK, x, distance, own_kernel)
    noise = ThreefryNoise.sample(jax.random.key(2), 1)
    estimator = snn.Surrogate(surrogate, snn.sample, reset)
    estimate, runs = estimator.with_runs(rule, params, noise)
    return [-layer["w"] for layer in estimate.grad], jax.tree.map(lambda leaf: leaf[0], runs.trace)


def own_psp(spikes: Array) -> Array:
    """The potential that spikes cause without reset: two steps later, scaled by the filter."""
    neuron = NETWORK.neuron
    gain = (1 - neuron.alpha_mem) / (neuron.alpha_mem - neuron.alpha_syn)
    filtered = gain * psp(spikes, neuron.tau_mem, neuron.tau_syn, neuron.dt)
    return jnp.concatenate([jnp.zeros_like(filtered[:1]), filtered[:-1]])


def closed_form(trace, correlate):
    """The rule as it is written: matrix products of filtered spikes and errors."""
    x, params, distance = task()
    error = (distance.target - trace[1].s) / 0.013
    credit = correlate(error) @ params[1]["w"].T
    slope = SURROGATE(trace[0].v, trace[0].s, None)
    return own_psp(x).T @ (slope * credit), own_psp(trace[0].s).T @ error


def own_correlation(signal):
    return own_psp(signal[::-1])[::-1]


def relative(a, b):
    return float(jnp.linalg.norm(a - b) / jnp.linalg.norm(b))


def test_the_rule_with_its_own_kernel_is_the_closed_form():
    updates, trace = gradient()
    assert all(0 < layer.s.mean() < 0.5 for layer in trace)
    for update, expected in zip(updates, closed_form(trace, task()[2].correlated), strict=True):
        assert relative(update, expected) < 1e-12


def test_plain_differentiation_gives_the_neurons_own_kernel():
    updates, trace = gradient(own_kernel=True)
    for update, expected in zip(updates, closed_form(trace, own_correlation), strict=True):
        assert relative(update, expected) < 1e-12


def test_the_two_kernels_differ_by_a_factor_and_little_else():
    published, own = gradient()[0][0], gradient(own_kernel=True)[0][0]
    assert float(snn.stats.cosine(published, own)) > 0.998
    assert float(jnp.linalg.norm(published) / jnp.linalg.norm(own)) == pytest.approx(
        0.181, rel=0.05
    )


def test_the_detached_reset_is_not_the_rule():
    """The wrong variant: a reset that erases the past of the potential points elsewhere."""
    ignored, detached = gradient()[0], gradient(reset=snn.detached)[0]
    cosines = [float(snn.stats.cosine(a, b)) for a, b in zip(ignored, detached, strict=True)]
    assert max(cosines) < 0.995


def test_without_a_surrogate_a_network_is_its_control():
    """Hidden weights stay as if frozen, and the readout learns as before."""
    right, without = gradient()[0], gradient(surrogate=snn.surrogate.Zero())[0]
    assert jnp.all(without[0] == 0) and jnp.any(right[0] != 0)
    np.testing.assert_allclose(without[1], right[1], rtol=1e-12, atol=1e-14)


def test_the_correlation_is_the_transpose_of_the_filter():
    distance, key = task()[2], jax.random.key(3)
    a, b = jax.random.normal(key, (2, N_STEPS, SIZES[2]))
    np.testing.assert_allclose(
        jnp.sum(distance.filtered(a) * b), jnp.sum(a * distance.correlated(b)), rtol=1e-12
    )
