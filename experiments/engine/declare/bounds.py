"""Ranges of parameters, and errors about values outside them."""

import dataclasses
import operator
from dataclasses import dataclass, replace
from typing import Any

from experiments.engine.errors import UserError, nearest

TINY, HUGE, MANY = 1e-15, 1e15, 100_000_000
"""Smallest and largest magnitude of a number, and the largest whole number. Beyond these limits
times, slopes, rates and counts are meaningless, and arithmetic may overflow."""
SIZES = {float: f"0, or a magnitude from {TINY:g} to {HUGE:g}", int: f"at most {MANY}"}
SIGNS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}


@dataclass(frozen=True)
class Bounds:
    """Allowed values of a parameter, or of each element of a list.

    The magnitude of a number is 0 or between `TINY` and `HUGE`. A whole number without an upper
    bound is at most `MANY`. A limit is a number, or the name of a parameter of the same experiment.

    Attributes:
        above: Exclusive lower bound.
        below: Exclusive upper bound.
        low: Inclusive lower bound.
        high: Inclusive upper bound.
        choices: The only values allowed.
        length: The number of elements of a list.
        distinct: Whether all elements of a list must differ.
        rising: Whether each element of a list must exceed the element before.
    """

    above: float | str | None = None
    below: float | str | None = None
    low: float | str | None = None
    high: float | str | None = None
    choices: tuple[Any, ...] | None = None
    length: int | None = None
    distinct: bool = False
    rising: bool = False

    @property
    def limits(self) -> dict[str, Any]:
        """The limits that are set, by their signs."""
        limits = zip(SIGNS, (self.above, self.low, self.below, self.high), strict=True)
        return {sign: limit for sign, limit in limits if limit is not None}

    def resolved(self, node: Any) -> "Bounds":
        """Return the bounds with the values of an experiment in place of parameter names."""
        limits = {name: getattr(self, name) for name in ("above", "low", "below", "high")}
        named = {name: limit for name, limit in limits.items() if isinstance(limit, str)}
        return replace(self, **{name: getattr(node, other) for name, other in named.items()})

    def allow(self, value: Any) -> bool:
        """Return whether a value is allowed; all limits must be numbers."""
        if self.choices is not None and value not in self.choices:
            return False
        return self.sensible(value) and all(
            SIGNS[sign](value, limit) for sign, limit in self.limits.items()
        )

    def sensible(self, value: Any) -> bool:
        """Return whether a number is neither too small nor too large to compute with."""
        if isinstance(value, float):
            return value == 0 or TINY <= abs(value) <= HUGE
        return not isinstance(value, int) or self.high is not None or abs(value) <= MANY

    def example(self, wrong: Any) -> Any:
        """Return an allowed value for an error message: the nearest name, or a limit."""
        if self.choices is not None:
            names = [str(choice) for choice in self.choices]
            return nearest(str(wrong), names) or names[0]
        if self.high is not None and wrong > self.high:
            return self.high
        return "..." if self.low is None else self.low

    def __str__(self) -> str:
        if self.choices is not None:
            return "one of " + ", ".join(map(str, self.choices))
        return " and ".join(f"{sign} {limit}" for sign, limit in self.limits.items())


def check_ranges(node: Any, path: str) -> None:
    """Check the fields of a config dataclass, and of nested ones, against their bounds.

    Args:
        node: The dataclass.
        path: Its place in the config, to name a parameter in full.

    Raises:
        UserError: For the first parameter that is out of range.
    """
    for item in dataclasses.fields(node):
        name, value = f"{path}.{item.name}".lstrip("."), getattr(node, item.name)
        if dataclasses.is_dataclass(value):
            check_ranges(value, name)
            continue
        stated = item.metadata.get("bounds", Bounds())
        bounds = stated.resolved(node)
        if fault := _fault(value, bounds):
            problem, got, expected, fix = fault
            origin = f", that is {stated}" if expected == str(bounds) != str(stated) else ""
            meaning = f" ({item.metadata['help']})" if "help" in item.metadata else ""
            raise UserError(f"{name} {problem}", got, expected + origin + meaning, f"{name}={fix}")


def _fault(value: Any, bounds: Bounds) -> tuple[str, object, str, object] | None:
    """Return the mistake in a value, the wrong part, what is expected, and a valid value."""
    values = value if isinstance(value, list) else [value]
    if not values:
        return "is empty", "[]", "at least one value", "[...]"
    if bounds.length not in (None, len(values)):
        got, fix = f"{len(values)} values, {value}", ",".join(["..."] * bounds.length)
        return "has the wrong length", got, f"{bounds.length} values", f"[{fix}]"
    nested = [element for element in values if isinstance(element, list | dict)]
    if nested and value is values:
        return "has the wrong type", nested[0], "single values in one list", "[...]"
    if bounds.rising and values != sorted(set(values)):
        fix = sorted(set(values))
        return "is not a rising list", value, "each value larger than the one before", _text(fix)
    if bounds.distinct and len(values) > len(set(values)):
        return "lists one twice", value, "distinct values", _text(list(dict.fromkeys(values)))
    for element in values:
        if element is not None and not bounds.allow(element):
            example = bounds.example(element)
            fix = [example] if isinstance(value, list) else example
            size = [] if bounds.sensible(element) else [SIZES[type(element)]]
            limits = [str(bounds)] if str(bounds) else []
            return "is out of range", element, "; ".join(limits + size), _text(fix)
    return None


def _text(value: Any) -> str:
    """Return a value as on the command line."""
    return f"[{','.join(map(str, value))}]" if isinstance(value, list) else str(value)
