"""Table of the surrogate derivatives of one parameter, with width, slope and peak.

Experiments, the conformance kit and translations between libraries read this table.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, NamedTuple, TypeAlias

from snn.surrogate import (
    Arctan,
    Box,
    Gaussian,
    ScaledSigmoid,
    Sigmoid,
    SuperSpike,
    SurrogateDerivative,
    Triangle,
)

Power: TypeAlias = tuple[float, float]
"""Power c p^e of a derivative's parameter p, as the pair ``(c, e)``."""


class Shape(NamedTuple):
    """Surrogate derivative with one parameter p, ``peak * f(slope * v)``, where f(0) = 1.

    Attributes:
        make: class of the derivative, whose only field is p, with a default.
        form: name of f.
        width: full width at half maximum of f.
        slope: in 1/potential, as a power of p.
        peak: in 1/potential, as a power of p.
    """

    make: type[Any]
    form: str
    width: float
    slope: Power
    peak: Power

    @property
    def parameter(self) -> tuple[str, float]:
        """Name and default of p."""
        (p,) = dataclasses.fields(self.make)
        return p.name, getattr(self.make(), p.name)

    def of_slope(self, beta: Any) -> SurrogateDerivative:
        """Make the derivative with p = beta, or with p = 1/beta if p is a width."""
        return self.make(beta if self.slope[1] > 0 else 1 / beta)

    def as_wide_as_sigmoid(self, beta: Any) -> SurrogateDerivative:
        """Make the derivative with the full width at half maximum of ``Sigmoid(beta)``."""
        factor, exponent = self.slope
        if exponent > 0:
            return self.make(beta * self.width / SIGMOID_WIDTH / factor)
        return self.make(factor * SIGMOID_WIDTH / self.width / beta)


SIGMOID_WIDTH = 4 * math.log(1 + math.sqrt(2))
"""Full width at half maximum of ``Sigmoid(1)``."""

NORMAL_WIDTH, NORMAL_PEAK = 2 * math.sqrt(2 * math.log(2)), 1 / math.sqrt(2 * math.pi)

SHAPES = {
    "SuperSpike": Shape(SuperSpike, "superspike", 2 * (math.sqrt(2) - 1), (1.0, 1.0), (1.0, 0.0)),
    "Sigmoid": Shape(Sigmoid, "sigmoid", SIGMOID_WIDTH, (1.0, 1.0), (1 / 4, 1.0)),
    "ScaledSigmoid": Shape(ScaledSigmoid, "sigmoid", SIGMOID_WIDTH, (1.0, 1.0), (1 / 4, 0.0)),
    "Arctan": Shape(Arctan, "arctan", 2.0, (math.pi / 2, 1.0), (1 / 2, 1.0)),
    "Triangle": Shape(Triangle, "triangle", 1.0, (1.0, 1.0), (1.0, 0.0)),
    "Gaussian": Shape(Gaussian, "gaussian", NORMAL_WIDTH, (1.0, -1.0), (NORMAL_PEAK, -1.0)),
    "Box": Shape(Box, "box", 2.0, (2.0, -1.0), (1.0, -1.0)),
}
"""Shapes by name: class, name of f, full width of f at half maximum, slope and peak."""
