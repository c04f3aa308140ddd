"""Numbers that summarise a result, with the accuracy of their reproduction."""

import math
from dataclasses import dataclass
from typing import Any, SupportsFloat

FIELDS = {
    "exact": ("rtol", "atol"),
    "statistical": ("se",),
    "band": ("low", "high", "why", "ci_low", "ci_high"),
}
"""Kinds of quantities, with the fields of each kind besides the value."""


@dataclass(frozen=True)
class Quantity:
    """A number that summarises a result, with the accuracy of its reproduction.

    Attributes:
        value: The number.
        kind: "exact" (the same on every machine and JAX up to rtol and atol), "statistical"
            (an estimate with a standard error) or "band" (a training result, in [low, high]).
        rtol: Relative tolerance of an exact quantity.
        atol: Absolute tolerance of an exact quantity.
        se: Standard error of a statistical quantity.
        ci_low: Lower end of the 95 % confidence interval; None without an interval.
        ci_high: Upper end of the interval.
        low: Lower end of a band.
        high: Upper end of a band.
        why: Reason for the ends of the band.
    """

    value: float
    kind: str
    rtol: float = 0.0
    atol: float = 0.0
    se: float = 0.0
    low: float = -math.inf
    high: float = math.inf
    why: str = ""
    ci_low: float | None = None
    ci_high: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the fields that this kind of quantity has."""
        fields = {name: getattr(self, name) for name in ("value", "kind", *FIELDS[self.kind])}
        return {name: value for name, value in fields.items() if value is not None}

    @property
    def is_finite(self) -> bool:
        """True if the value, the standard error and the interval, if any, are finite."""
        ends = (self.ci_low, self.ci_high)
        return all(math.isfinite(x) for x in (self.value, self.se, *ends) if x is not None)

    @property
    def has_no_error(self) -> bool:
        """True if the value is finite and the standard error or interval is not."""
        return math.isfinite(self.value) and not self.is_finite

    @property
    def error(self) -> float:
        """Standard error, error bound, or half the width of the band."""
        if self.kind == "statistical":
            return self.se
        if self.kind == "band":
            return (self.high - self.low) / 2
        return self.rtol * abs(self.value) + self.atol


def exact(value: SupportsFloat, rtol: SupportsFloat = 1e-9, atol: SupportsFloat = 0.0) -> Quantity:
    """Make a quantity that is the same on every machine, up to rounding.

    Args:
        value: The number.
        rtol: Relative tolerance of a reproduction.
        atol: Absolute tolerance of a reproduction.

    Returns:
        The quantity.
    """
    return Quantity(float(value), "exact", rtol=float(rtol), atol=float(atol))


def statistical(value: SupportsFloat, se: SupportsFloat) -> Quantity:
    """Make an estimate with its standard error.

    Args:
        value: The estimate.
        se: Its standard error.

    Returns:
        The quantity.
    """
    return Quantity(float(value), "statistical", se=float(se))


def band(
    value: SupportsFloat,
    low: float,
    high: float,
    why: str,
    interval: tuple[float, float] | None = None,
) -> Quantity:
    """Make a quantity that must lie in [low, high].

    Args:
        value: The number.
        low: Lower end of the band.
        high: Upper end of the band.
        why: Reason for the ends.
        interval: 95 % confidence interval of the number, if known.

    Returns:
        The quantity.
    """
    ends = {} if interval is None else dict(ci_low=float(interval[0]), ci_high=float(interval[1]))
    return Quantity(float(value), "band", low=float(low), high=float(high), why=why, **ends)


def at(name: str, value: str | float) -> str:
    """Return the name of a quantity at a value of its axis, as "sg_loop[5]"."""
    return f"{name}[{value}]" if isinstance(value, str) else f"{name}[{value:g}]"


def brief(quantity: Quantity) -> str:
    """Return a quantity in few digits, with interval or standard error if known."""
    low, high = quantity.ci_low, quantity.ci_high
    if low is not None and high is not None and 0 < high - low < math.inf:
        digits = max(0, 2 - math.floor(math.log10(high - low)))
        return f"{quantity.value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
    if quantity.kind == "statistical" and 0 < quantity.se < math.inf:
        digits = max(0, 1 - math.floor(math.log10(quantity.se)))
        return f"{quantity.value:.{digits}f} ± {quantity.se:.{digits}f}"
    return f"{quantity.value:.4g}"
