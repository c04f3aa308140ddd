"""What a claim says of its numbers, and whether they do it.

A statistical quantity must hold its relation with `MARGIN` standard errors to spare.
"""

import math
from dataclasses import dataclass

from experiments.engine.base import Quantity

MARGIN = 3.0


@dataclass(frozen=True)
class Outcome:
    """A relation applied to numbers.

    Attributes:
        measured: The numbers as text, each with its standard error or error bound.
        holds: Whether the relation does.
    """

    measured: str
    holds: bool


class Relation:
    """Base of the relations: `holds` decides, `str` says what must hold."""

    def holds(self, *quantities: Quantity) -> bool:
        """Whether the quantities stand in this relation."""
        raise NotImplementedError

    def apply(self, *quantities: Quantity) -> Outcome:
        """Decides, and puts the numbers into words."""
        return Outcome(", ".join(map(measured, quantities)), bool(self.holds(*quantities)))


@dataclass(frozen=True)
class Below(Relation):
    """The quantity lies below a limit."""

    limit: float

    def holds(self, *quantities: Quantity) -> bool:
        """All are below."""
        return all(q.value + spare(q) < self.limit for q in quantities)

    def __str__(self) -> str:
        return f"< {self.limit:g}"


@dataclass(frozen=True)
class Above(Relation):
    """The quantity lies above a limit."""

    limit: float

    def holds(self, *quantities: Quantity) -> bool:
        """All are above."""
        return all(q.value - spare(q) > self.limit for q in quantities)

    def __str__(self) -> str:
        return f"> {self.limit:g}"


@dataclass(frozen=True)
class AbsBelow(Relation):
    """The quantity is close to zero."""

    limit: float

    def holds(self, *quantities: Quantity) -> bool:
        """All magnitudes are below."""
        return all(abs(q.value) + spare(q) < self.limit for q in quantities)

    def __str__(self) -> str:
        return f"|.| < {self.limit:g}"


@dataclass(frozen=True)
class AbsAbove(Relation):
    """The quantity is away from zero."""

    limit: float

    def holds(self, *quantities: Quantity) -> bool:
        """All magnitudes are above."""
        return all(abs(q.value) - spare(q) > self.limit for q in quantities)

    def __str__(self) -> str:
        return f"|.| > {self.limit:g}"


@dataclass(frozen=True)
class Within(Relation):
    """The quantity is a known value, up to a relative and its own statistical error."""

    value: float
    rtol: float = 0.0
    atol: float = 0.0

    def holds(self, *quantities: Quantity) -> bool:
        """All are that close."""
        limit = self.atol + self.rtol * abs(self.value)
        return all(abs(q.value - self.value) <= limit + spare(q) for q in quantities)

    def __str__(self) -> str:
        parts = [(self.rtol, " relative"), (self.atol, " absolute")]
        limits = " + ".join(f"{limit:g}{kind}" for limit, kind in parts if limit)
        return f"= {self.value:.10g}" + (f" to {limits}" if limits else "")


@dataclass(frozen=True)
class OppositeSigns(Relation):
    """One of two quantities is positive, the other negative."""

    def holds(self, *quantities: Quantity) -> bool:
        """Both are clear of zero, on different sides."""
        first, second = quantities
        clear = all(abs(q.value) > spare(q) for q in quantities)
        return clear and first.value * second.value < 0

    def __str__(self) -> str:
        return "opposite signs"


@dataclass(frozen=True)
class Increasing(Relation):
    """Each quantity is above the one before."""

    def holds(self, *quantities: Quantity) -> bool:
        """Every step up clears its error."""
        pairs = zip(quantities, quantities[1:], strict=False)
        return all(b.value - a.value > math.hypot(spare(a), spare(b)) for a, b in pairs)

    def __str__(self) -> str:
        return "increasing"


@dataclass(frozen=True)
class Equal(Relation):
    """Two quantities are the same, up to a tolerance and their statistical errors."""

    atol: float = 0.0

    def holds(self, *quantities: Quantity) -> bool:
        """Their difference is that small."""
        first, second = quantities
        limit = self.atol + math.hypot(spare(first), spare(second))
        return abs(first.value - second.value) <= limit

    def __str__(self) -> str:
        return "equal" + (f" to {self.atol:g}" if self.atol else "")


@dataclass(frozen=True)
class RatioBelow(Relation):
    """The first of two positive quantities is smaller than a share of the second."""

    limit: float

    def holds(self, *quantities: Quantity) -> bool:
        """The first clears that share of the second."""
        first, second = quantities
        return first.value + spare(first) < self.limit * (second.value - spare(second))

    def __str__(self) -> str:
        return f"ratio < {self.limit:g}"


def spare(quantity: Quantity) -> float:
    """How far a quantity must clear a limit."""
    return MARGIN * quantity.se if quantity.kind == "statistical" else 0.0


def measured(quantity: Quantity) -> str:
    """A quantity with its standard error, error bound or band."""
    if quantity.kind == "band":
        return f"{quantity.value:.6g} in [{quantity.low:g}, {quantity.high:g}]"
    if quantity.kind == "statistical":
        return f"{quantity.value:.6g} ± {quantity.error:.1e} (SE)"
    return f"{quantity.value:.8g} (error <= {quantity.error:.1e})"
