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
        layer: whether the group is a layer, which is in no other group but that of all parameters.
    """

    name: str
    index: np.ndarray
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
        Group(name, np.concatenate([g.index for g in part]), name not in {"all"} | parts)
        for name, part in members.items()
    ]


class Sums:
    """Means over a growing number of batches of trials, stored in `N_BATCHES` sums."""

    def __init__(self) -> None:
        self.sums: dict[int, tuple[np.ndarray | float, int]] = {}
        self.n, self.trials, self.bad = 0, 0, 0

    def add(self, mean: np.ndarray, trials: int) -> None:
        """Add the mean gradient of a batch, which has as many trials as those before."""
        total, count = self.sums.get(self.n % N_BATCHES, (0.0, 0))
        self.sums[self.n % N_BATCHES] = total + mean, count + 1
        self.n += 1
        self.trials += trials
        self.bad += not np.isfinite(mean).all()

    def means(self) -> np.ndarray:
        """Return the means of up to `N_BATCHES` larger batches, ``(batch, parameter)``."""
        # All batches count: using complete rounds over the sums alone would waste trials.
        return np.stack([total / count for total, count in self.sums.values()])
