"""Which row of the committed arrays a row of drawn values is."""

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from figures.panels import Data

LARGEST = 100_000
"""Numbers of an array; what is larger, rasters and weights, no curve shows."""
SHORTEST = 3
"""Values that decide which row they are; fewer are equal by chance."""
EQUAL = 1e-6
"""Values that differ by a smaller share are the same."""
FACTORS = {"": 1.0, "1000 × ": 1e3, "100 × ": 100.0, "180/π × ": 180 / np.pi}


class Sources:
    """Rows of a figure's arrays along any axis, and of their means over seeds, by length."""

    def __init__(self, data: Data) -> None:
        self._arrays = {
            f"{panel}/{name}": array.astype(float)
            for panel, named in data.items()
            for name, array in named.items()
            if array.dtype.kind in "iuf" and array.ndim and array.size <= LARGEST
        }

    def of(self, values: np.ndarray) -> str:
        """Return where these values are first, as "1000 × lif/time[0]", or nothing."""
        return next((factor + name for factor, name in self.all_of(values)), "")

    def all_of(self, values: np.ndarray) -> Iterator[tuple[str, str]]:
        """Give the factor and the name of every row that has these values, times the factor."""
        known = values[np.isfinite(values)]
        if values.size not in self._rows or not known.size or np.ptp(known) == 0:
            return
        names, rows = self._rows[values.size]
        largest = np.nanargmax(np.abs(values))
        for factor, size in FACTORS.items():
            sought = values / size
            near = np.flatnonzero(np.isclose(rows[:, largest], sought[largest], EQUAL, 0))
            equal = np.isclose(rows[near], sought, EQUAL, 1e-12, equal_nan=True)
            yield from ((factor, names[i]) for i in near[equal.all(axis=1)])

    @cached_property
    def _rows(self) -> dict[int, tuple[list[str], np.ndarray]]:
        """Names and rows, ``(row, value)``, by the number of values in a row; plain ones first."""
        found: dict[int, tuple[list[str], list[np.ndarray]]] = {}
        for words, pool in {"": np.asarray, "mean ": np.mean, "median ": np.median}.items():
            for name, array in self._arrays.items():
                if words and (array.ndim == 1 or len(array) == 1):
                    continue
                values = pool(array, axis=0) if words else array
                for axis, n in enumerate(values.shape):
                    if n >= SHORTEST:
                        names, rows = found.setdefault(n, ([], []))
                        names += [f"{words}{name}{at}" for at in _places(values.shape, axis)]
                        rows.append(np.moveaxis(values, axis, -1).reshape(-1, n))
        return {n: (names, np.concatenate(rows)) for n, (names, rows) in found.items()}


def _places(shape: tuple[int, ...], axis: int) -> Iterator[str]:
    """Give the indices of rows along an axis, as "[0,:]"."""
    for at in np.ndindex(*shape[:axis], *shape[axis + 1 :]):
        yield f"[{','.join([*map(str, at[:axis]), ':', *map(str, at[axis:])])}]"
