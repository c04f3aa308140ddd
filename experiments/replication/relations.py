"""Relations that a claim asserts between numbers, and whether they hold.

A number counts with its `interval`. The relation holds if it holds in the whole interval, fails if
it holds nowhere in the interval, and is undecided otherwise. A relation fails for a number that is
not finite, or whose error is not finite. Numbers of a band without an interval have no error: a
claim on such numbers has the kind "check".
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from experiments.engine.experiment import Quantity

MARGIN = 3.0


@dataclass(frozen=True)
class Outcome:
    """A claim's numbers and whether its relation holds.

    Attributes:
        measured: The numbers as text, each with its interval or standard error if known.
        holds: Whether the relation holds; None if the numbers leave it undecided.
    """

    measured: str
    holds: bool | None

    @property
    def verdict(self) -> str:
        """The verdict in a word."""
        return {True: "holds", False: "fails", None: "undecided"}[self.holds]


@dataclass(frozen=True)
class Relation:
    """Relation between numbers: words, and the predicate that decides.

    Attributes:
        words: The relation in words.
        predicate: A function of the quantities; None means undecided.
    """

    words: str
    predicate: Callable[..., bool | None]

    def holds(self, *quantities: Quantity) -> bool | None:
        """Return whether the quantities satisfy this relation; None if undecided."""
        if not all(quantity.is_finite for quantity in quantities):
            return False
        held = self.predicate(*quantities)
        return None if held is None else bool(held)

    def __str__(self) -> str:
        return self.words


def interval(quantity: Quantity) -> tuple[float, float]:
    """Return the 95 % interval, else the value plus or minus `MARGIN` standard errors.

    An exact quantity has no standard error, but a tolerance, which counts once.
    """
    if quantity.ci_low is not None and quantity.ci_high is not None:
        return quantity.ci_low, quantity.ci_high
    if quantity.kind == "exact":
        return quantity.value - quantity.error, quantity.value + quantity.error
    return quantity.value - MARGIN * quantity.se, quantity.value + MARGIN * quantity.se


def _each(
    words: str, holds: Callable[[float, float], bool], fails: Callable[[float, float], bool]
) -> Relation:
    """Make a relation that every quantity must satisfy, from predicates of interval ends."""

    def decide(quantity: Quantity) -> bool | None:
        ends = interval(quantity)
        return True if holds(*ends) else False if fails(*ends) else None

    return Relation(words, lambda *each: _all(map(decide, each)))


def _all(verdicts: Iterable[bool | None]) -> bool | None:
    """Return False if any is False, else None if any is None, else True."""
    distinct = set(verdicts)
    return False if False in distinct else None if None in distinct else True


def below(limit: float) -> Relation:
    """Require that every quantity lies below a limit."""
    return _each(f"< {limit:g}", lambda _, high: high < limit, lambda low, _: low >= limit)


def above(limit: float) -> Relation:
    """Require that every quantity lies above a limit."""
    return _each(f"> {limit:g}", lambda low, _: low > limit, lambda _, high: high <= limit)


def abs_below(limit: float) -> Relation:
    """Require that the absolute value of every quantity lies below a limit."""
    return _each(
        f"|.| < {limit:g}",
        lambda low, high: -limit < low and high < limit,
        lambda low, high: high <= -limit or limit <= low,
    )


def abs_above(limit: float) -> Relation:
    """Require that the absolute value of every quantity lies above a limit."""
    return _each(
        f"|.| > {limit:g}",
        lambda low, high: high < -limit or limit < low,
        lambda low, high: -limit <= low and high <= limit,
    )


def within(target: float, rtol: float = 0.0, atol: float = 0.0) -> Relation:
    """Require that every quantity is equivalent to a value: the whole interval is in the margin.

    Args:
        target: The value.
        rtol: The margin, relative to the value; 0 for a number without error.
        atol: The margin, absolute. Both margins add up.
    """
    margin = atol + rtol * abs(target)
    parts = [(rtol, " relative"), (atol, " absolute")]
    margins = " + ".join(f"{size:g}{kind}" for size, kind in parts if size)
    return _each(
        f"= {target:.10g}" + (f" to {margins}" if margins else ""),
        lambda low, high: target - margin <= low and high <= target + margin,
        lambda low, high: high < target - margin or target + margin < low,
    )


def opposite_signs() -> Relation:
    """Require that two quantities have opposite signs."""

    def decide(a: Quantity, b: Quantity) -> bool | None:
        signs = above(0.0).holds(a), above(0.0).holds(b)
        return None if None in signs else signs[0] != signs[1] and a.value * b.value < 0

    return Relation("opposite signs", decide)


def increasing() -> Relation:
    """Require that quantities increase; errors of neighbours count as independent."""

    def step(a: Quantity, b: Quantity) -> bool | None:
        rise, spare = b.value - a.value, MARGIN * math.hypot(a.se, b.se)
        return True if rise > spare else None if rise > -spare else False

    return Relation("increasing", lambda *each: _all(map(step, each, each[1:])))


def ratio_below(share: float) -> Relation:
    """Require that the first of two positive quantities is smaller than a share of the second."""

    def decide(a: Quantity, b: Quantity) -> bool | None:
        (low, high), (least, most) = interval(a), interval(b)
        return True if high < share * least else False if low >= share * most else None

    return Relation(f"ratio < {share:g}", decide)


def interval_above(limit: float) -> Relation:
    """Require that the 95 % interval lies above a limit; undecided without an interval."""
    return Relation(f"95 % interval above {limit:g}", _of_interval(above(limit)))


def interval_below(limit: float) -> Relation:
    """Require that the 95 % interval lies below a limit; undecided without an interval."""
    return Relation(f"95 % interval below {limit:g}", _of_interval(below(limit)))


def _of_interval(relation: Relation) -> Callable[[Quantity], bool | None]:
    return lambda quantity: None if quantity.ci_low is None else relation.holds(quantity)
