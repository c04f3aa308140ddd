"""Losses against their formulas in numpy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from snn import losses

RNG = np.random.default_rng(0)
SPIKES, TARGET = ((RNG.random((30, 3)) < 0.3).astype(float) for _ in range(2))
# Operations one by one would be compiled one by one.
value = jax.jit(lambda loss, output: loss(output))
gradient_of = jax.jit(lambda loss, output: jax.grad(loss)(output))


def test_linear():
    weight = RNG.normal(size=(30, 3))
    assert value(losses.Linear(), SPIKES) == SPIKES.sum()
    weighted = value(losses.Linear(jnp.asarray(weight)), SPIKES)
    assert weighted == pytest.approx((weight * SPIKES).sum())


def test_squared_is_half_the_squared_distance():
    loss = losses.Squared(jnp.asarray(TARGET))
    assert value(loss, SPIKES) == 0.5 * (SPIKES != TARGET).sum()
    np.testing.assert_array_equal(gradient_of(loss, SPIKES), SPIKES - TARGET)


def kernel(t, tau_mem=10e-3, tau_syn=5e-3):
    return np.exp(-t / tau_mem) - np.exp(-t / tau_syn)


def test_van_rossum_is_averaged_over_outputs():
    eps = kernel(np.arange(30) * 1e-3)
    error = np.stack([np.convolve(d, eps)[:30] for d in (SPIKES - TARGET).T])
    expected = np.mean([0.5 * np.sum((0.2 * e) ** 2) for e in error])
    loss = losses.VanRossum(jnp.asarray(TARGET), amplitude=0.2)
    assert value(loss, SPIKES) == pytest.approx(expected)
    assert value(loss, TARGET) == 0


POTENTIALS, LABELS = RNG.normal(size=(12, 5, 4)), np.array([0, 3, 1, 1, 2])


def cross_entropy(scores, labels=LABELS):
    pairs = zip(scores, labels, strict=True)
    return np.mean([np.log(np.exp(row).sum()) - row[y] for row, y in pairs])


def softmax(x):
    return np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)


@pytest.mark.parametrize(
    "loss, scores, wrong",
    [
        (losses.MaxOverTime, POTENTIALS.max(axis=0), POTENTIALS.mean(axis=0)),
        (losses.SumOverTime, softmax(POTENTIALS).sum(axis=0), POTENTIALS.sum(axis=0)),
    ],
)
def test_losses_of_classifiers(loss, scores, wrong):
    own = loss(jnp.asarray(LABELS))
    np.testing.assert_allclose(jax.jit(own.scores)(POTENTIALS), scores, atol=1e-14)
    actual = value(own, POTENTIALS)
    assert actual == pytest.approx(cross_entropy(scores), rel=1e-12)
    assert abs(actual - cross_entropy(wrong)) > 0.1
    # The batch is a mean over samples, and may be absent.
    each = [value(loss(jnp.asarray(y)), POTENTIALS[:, n]) for n, y in enumerate(LABELS)]
    assert actual == pytest.approx(np.mean(each), rel=1e-12)


def test_the_gradient_of_max_over_time_flows_to_the_maxima_alone():
    gradient = gradient_of(losses.MaxOverTime(jnp.asarray(LABELS)), POTENTIALS)
    expected = np.zeros_like(POTENTIALS)
    first = POTENTIALS.argmax(axis=0)
    n, c = np.ogrid[:5, :4]
    expected[first, n, c] = (softmax(POTENTIALS.max(axis=0)) - np.eye(4)[LABELS]) / 5
    np.testing.assert_allclose(gradient, expected, atol=1e-15)
    assert np.count_nonzero(gradient) == 5 * 4


def test_extreme_potentials_give_finite_losses():
    output = np.array([[[1e4, -1e4, 0.0]]])
    for kind in (losses.MaxOverTime, losses.SumOverTime):
        loss = kind(jnp.array([1]))
        assert np.isfinite(value(loss, output)) and np.isfinite(gradient_of(loss, output)).all()


def test_too_many_spikes():
    spikes = (
        np.random.default_rng(3).random((40, 6, 3)) < np.linspace(0.05, 0.5, 6)[:, None]
    ).astype(float)
    count = spikes.sum(axis=0).mean(axis=-1)
    assert count.min() < 7 < count.max()
    expected = np.mean([max(c - 7, 0) ** 2 for c in count])
    actual, gradient = jax.jit(jax.value_and_grad(losses.too_many_spikes))(spikes, 7.0)
    assert actual == pytest.approx(expected, rel=1e-12)
    # Neither the excess of the batch's mean count, nor the mean excess of single neurons.
    neurons = np.mean(np.maximum(spikes.sum(axis=0) - 7, 0) ** 2)
    for wrong in (max(count.mean() - 7, 0) ** 2, neurons):
        assert abs(wrong - expected) > 0.05 * expected
    each = 2 * np.maximum(count - 7, 0) / (6 * 3)
    np.testing.assert_allclose(gradient, np.broadcast_to(each[:, None], (40, 6, 3)), atol=1e-15)


def test_too_few_spikes():
    spikes = (np.random.default_rng(4).random((40, 6, 3)) < 0.06).astype(float)
    count = spikes.sum(axis=0)
    assert (count == 0).any() and (count > 2).any()
    expected = np.mean(np.maximum(2 - count, 0) ** 2)
    actual, gradient = jax.jit(jax.value_and_grad(losses.too_few_spikes))(spikes, 2.0)
    assert actual == pytest.approx(expected, rel=1e-12)
    # The count of each neuron matters, not the layer's mean.
    assert np.mean(np.maximum(2 - count.mean(axis=-1), 0) ** 2) < 0.9 * expected
    each = -2 * np.maximum(2 - count, 0) / (6 * 3)
    np.testing.assert_allclose(gradient, np.broadcast_to(each, (40, 6, 3)), atol=1e-15)
