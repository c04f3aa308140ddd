"""One spike function of a library: what its derivative is, and how it is written there."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

Power = tuple[float, float]
"""``(c, e)`` stands for c p^e, with p the function's parameter."""

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
        name: Its name in the library.
        parameter: The parameter's name there; "" if there is none.
        default: Its default there.
        shape: Name of ``f`` in `snn_tools.conformance.forms`.
        steepness: beta, 1/potential.
        peaked: The peak, at the default height.
        height: Name of a parameter that multiplies the derivative; "" if there is none.
        unit: The default height.
        call: What to write, if not name and parameter: with ``{p}`` for the parameter.
        documented: Shape, beta and peak that the documentation gives, if others.
        note: What a user should know.
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
        """Steepness at a value of the parameter."""
        return at(self.steepness, p)

    def peak(self, p: float | int | None) -> float:
        """Peak at a value of the parameter."""
        return at(self.peaked, p)

    def solve(self, beta: float, peak: float) -> float | int | None:
        """Return the parameter for a steepness, and a free peak; None if none can."""
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
        module: Where they are.
        framework: ``jax`` or ``torch``.
        at_threshold: The spike at v = 0.
        listed: The functions, or what lists them when they are asked for.
        template: A spike function, with ``{}`` where an entry goes; by default in the module.
    """

    module: str
    framework: str
    at_threshold: int
    listed: tuple[Entry, ...] | Callable[[], tuple[Entry, ...]]
    template: str = ""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The functions."""
        return self.listed() if callable(self.listed) else self.listed

    def written(self, entry: Entry, p: float | int | None, scale: float = 1.0) -> str:
        """Return the call of an entry at a value of its parameter, its derivative multiplied."""
        height = "" if scale == 1 else f", {entry.height}={entry.unit * scale:.6g}"
        value = "" if p is None or not entry.parameter else f"{p:.6g}"
        argument = f"{entry.parameter}={value}" if value else ""
        call = entry.call.replace("{p}", value) or f"{entry.name}({argument}{height})"
        return (self.template or f"{self.module}.{{}}").replace("{}", call)
