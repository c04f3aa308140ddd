r"""Random manifolds as spikes: a smooth random curve for each class, a spike in each channel.

The coordinate x of a sample is uniform in [0, 1]. In channel c of a class

.. math::
    f_c(x) = \sum_{k=1}^{K-1} \frac{a_{ck}}{(k + 1)^\alpha} \sin 2\pi (k\, b_{ck}\, x + \theta_{ck})

with a, b and theta uniform in [0, 1] and :math:`K = \min(10^{3/\alpha}, 1000)`. Over all samples of
the class, f is scaled to [0, 1]; this, times `DURATION`, is when the channel spikes. Every channel
spikes once, so that nothing can be learned from counts.

Reference: Zenke and Vogels, "The remarkable robustness of surrogate gradient learning for
instilling complex function in spiking neural networks", Neural Computation 33(4), 2021.
"""

from math import ceil

import numpy as np

from experiments.datasets.events import Events

N_CLASSES, N_CHANNELS = 15, 20
ALPHA = 0.5
"""Exponent by which amplitudes fall with frequency; larger values give smoother curves."""
N_FREQUENCIES = min(ceil(1e-3 ** (-1 / ALPHA)), 1000)
DURATION = 0.1
"""Seconds; half of 100 steps of 2 ms."""


def generate(n_train: int = 12_000, n_test: int = 3_000, seed: int = 0) -> tuple[Events, Events]:
    """Return training and test samples; 15 000 take about ten seconds."""
    times, labels = samples(n_train + n_test, seed)
    return _events(times[:n_train], labels[:n_train]), _events(times[n_train:], labels[n_train:])


def samples(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw samples of all classes, which take turns.

    The random numbers come from a bit generator, whose stream is the same in all versions of NumPy.

    Returns:
        Spike times, s, ``(sample, channel)``, and classes, ``(sample,)``.
    """
    bits = np.random.PCG64(seed)
    labels = np.arange(n) % N_CLASSES
    times = np.empty((n, N_CHANNELS))
    for label in range(N_CLASSES):
        own = labels == label
        parameters = _uniform(bits, (N_CHANNELS, 3, N_FREQUENCIES - 1))
        y = curve(parameters, _uniform(bits, (int(own.sum()),)))
        low, high = y.min(axis=0), y.max(axis=0)
        # A little less than 1: the latest spike, too, is before the end.
        times[own] = DURATION * (1 - 1e-6) * (y - low) / np.maximum(high - low, 1e-7)
    return times, labels


def curve(parameters: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return f, ``(sample, channel)``.

    Args:
        parameters: Amplitudes, frequencies and phases, ``(channel, 3, frequency)``.
        x: Coordinates on the curve, ``(sample,)``.
    """
    k = np.arange(1, parameters.shape[-1] + 1)
    waves = [np.sin(2 * np.pi * (x[:, None] * (k * b) + theta)) for _, b, theta in parameters]
    weights = parameters[:, 0] / (k + 1) ** ALPHA
    return np.stack([wave @ w for wave, w in zip(waves, weights, strict=True)], axis=1)


def _uniform(bits: np.random.PCG64, shape: tuple[int, ...]) -> np.ndarray:
    raw = np.asarray(bits.random_raw(int(np.prod(shape))))
    return (raw >> np.uint64(11)).reshape(shape) * 2.0**-53


def _events(times: np.ndarray, labels: np.ndarray) -> Events:
    units = np.argsort(times, axis=1, kind="stable")
    n_samples, n_channels = times.shape
    return Events(
        np.take_along_axis(times, units, axis=1).astype(np.float32).ravel(),
        units.astype(np.uint16).ravel(),
        np.arange(n_samples + 1) * n_channels,
        labels.astype(np.int32),
        tuple(f"manifold {label + 1}" for label in range(N_CLASSES)),
        n_channels,
    )
