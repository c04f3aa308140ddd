"""Random manifolds against their definition: curves of one coordinate, one spike a channel."""

import numpy as np

from experiments.datasets import open_dataset, randman, source

SMALL = (600, 3)
"""Number of samples, and the seed."""


def test_a_curve_is_the_sum_of_its_definition():
    rng = np.random.default_rng(0)
    parameters, x = rng.uniform(size=(2, 3, 4)), rng.uniform(size=5)
    expected = np.zeros((5, 2))
    for sample, channel, k in np.ndindex(5, 2, 4):
        a, b, theta = parameters[channel, :, k]
        wave = np.sin(2 * np.pi * ((k + 1) * b * x[sample] + theta))
        expected[sample, channel] += a / (k + 2) ** 0.5 * wave
    np.testing.assert_allclose(randman.curve(parameters, x), expected, atol=1e-12)


def test_each_channel_spikes_once_within_half_the_time():
    times, labels = randman.samples(*SMALL)
    assert times.shape == (600, 20)
    assert set(np.bincount(labels)) == {40}
    for label in range(15):
        own = times[labels == label]
        np.testing.assert_array_equal(own.min(axis=0), 0)
        np.testing.assert_allclose(own.max(axis=0), randman.DURATION, rtol=2e-6)
    assert times.max() < randman.DURATION


def test_the_same_settings_are_the_same_samples():
    first = randman.samples(*SMALL)[0]
    np.testing.assert_array_equal(first, randman.samples(*SMALL)[0])
    assert (first != randman.samples(600, 4)[0]).any()
    # Of NumPy's streams these are promised for all versions.
    expected = [0.6369616873, 0.2697867138, 0.0409735239]
    np.testing.assert_allclose(randman._uniform(np.random.PCG64(0), (3,)), expected, atol=1e-9)


def nearest(times, labels):
    """Share of the last 150 samples that are of the class of the nearest among the first 450."""
    distance = np.linalg.norm(times[450:, None] - times[None, :450], axis=-1)
    return np.mean(labels[distance.argmin(axis=1)] == labels[450:])


def test_a_class_is_a_curve(monkeypatch):
    """A held-out sample lies between its neighbours; with a coordinate a channel it does not."""
    monkeypatch.setattr(randman, "ALPHA", 2.0)
    monkeypatch.setattr(randman, "N_FREQUENCIES", 32)
    times, labels = randman.samples(*SMALL)
    assert nearest(times, labels) > 0.95
    rng, mixed = np.random.default_rng(0), times.copy()
    for label in range(15):
        mixed[labels == label] = rng.permuted(times[labels == label], axis=0)
    assert nearest(mixed, labels) < 0.7


def test_events_are_the_samples_that_are_drawn():
    data = open_dataset("randman", n_train=60, n_test=30)
    assert data.title == "random manifolds, 60 training samples"
    assert (len(data.train), len(data.test)) == (60, 30)
    x = data.train.binned(np.arange(60), 100, 2e-3)
    np.testing.assert_array_equal(x.sum(axis=0), 1)
    assert x[:50].sum() == x.sum() and x[49].any()
    times, labels = randman.samples(90, seed=0)
    np.testing.assert_array_equal(x.argmax(axis=0), np.floor(times[:60] * 500))
    np.testing.assert_array_equal(data.test.labels, labels[60:])
    assert (np.diff(data.train.times.reshape(60, 20)) >= 0).all()
    assert len({source("randman", seed=seed).digest() for seed in (0, 0, 1)}) == 2
