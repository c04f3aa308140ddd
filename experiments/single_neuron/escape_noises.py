"""Shapes of escape noise by name, each with a slope beta as the only parameter."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import snn


@dataclass(frozen=True)
class NoiseShape:
    """A shape of escape noise.

    Attributes:
        make: function from the slope beta, 1/potential, to the escape noise.
        edge: potential at which the derivative has a kink or a jump, times beta; infinite if the
            derivative is smooth.
    """

    make: Callable[[Any], snn.escape.EscapeNoise]
    edge: float = math.inf


SHAPES = {
    "sigmoid": NoiseShape(snn.escape.Sigmoid),
    "gaussian": NoiseShape(lambda beta: snn.escape.Gaussian(1 / beta)),
    "superspike": NoiseShape(snn.escape.SuperSpike, edge=0.0),
    # Probability 2/3 at threshold; clipped at one.
    "exponential": NoiseShape(
        lambda beta: snn.escape.Exponential(1 / beta, 2 / 3), edge=math.log(1.5)
    ),
}
