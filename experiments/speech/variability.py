"""Activity of a trained classifier on single utterances, and variability over repeats."""

from typing import Any

import numpy as np

from experiments.speech.batches import Batches
from experiments.speech.learner import Learner
from snn.types import Params

N_SAMPLES = 2
N_SHOWN = 30
WINDOW = 10
"""Length of the Fano factor's moving window, in steps."""

BUSY = 0.9
"""Quantile of a layer's spike counts that chooses the neuron shown."""


def activity(learner: Learner, weights: Params, test: Batches, key: Any) -> dict[str, np.ndarray]:
    """Return spikes and readout for the first test utterances of different classes.

    Returns:
        ``sample_input`` and ``sample_1`` to ``_3``, ``(sample, time, neuron)`` bool;
        ``sample_readout (sample, time, class)``; ``sample_label (sample,)``.
    """
    labels = test.events.labels
    chosen = np.sort(np.unique(labels, return_index=True)[1])[:N_SAMPLES]
    x = test.inputs(chosen)
    spikes = learner.config.spikes
    readout, layers = learner.activity(weights, x, key, spikes=spikes)
    return {
        "sample_input": np.moveaxis(x, 1, 0).astype(bool),
        "sample_readout": np.moveaxis(np.asarray(readout), 1, 0).astype(np.float16),
        "sample_label": labels[chosen],
        **{f"sample_{i}": np.moveaxis(np.asarray(s), 1, 0) for i, s in enumerate(layers, 1)},
    }


def variability(
    learner: Learner, weights: Params, test: Batches, n_repeats: int, key: Any
) -> dict[str, np.ndarray]:
    """Repeat the first test utterance, each time with new noise.

    Returns:
        ``repeats (layer, repeat, time)`` bool, spikes of one neuron per hidden layer in the first
        repeats; ``repeats_neuron``, the indices of these neurons; ``fano (layer, window)``, the
        Fano factor of spike counts in a moving window, averaged over neurons that fire in it;
        ``fano_counts (layer,)``, the Fano factor of counts of the whole utterance. Variances have
        ddof 1.
    """
    rasters: list[list[np.ndarray]] = [[] for _ in range(learner.n_layers)]
    windows = [Moments() for _ in rasters]
    totals = [Moments() for _ in rasters]

    def spikes_of(x: np.ndarray, label: np.ndarray, key: Any) -> list[tuple]:
        _, layers = learner.activity(weights, x, key, spikes=learner.config.spikes)
        # Reduced on all cores as they come: the spikes of all repeats would not fit into memory.
        return [_reduced(np.asarray(layer)) for layer in layers]

    for _, layers in test.each(np.zeros(n_repeats, int), key, spikes_of):
        for i, (raster, window, total) in enumerate(layers):
            windows[i].add(*window)
            totals[i].add(*total)
            if sum(map(len, rasters[i])) < N_SHOWN:
                rasters[i].append(np.moveaxis(raster, 1, 0))
    neurons = [_busy(total) for total in totals]
    return {
        "repeats": np.stack(
            [np.concatenate(s)[:N_SHOWN, :, n] for s, n in zip(rasters, neurons, strict=True)]
        ),
        "repeats_neuron": np.array(neurons),
        "fano": np.stack([moments.fano() for moments in windows]).astype(np.float32),
        "fano_counts": np.stack([moments.fano() for moments in totals]),
    }


class Moments:
    """Number, sum and sum of squares of counts, as integers: equal counts have variance 0."""

    def __init__(self) -> None:
        self.n, self.sum, self.squares = 0, np.zeros((), np.int64), np.zeros((), np.int64)

    def add(self, n: int, total: np.ndarray, squares: np.ndarray) -> None:
        """Add n more counts."""
        self.n, self.sum, self.squares = self.n + n, self.sum + total, self.squares + squares

    def fano(self) -> np.ndarray:
        """Return variance over mean, averaged over firing neurons (last axis); NaN without any."""
        fires = self.sum > 0
        excess = self.n * self.squares - self.sum**2
        factors = excess / (self.n - 1) / np.where(fires, self.sum, 1)
        n_firing = fires.sum(axis=-1)
        mean = np.where(fires, factors, 0).sum(axis=-1) / np.where(n_firing, n_firing, 1)
        return np.where(n_firing > 0, mean, np.nan)


def _reduced(spikes: np.ndarray) -> tuple:
    """Return spikes ``(time, repeat, neuron)``, and moments of window and total counts."""
    up_to = np.concatenate(
        [np.zeros_like(spikes[:1], np.int32), spikes.cumsum(axis=0, dtype=np.int32)]
    )
    counts = up_to[WINDOW:-1] - up_to[: -WINDOW - 1]
    return spikes, _moments(counts.swapaxes(0, 1)), _moments(up_to[-1])


def _moments(counts: np.ndarray) -> tuple[int, np.ndarray, np.ndarray]:
    counts = counts.astype(np.int64)
    return len(counts), counts.sum(axis=0), (counts**2).sum(axis=0)


def _busy(totals: Moments) -> int:
    """Return the neuron at a high quantile of spike counts."""
    return int(np.argsort(totals.sum, kind="stable")[int(BUSY * (len(totals.sum) - 1))])
