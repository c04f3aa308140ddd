"""What a table is made of: groups of parameters, and means over batches of trials."""

from typing import NamedTuple

import numpy as np

N_BATCHES = 16
"""Batches over which errors are told."""


class Group(NamedTuple):
    """Some parameters: their name, places in the flat gradient, and the numbers of their arrays."""

    name: str
    index: np.ndarray
    arrays: tuple[int, ...]


def grouped(arrays: list[Group], owners: list[str]) -> list[Group]:
    """List all arrays together, those of each owner, and every array of an owner of several."""
    found: dict[str, list[Group]] = {}
    for array, owner in zip(arrays, owners, strict=True):
        several = owner and 1 < owners.count(owner) < len(owners)
        for name in ("all", owner, array.name) if several else ("all", array.name):
            found.setdefault(name, []).append(array)
    if len(arrays) == 1:
        del found["all"]
    return [
        Group(name, np.concatenate([g.index for g in of]), sum((g.arrays for g in of), ()))
        for name, of in found.items()
    ]


class Batches(NamedTuple):
    """Means of an estimator over independent batches of trials.

    Attributes:
        means: one gradient per batch, ``(batch, parameter)``, in float64.
        size: trials in a batch.
        runs: evaluations of the program per trial.
        spreads: distance of each trial's estimate from the mean of its batch, array by array,
            ``(trial, array)``; empty if exact.
        bad: trials whose loss or gradient was not finite.
    """

    means: np.ndarray
    size: int
    runs: float
    spreads: np.ndarray = np.empty((0, 0))
    bad: int = 0

    def regrouped(self, n: int) -> "Batches":
        """Put the trials into ``n`` larger batches; a remainder is dropped."""
        per = len(self.means) // n
        if per <= 1:
            return self
        means = self.means[: n * per].reshape(n, per, -1).mean(axis=1)
        return self._replace(means=means, size=per * self.size)
