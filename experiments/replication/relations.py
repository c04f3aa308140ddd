"""What a claim says of its numbers, and whether they do it.

A statistical quantity must hold its relation with `MARGIN` standard errors to spare. A quantity
that is not a number holds none.
"""

import math
from collections.abc import Callable
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


@dataclass(frozen=True)
class Relation:
    """What must hold, in words, and the predicate that decides it.

    Attributes:
        words: What must hold.
        predicate: Takes the quantities.
    """

    words: str
    predicate: Callable[..., bool]

    def holds(self, *quantities: Quantity) -> bool:
        """Whether the quantities stand in this relation."""
        return bool(self.predicate(*quantities))

    def apply(self, *quantities: Quantity) -> Outcome:
        """Decides, and puts the numbers into words."""
        return Outcome(", ".join(map(measured, quantities)), self.holds(*quantities))

    def __str__(self) -> str:
        return self.words


def spare(*quantities: Quantity) -> float:
    """How far a quantity must clear a limit, or two must clear each other."""
    return math.hypot(*(MARGIN * q.se for q in quantities))


def _each(words: str, predicate: Callable[[float, float], bool]) -> Relation:
    """The predicate holds for value and spare of every quantity."""
    return Relation(words, lambda *each: all(predicate(q.value, spare(q)) for q in each))


def below(limit: float) -> Relation:
    """Every quantity lies below a limit."""
    return _each(f"< {limit:g}", lambda value, spare: value + spare < limit)


def above(limit: float) -> Relation:
    """Every quantity lies above a limit."""
    return _each(f"> {limit:g}", lambda value, spare: value - spare > limit)


def abs_below(limit: float) -> Relation:
    """Every quantity is close to zero."""
    return _each(f"|.| < {limit:g}", lambda value, spare: abs(value) + spare < limit)


def abs_above(limit: float) -> Relation:
    """Every quantity is away from zero."""
    return _each(f"|.| > {limit:g}", lambda value, spare: abs(value) - spare > limit)


def within(target: float, rtol: float = 0.0, atol: float = 0.0) -> Relation:
    """Every quantity is a known value, up to tolerances and its own statistical error."""
    limit = atol + rtol * abs(target)
    parts = [(rtol, " relative"), (atol, " absolute")]
    limits = " + ".join(f"{size:g}{kind}" for size, kind in parts if size)
    words = f"= {target:.10g}" + (f" to {limits}" if limits else "")
    return _each(words, lambda value, spare: abs(value - target) <= limit + spare)


def opposite_signs() -> Relation:
    """Of two quantities, both clear of zero, one is positive and the other negative."""
    return Relation(
        "opposite signs",
        lambda a, b: all(abs(q.value) > spare(q) for q in (a, b)) and a.value * b.value < 0,
    )


def increasing() -> Relation:
    """Each quantity is above the one before; every step clears its error."""
    return Relation(
        "increasing",
        lambda *each: all(
            b.value - a.value > spare(a, b) for a, b in zip(each, each[1:], strict=False)
        ),
    )


def ratio_below(share: float) -> Relation:
    """The first of two positive quantities is smaller than a share of the second."""
    return Relation(
        f"ratio < {share:g}",
        lambda a, b: a.value + spare(a) < share * (b.value - spare(b)),
    )


def ratio_between(low: float, high: float) -> Relation:
    """The first of two positive quantities is about as large as the second."""
    return Relation(
        f"ratio {low:g} to {high:g}",
        lambda a, b: low * b.value < a.value < high * b.value,
    )


def measured(quantity: Quantity) -> str:
    """A quantity with its standard error, error bound or band."""
    if quantity.kind == "band":
        return f"{quantity.value:.6g} in [{quantity.low:g}, {quantity.high:g}]"
    if quantity.kind == "statistical":
        return f"{quantity.value:.6g} ± {quantity.error:.1e} (SE)"
    return f"{quantity.value:.8g} (error <= {quantity.error:.1e})"
