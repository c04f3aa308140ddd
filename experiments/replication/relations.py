"""Relations that a claim asserts between numbers, and whether they hold.

A statistical quantity must satisfy its relation with `MARGIN` standard errors to spare; NaN
satisfies none. A relation on a confidence interval may be undecided.
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
        measured: The numbers as text, each with its standard error, interval or error bound.
        holds: Whether the relation holds; None where the numbers leave it undecided.
    """

    measured: str
    holds: bool | None

    @property
    def verdict(self) -> str:
        """The verdict in a word."""
        return {True: "holds", False: "fails", None: "undecided"}[self.holds]


@dataclass(frozen=True)
class Relation:
    """What must hold, in words, and the predicate that decides it.

    Attributes:
        words: The relation in words.
        predicate: A function of the quantities; None means undecided.
    """

    words: str
    predicate: Callable[..., bool | None]

    def holds(self, *quantities: Quantity) -> bool | None:
        """Whether the quantities stand in this relation."""
        held = self.predicate(*quantities)
        return None if held is None else bool(held)

    def apply(self, *quantities: Quantity) -> Outcome:
        """The decision, with the numbers as text."""
        return Outcome(", ".join(map(measured, quantities)), self.holds(*quantities))

    def __str__(self) -> str:
        return self.words


def spare(*quantities: Quantity) -> float:
    """By how much a quantity must clear a limit, or two must clear each other."""
    return math.hypot(*(MARGIN * q.se for q in quantities))


def _each(words: str, predicate: Callable[[float, float], bool]) -> Relation:
    """Every quantity satisfies a predicate of its value and its `spare`."""
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


def interval_above(limit: float) -> Relation:
    """The 95 % interval lies above a limit. Undecided if the limit is inside."""
    return Relation(f"95 % interval above {limit:g}", lambda q: _side(q, limit, above=True))


def interval_below(limit: float) -> Relation:
    """The 95 % interval lies below a limit. Undecided if the limit is inside."""
    return Relation(f"95 % interval below {limit:g}", lambda q: _side(q, limit, above=False))


def _side(quantity: Quantity, limit: float, above: bool) -> bool | None:
    """Whether an interval is on the side of a limit asked for; None if the limit is inside."""
    low, high = quantity.ci_low, quantity.ci_high
    if low is None or high is None:
        return None
    if low > limit:
        return above
    return (not above) if high < limit else None


def measured(quantity: Quantity) -> str:
    """A quantity with its standard error, interval, error bound or band."""
    if quantity.kind == "band":
        ends = "" if quantity.ci_low is None else f" ({_interval(quantity)})"
        return f"{quantity.value:.6g}{ends} in [{quantity.low:g}, {quantity.high:g}]"
    if quantity.ci_low is not None:
        return f"{quantity.value:+.3f} ({_interval(quantity)})"
    if quantity.kind == "statistical":
        return f"{quantity.value:.6g} ± {quantity.error:.1e} (SE)"
    return f"{quantity.value:.8g} (error <= {quantity.error:.1e})"


def _interval(quantity: Quantity) -> str:
    """A quantity's confidence interval."""
    low, high = quantity.ci_low, quantity.ci_high
    if low is None or high is None or not math.isfinite(high - low):
        return "no interval"
    return f"95 %: {low:.3g} to {high:.3g}"
