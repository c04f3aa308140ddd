"""What a parameter's value may be, and the message where it is not."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from experiments.engine.errors import UserError, nearest

TINY, HUGE, MANY = 1e-15, 1e15, 100_000_000
"""Beyond these no time, slope, rate or count means anything, and arithmetic may overflow."""


@dataclass(frozen=True)
class Bounds:
    """What a parameter's value, or each element of a list, may be.

    No number is smaller than `TINY` without being 0, or larger than `HUGE`; a whole number with
    no upper bound of its own is at most `MANY`.

    Attributes:
        above: Exclusive lower bound.
        below: Exclusive upper bound.
        low: Inclusive lower bound.
        high: Inclusive upper bound.
        choices: The only values allowed.
        length: The number of elements of a list.
        distinct: Whether no element of a list may stand twice.
        rising: Whether each element of a list must be larger than the one before.
    """

    above: float | None = None
    below: float | None = None
    low: float | None = None
    high: float | None = None
    choices: tuple[Any, ...] | None = None
    length: int | None = None
    distinct: bool = False
    rising: bool = False

    def allow(self, value: Any) -> bool:
        """Whether `value` may be used."""
        if self.choices is not None and value not in self.choices:
            return False
        if isinstance(value, float) and not (value == 0 or TINY <= abs(value) <= HUGE):
            return False
        if isinstance(value, int) and self.high is None and abs(value) > MANY:
            return False
        return (
            (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
            and (self.low is None or value >= self.low)
            and (self.high is None or value <= self.high)
        )

    def __str__(self) -> str:
        if self.choices is not None:
            return "one of " + ", ".join(str(choice) for choice in self.choices)
        limits = ((">", self.above), (">=", self.low), ("<", self.below), ("<=", self.high))
        parts = [f"{sign} {limit:g}" for sign, limit in limits if limit is not None]
        magnitude = f"of a magnitude from {TINY:g} to {HUGE:g}, or 0; a whole number to {MANY:,}"
        return " and ".join(parts) or magnitude.replace(",", " ")


def check_ranges(node: Any, path: str) -> None:
    """Checks the fields of a config dataclass, and of those nested in it, against their bounds."""
    for item in dataclasses.fields(node):
        name, value = f"{path}.{item.name}".lstrip("."), getattr(node, item.name)
        if dataclasses.is_dataclass(value):
            check_ranges(value, name)
            continue
        if isinstance(value, list) and not value:
            raise UserError(f"{name} is empty", "[]", "at least one value", f"{name}=[...]")
        if item.name == "seeds" and len(set(value)) < len(value):
            raise UserError("a seed is listed twice", value, "distinct seeds", "drop the repeats")
        bounds = item.metadata.get("bounds")
        if bounds is not None and bounds.length is not None and len(value) != bounds.length:
            raise UserError(
                f"{name} has the wrong length",
                f"{len(value)} values, {value}",
                f"{bounds.length} values ({item.metadata['help']})",
                f"{name}=[{','.join(['...'] * bounds.length)}]",
            )
        if bounds is not None and (bounds.distinct or bounds.rising):
            _check_order(name, value, bounds.rising)
        for element in _elements(value):
            if bounds is not None and element is not None and not bounds.allow(element):
                raise UserError(
                    f"{name} is out of range",
                    element,
                    f"{bounds} ({item.metadata['help']})",
                    f"{name}={_example(value, bounds)}",
                )


def _check_order(name: str, values: list[Any], rising: bool) -> None:
    """Refuses a list that names a thing twice, or that does not rise where it must."""
    right = sorted(set(values)) if rising else list(dict.fromkeys(values))
    if values != right:
        raise UserError(
            f"{name} is not a rising list" if rising else f"{name} lists one twice",
            values,
            "each value larger than the one before" if rising else "distinct values",
            f"{name}=[{','.join(map(str, right))}]",
        )


def _example(value: Any, bounds: Bounds) -> str:
    """A value that would have been allowed, to show in the message."""
    if bounds.choices is not None:
        names = [str(choice) for choice in bounds.choices]
        wrong = next((item for item in _elements(value) if item not in bounds.choices), "")
        example = nearest(str(wrong), names) or names[0]
    elif bounds.low is not None or bounds.high is not None:
        example = bounds.low if bounds.low is not None else bounds.high
    elif bounds.above is not None and bounds.below is not None:
        example = (bounds.above + bounds.below) / 2
    elif bounds.above is not None:
        example = bounds.above + 1
    elif bounds.below is not None:
        example = bounds.below - 1
    else:
        example = 0
    return f"[{example}]" if isinstance(value, list) else str(example)


def _elements(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
