"""Spike function of a library: its derivative, and the call in the library."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

Power = tuple[float, float]
"""Pair ``(c, e)`` with the meaning c p^e, where p is the function's parameter."""

ONE: Power = (1.0, 0.0)

SCALE_FREE = ("constant", "relu", "leaky", "sign")
"""Shapes without a width."""


def at(power: Power, p: float | int | None) -> float:
    """Return the value of a power of the parameter."""
    return power[0] * (1.0 if p is None else p) ** power[1]


@dataclass(frozen=True)
class Entry:
    """A derivative ``peak * f(beta * v)``, with beta and peak powers of one parameter.

    Attributes:
        name: Name in the library.
        parameter: Name of the parameter; "" without a parameter.
        default: Default value of the parameter.
        shape: Name of ``f`` in `snn_tools.conformance.forms`.
        steepness: beta, 1/potential.
        peaked: The peak, at the default height.
        height: Name of a parameter that multiplies the derivative; "" without one.
        unit: The default height.
        call: The call, if it differs from name and parameter; ``{p}`` is the parameter.
        documented: Shape, beta and peak of the documentation, if they differ.
        note: Advice for users.
    """

    name: str
    parameter: str
    default: float | int | None
    shape: str
    steepness: Power = ONE
    peaked: Power = ONE
    height: str = ""
    unit: float = 1.0
    call: str = ""
    documented: tuple[str, Power, Power] | None = None
    note: str = ""

    def beta(self, p: float | int | None) -> float:
        """Return the slope at a value of the parameter."""
        return at(self.steepness, p)

    def peak(self, p: float | int | None) -> float:
        """Return the peak at a value of the parameter."""
        return at(self.peaked, p)

    def solve(self, beta: float, peak: float) -> float | int | None:
        """Return the parameter for a slope and, if the peak is free, for a peak; else None."""
        factor, exponent = self.steepness
        if exponent:
            return (beta / factor) ** (1 / exponent)
        if self.shape not in SCALE_FREE and not math.isclose(factor, beta, rel_tol=1e-9):
            return None
        height, power = self.peaked
        if power and peak / height > 0:
            return (peak / height) ** (1 / power)
        return 1.0 if self.default is None else self.default


class Library(NamedTuple):
    """A library of spike functions.

    Attributes:
        module: Module of the functions.
        framework: ``jax`` or ``torch``.
        at_threshold: The spike at v = 0.
        listed: The entries, or a function that returns them.
        template: Code of a spike function, with ``{}`` in place of an entry; by default the entry
            in the module.
    """

    module: str
    framework: str
    at_threshold: int
    listed: tuple[Entry, ...] | Callable[[], tuple[Entry, ...]]
    template: str = ""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Return the entries."""
        return self.listed() if callable(self.listed) else self.listed

    def written(self, entry: Entry, p: float | int | None, scale: float = 1.0) -> str:
        """Return the call of an entry, with a parameter and a factor of the derivative.

        Args:
            entry: a function of the library.
            p: the parameter; None for the default.
            scale: factor of the derivative.
        """
        height = "" if scale == 1 else f", {entry.height}={entry.unit * scale:.6g}"
        value = "" if p is None or not entry.parameter else f"{p:.6g}"
        argument = f"{entry.parameter}={value}" if value else ""
        call = entry.call.replace("{p}", value) or f"{entry.name}({argument}{height})"
        return (self.template or f"{self.module}.{{}}").replace("{}", call)
