"""Losses against their formulas in numpy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from snn import losses
from snn.neurons import psp

RNG = np.random.default_rng(0)
SPIKES, TARGET = ((RNG.random((30, 3)) < 0.3).astype(float) for _ in range(2))


def test_linear():
    weight = RNG.normal(size=(30, 3))
    assert losses.Linear()(jnp.asarray(SPIKES)) == SPIKES.sum()
    weighted = losses.Linear(jnp.asarray(weight))(jnp.asarray(SPIKES))
    assert weighted == pytest.approx((weight * SPIKES).sum())


def test_squared_is_half_the_squared_distance():
    loss = losses.Squared(jnp.asarray(TARGET))
    assert loss(jnp.asarray(SPIKES)) == 0.5 * (SPIKES != TARGET).sum()
    gradient = jax.grad(loss)(jnp.asarray(SPIKES))
    np.testing.assert_array_equal(gradient, SPIKES - TARGET)


def kernel(t, tau_mem=10e-3, tau_syn=5e-3):
    return np.exp(-t / tau_mem) - np.exp(-t / tau_syn)


def test_psp_is_a_convolution_with_the_double_exponential():
    eps = kernel(np.arange(30) * 1e-3)
    expected = np.stack([np.convolve(train, eps)[:30] for train in SPIKES.T], axis=1)
    filtered = psp(jnp.asarray(SPIKES), 10e-3, 5e-3, 1e-3)
    np.testing.assert_allclose(filtered, expected, atol=1e-14)
    assert eps[0] == 0  # a spike has no effect at once


def test_van_rossum_is_averaged_over_outputs():
    eps = kernel(np.arange(30) * 1e-3)
    error = np.stack([np.convolve(d, eps)[:30] for d in (SPIKES - TARGET).T])
    expected = np.mean([0.5 * np.sum(e**2) for e in error])
    loss = losses.VanRossum(jnp.asarray(TARGET))
    assert loss(jnp.asarray(SPIKES)) == pytest.approx(expected)
    assert loss(jnp.asarray(TARGET)) == 0


def test_van_rossum_grows_with_the_shift_of_a_spike():
    target = jnp.zeros((60, 1)).at[10].set(1.0)
    loss = losses.VanRossum(target)
    shifted = [float(loss(jnp.roll(target, shift, axis=0))) for shift in (0, 1, 3, 10)]
    assert shifted == sorted(shifted) and shifted[0] == 0 < shifted[1]
