"""Groups of parameters, and means over batches of trials."""

from typing import NamedTuple

import numpy as np

N_BATCHES = 16
"""Number of batches from which standard errors are computed."""


class Group(NamedTuple):
    """Group of parameters.

    Attributes:
        name: name of the group.
        index: indices in the flat gradient.
        arrays: numbers of the arrays.
        layer: whether the group is a layer, which is in no other group but that of all parameters.
    """

    name: str
    index: np.ndarray
    arrays: tuple[int, ...]
    layer: bool = True


def grouped(arrays: list[Group], owners: list[str]) -> list[Group]:
    """List the groups: all arrays, each owner, and each array of an owner with several.

    Args:
        arrays: one group per array.
        owners: name of the owner of each array, such as a layer; "" without an owner.
    """
    members: dict[str, list[Group]] = {}
    parts = set()
    for array, owner in zip(arrays, owners, strict=True):
        several = owner and 1 < owners.count(owner) < len(owners)
        parts |= {array.name} if several else set()
        for name in ("all", owner, array.name) if several else ("all", array.name):
            members.setdefault(name, []).append(array)
    if len(arrays) == 1:
        del members["all"]
    return [
        Group(
            name,
            np.concatenate([g.index for g in part]),
            sum((g.arrays for g in part), ()),
            layer=name not in {"all"} | parts,
        )
        for name, part in members.items()
    ]


class Batches(NamedTuple):
    """Means of an estimator over independent batches of trials.

    Attributes:
        means: one gradient per batch, ``(batch, parameter)``, in float64.
        size: trials in a batch.
        runs: forward passes per trial.
        spreads: distance of each trial's estimate from the mean of its batch, array by array,
            ``(trial, array)``; empty for exact means.
        bad: number of trials whose loss or gradient is not finite.
    """

    means: np.ndarray
    size: int
    runs: float
    spreads: np.ndarray = np.empty((0, 0))
    bad: int = 0


class Sums:
    """Running means over a growing number of batches, stored in `N_BATCHES` sums."""

    def __init__(self) -> None:
        self.sums: dict[int, tuple[np.ndarray | float, int]] = {}
        self.spreads: list[np.ndarray] = []
        self.size, self.runs, self.n, self.bad = 1, 1.0, 0, 0

    def add(self, batch: Batches) -> None:
        """Add a batch, of the same size as those before."""
        total, count = self.sums.get(self.n % N_BATCHES, (0.0, 0))
        self.sums[self.n % N_BATCHES] = total + batch.means[0], count + 1
        self.n += 1
        self.size, self.runs = batch.size, batch.runs
        self.spreads.append(batch.spreads)
        self.bad += batch.bad

    @property
    def exact(self) -> bool:
        """Return whether the sums hold a single exact mean."""
        return self.n == 1 and self.size == 1

    def batches(self) -> Batches:
        """Return up to `N_BATCHES` larger batches."""
        # All batches count: using complete rounds over the sums alone would waste trials.
        means = np.stack([total / count for total, count in self.sums.values()])
        size = int(self.size * self.n / len(means))
        return Batches(means, size, self.runs, np.concatenate(self.spreads), self.bad)
