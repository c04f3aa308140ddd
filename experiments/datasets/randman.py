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

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from math import ceil
from pathlib import Path

import numpy as np

from experiments.engine.cache import code_hash, new_file

N_CLASSES, N_CHANNELS = 15, 20
ALPHA = 0.5
"""Exponent by which amplitudes fall with frequency; larger values give smoother curves."""
N_FREQUENCIES = min(ceil(1e-3 ** (-1 / ALPHA)), 1000)
DURATION = 0.1
"""Seconds; half of 100 steps of 2 ms."""
NAMES = "randman_train.h5", "randman_test.h5"


@dataclass(frozen=True)
class RandmanSettings:
    """Numbers of samples, and the seed for curves and samples."""

    n_train: int = 12_000
    n_test: int = 3_000
    seed: int = 0

    @property
    def n_samples(self) -> tuple[int, int]:
        """Numbers of training and test samples."""
        return self.n_train, self.n_test

    @cached_property
    def digest(self) -> str:
        """Hash of the settings and of this module's code."""
        text = json.dumps(asdict(self)) + code_hash(Path(__file__))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def generate(settings: RandmanSettings, home: Path) -> tuple[Path, Path]:
    """Return the files of training and test set; generate them if they do not exist yet.

    Args:
        settings: Numbers of samples, and the seed.
        home: Folder of all such sets; each set has a folder in it, named by its digest.
    """
    train, test = (home / settings.digest / name for name in NAMES)
    # Each file appears whole: `_write` renames it from a temporary name.
    if not (train.is_file() and test.is_file()):
        times, labels = samples(settings)
        n = settings.n_train
        _write(train, times[:n], labels[:n])
        _write(test, times[n:], labels[n:])
    return train, test


def samples(settings: RandmanSettings) -> tuple[np.ndarray, np.ndarray]:
    """Draw samples of all classes, which take turns.

    The random numbers come from a bit generator, whose stream is the same in all versions of NumPy.

    Returns:
        Spike times, s, ``(sample, channel)``, and classes, ``(sample,)``.
    """
    bits = np.random.PCG64(settings.seed)
    n = settings.n_train + settings.n_test
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


def _write(path: Path, times: np.ndarray, labels: np.ndarray) -> None:
    import h5py

    units = np.argsort(times, axis=1, kind="stable")
    ascending = np.take_along_axis(times, units, axis=1).astype(np.float32)
    with new_file(path) as temporary, h5py.File(temporary, "w", track_order=False) as file:
        for name, rows in (("times", ascending), ("units", units.astype(np.uint16))):
            entry = file.create_dataset(f"spikes/{name}", len(rows), h5py.vlen_dtype(rows.dtype))
            for i, row in enumerate(rows):
                entry[i] = row
        file["labels"] = labels.astype(np.uint16)
        file["extra/speaker"] = np.zeros(len(labels), np.uint16)
        file["extra/keys"] = [f"manifold {label + 1}".encode() for label in range(N_CLASSES)]
