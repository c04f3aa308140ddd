"""Differences between the numbers of two runs, with a verdict on each number."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from experiments.engine.experiment import Data, Quantity
from experiments.engine.quantity import measured
from experiments.engine.run import Record
from experiments.runs.published import NONE

LEVEL = 0.05
"""Probability that the comparison of equal runs reports a difference."""
SAME, UNDECIDED, DIFFERS = "same", "undecided", "differs"
HEADER = ["quantity", "A", "B", "B - A", "z", "verdict"]


def compare_numbers(a: Record, b: Record) -> tuple[list[list[str]], list[str]]:
    """Return a row for each differing number, and notes that explain the rows."""
    every = changes(a.summary, b.summary)
    largest = largest_by_chance(every)
    rows = [change.cells(largest) for change in every if not change.same]
    notes = [f"{len(every) - len(rows)} of {len(every)} numbers are the same."]
    if n := sum(change.z is not None for change in every):
        notes.append(
            f"z: difference over the root of the sum of both squared standard errors. A number "
            f"differs if |z| > {largest:.2f}; for smaller |z| it is undecided. The largest |z| of "
            f"{n} equal numbers exceeds {largest:.2f} in {LEVEL:.0%} of comparisons."
        )
        if {part["seed"] for part in a.parts} & {part["seed"] for part in b.parts} - {None}:
            notes.append(
                "Both runs have seeds in common. Where they share random numbers, their errors are "
                "not independent, and z is a guide, not a test."
            )
    if same := identical(a.arrays, b.arrays):
        notes.append(f"Panels with the same arrays to the last bit: {', '.join(same)}.")
    return rows, notes


@dataclass(frozen=True)
class Change:
    """A number in two runs.

    Attributes:
        name: As "panel.name".
        a: The quantity in the first run; None if the run does not have it.
        b: The quantity in the second run, likewise.
    """

    name: str
    a: Quantity | None
    b: Quantity | None

    @property
    def gap(self) -> float:
        """The second value minus the first; NaN if one is missing."""
        return self.b.value - self.a.value if self.a and self.b else math.nan

    @property
    def z(self) -> float | None:
        """The gap divided by its standard error; None for equal values, or without errors."""
        if not self.a or not self.b or self.same:
            return None
        if (self.a.kind, self.b.kind) != ("statistical", "statistical"):
            return None
        se = math.hypot(self.a.se, self.b.se)
        return self.gap / se if 0 < se < math.inf else None

    @property
    def same(self) -> bool:
        """True if the values are equal, to the bit or within the error bounds of exact numbers."""
        if not self.a or not self.b:
            return False
        if self.a.value == self.b.value or math.isnan(self.a.value) and math.isnan(self.b.value):
            return True
        exact = self.a.kind == self.b.kind == "exact"
        return exact and abs(self.gap) <= max(self.a.error, self.b.error)

    def verdict(self, largest: float) -> str:
        """Write the difference in words.

        Args:
            largest: Largest ``|z|`` of an undecided difference.
        """
        if not self.a or not self.b:
            return "only in A" if self.a else "only in B"
        if self.same:
            return SAME
        if self.z is not None:
            return DIFFERS if abs(self.z) > largest else UNDECIDED
        if self.a.kind == self.b.kind == "exact":
            return DIFFERS
        ends = [
            math.nan if end is None else end
            for end in (self.a.ci_low, self.b.ci_low, self.a.ci_high, self.b.ci_high)
        ]
        if any(map(math.isnan, ends)):
            return f"{UNDECIDED}: no error known"
        return f"{DIFFERS}: intervals apart" if max(ends[:2]) > min(ends[2:]) else UNDECIDED

    def cells(self, largest: float) -> list[str]:
        """Return a row of a table: name, both numbers with errors, gap, z, verdict."""
        values = [measured(quantity) if quantity else NONE for quantity in (self.a, self.b)]
        gap = NONE if math.isnan(self.gap) else f"{self.gap:+.4g}"
        z = NONE if self.z is None else f"{self.z:+.1f}"
        return [self.name, *values, gap, z, self.verdict(largest)]


def changes(a: Mapping[str, Quantity], b: Mapping[str, Quantity]) -> list[Change]:
    """Return every number of two runs."""
    return [Change(name, a.get(name), b.get(name)) for name in {**a, **b}]


def largest_by_chance(compared: list[Change]) -> float:
    """Return the ``|z|`` that equal numbers exceed with probability `LEVEL` (Bonferroni)."""
    n = sum(change.z is not None for change in compared)
    return NormalDist().inv_cdf(1 - LEVEL / (2 * max(n, 1)))


def identical(a: Mapping[str, Data], b: Mapping[str, Data]) -> list[str]:
    """Return the panels whose arrays are the same to the last bit."""
    return [
        panel
        for panel in a
        if panel in b and a[panel].keys() == b[panel].keys()
        if all(_equal(array, b[panel][name]) for name, array in a[panel].items())
    ]


def _equal(one: np.ndarray, other: np.ndarray) -> bool:
    return (one.dtype, one.shape) == (other.dtype, other.shape) and one.tobytes() == other.tobytes()
