"""The fixed rule that chooses samples: a hash of seed and index.

The streams of random generators change between versions of libraries; a hash does not. The same
samples validate on every installation.
"""

import hashlib
from typing import NamedTuple

import numpy as np

from experiments.engine.errors import UserError


class Split(NamedTuple):
    """Indices of samples, ascending.

    Attributes:
        train: Training samples, int64.
        validation: Validation samples, int64.
    """

    train: np.ndarray
    validation: np.ndarray


def shuffled(n_samples: int, seed: int) -> np.ndarray:
    """Return indices 0 to n - 1 in the order of sha256("seed index"), ``(n_samples,)`` int64."""
    keys = [hashlib.sha256(f"{seed} {index}".encode()).digest() for index in range(n_samples)]
    return np.array(sorted(range(n_samples), key=keys.__getitem__), dtype=np.int64)


def split(n_samples: int, seed: int = 0) -> Split:
    """Choose nine tenths of the samples, rounded down, for training, the rest for validation.

    The first ``9 * n // 10`` indices in the order of `shuffled` train.

    Raises:
        UserError: If there are not enough samples for both parts.
    """
    if n_samples < 2:
        what, fix = "too few samples to train and to validate", "ask for more training samples"
        raise UserError(what, n_samples, "at least 2", fix)
    order = shuffled(n_samples, seed)
    n_train = 9 * n_samples // 10
    return Split(np.sort(order[:n_train]), np.sort(order[n_train:]))
