"""Fano factors of spike counts, against numpy on all repeats at once."""

from types import SimpleNamespace

import numpy as np

from experiments.speech.variability import N_SHOWN, WINDOW, variability

RNG = np.random.default_rng(0)


def fano(counts):
    """Mean over the neurons that fire of variance over mean, by numpy; counts (repeat, neuron)."""
    counts = counts[:, counts.sum(axis=0) > 0]
    if counts.shape[1] == 0:
        return np.nan
    return np.mean(counts.var(axis=0, ddof=1) / counts.mean(axis=0))


class Pieces:
    """Stands for batches: hands over spikes that are given, ``(time, repeat, neuron)``."""

    def __init__(self, layers, size):
        self.layers, self.size = layers, size

    def each(self, indices, key, function):
        for i in range(0, len(indices), self.size):
            piece = [spikes[:, i : i + self.size] for spikes in self.layers]
            yield piece[0].shape[1], function(piece, None, key)


def measured(layers, n_repeats, size=7):
    learner = SimpleNamespace(
        config=SimpleNamespace(spikes="stochastic"),
        n_layers=len(layers),
        activity=lambda weights, x, key, spikes: (None, x),
    )
    return variability(learner, [], Pieces(layers, size), n_repeats, None)


def test_windows_and_whole_counts():
    """As many windows as published, 339 of 349 steps: one fewer than fit."""
    n_steps, n_repeats = 25, 40
    layers = [RNG.random((n_steps, n_repeats, n)) < p for n, p in ((6, 0.1), (4, 0.4), (3, 0.02))]
    layers[0][:12, :, :] = False  # empty windows
    layers[1][:, :, 1] = False  # a silent neuron
    data = measured(layers, n_repeats)
    assert data["fano"].shape == (3, n_steps - WINDOW)
    for layer, spikes in enumerate(layers):
        windows = [fano(spikes[t : t + WINDOW].sum(axis=0)) for t in range(n_steps - WINDOW)]
        np.testing.assert_allclose(data["fano"][layer], windows, rtol=1e-6)
        np.testing.assert_allclose(data["fano_counts"][layer], fano(spikes.sum(axis=0)), rtol=1e-12)
    assert np.isnan(data["fano"][0, 0]) and np.isfinite(data["fano"][0, -1])


def test_repeats_are_those_of_one_neuron():
    layers = [RNG.random((12, 40, 5)) < p for p in (0.1, 0.3, 0.5)]
    data = measured(layers, 40)
    assert data["repeats"].shape == (3, N_SHOWN, 12)
    for layer, spikes in enumerate(layers):
        shown = spikes[:, :N_SHOWN, data["repeats_neuron"][layer]].T
        np.testing.assert_array_equal(data["repeats"][layer], shown)
        # A busy one: at most the busiest neuron of the five fires more.
        counts = spikes.sum(axis=(0, 1))
        assert np.sum(counts > counts[data["repeats_neuron"][layer]]) <= 1
