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


class Sums:
    """Means over batches that come one by one, kept in `N_BATCHES` sums."""

    def __init__(self) -> None:
        self.sums: dict[int, tuple[np.ndarray | float, int]] = {}
        self.spreads: list[np.ndarray] = []
        self.size, self.runs, self.n, self.bad = 1, 1.0, 0, 0

    def add(self, batches: Batches) -> None:
        """Add batches of one size."""
        for mean in batches.means:
            total, count = self.sums.get(self.n % N_BATCHES, (0.0, 0))
            self.sums[self.n % N_BATCHES] = total + mean, count + 1
            self.n += 1
        self.size, self.runs = batches.size, batches.runs
        self.spreads.append(batches.spreads)
        self.bad += batches.bad

    @property
    def exact(self) -> bool:
        """True if all there is is one exact mean."""
        return self.n == 1 and self.size == 1

    def batches(self) -> Batches:
        """Return up to `N_BATCHES` larger batches."""
        # Whole rounds over the sums alone would waste trials: the last may lack some.
        means = np.stack([total / count for total, count in self.sums.values()])
        size = int(self.size * self.n / len(means))
        return Batches(means, size, self.runs, np.concatenate(self.spreads), self.bad)
