"""Shapes of escape noise by name, each with a steepness beta as its only parameter."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import snn


@dataclass(frozen=True)
class NoiseShape:
    """A shape of escape noise.

    Attributes:
        make: the escape noise of steepness beta, 1/potential.
        edge: where its slope has a kink or a jump, times beta; infinite where it is smooth.
    """

    make: Callable[[Any], snn.escape.EscapeNoise]
    edge: float = math.inf


SHAPES = {
    "sigmoid": NoiseShape(snn.escape.Sigmoid),
    "gaussian": NoiseShape(lambda beta: snn.escape.Gaussian(1 / beta)),
    "superspike": NoiseShape(snn.escape.SuperSpike, edge=0.0),
    # Of probability 2/3 at threshold, and clipped at one where the exponential reaches it.
    "exponential": NoiseShape(
        lambda beta: snn.escape.Exponential(1 / beta, 2 / 3), edge=math.log(1.5)
    ),
}
