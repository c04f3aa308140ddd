"""The grid of slopes and resets around the user's surrogate gradient."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from jax import Array

from snn.escape import EscapeNoise
from snn.estimators.surrogate import Surrogate
from snn.spikes import detached, ignored, through
from snn.surrogate import SurrogateDerivative
from snn.value_object import value_object
from snn_tools.comparison.problem import Problem
from snn_tools.doctor.probe import resets

FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Slopes of the grid, relative to the user's."""


@value_object
class Steeper:
    """Another derivative, narrower by a factor and higher by the same: of equal integral.

    Attributes:
        derivative: the derivative at factor 1.
        factor: of its slope.
    """

    derivative: SurrogateDerivative
    factor: Any = 1.0

    def __call__(self, v: Array, s: Array, escape: EscapeNoise | None) -> Array:
        return self.factor * self.derivative(self.factor * v, s, escape)


def resets_of(problem: Problem, surrogate: Surrogate) -> tuple[Callable[..., Array], ...]:
    """List the resets that can be compared: the user's own alone where the code has none."""
    used = (through, detached, ignored) if resets(problem) else (surrogate.reset,)
    return used if surrogate.reset in used else (surrogate.reset, *used)


def candidates_of(
    surrogate: Surrogate, used: tuple[Callable[..., Array], ...]
) -> dict[tuple[float, str], Surrogate]:
    """Make the grid; the user's own surrogate is at factor 1 and its own reset."""
    return {
        (factor, reset.__name__): dataclasses.replace(
            surrogate, derivative=Steeper(surrogate.derivative, factor), reset=reset
        )
        for reset in used
        for factor in FACTORS
    }


def name_of(cell: tuple[float, str], n_cells: int) -> str:
    """Name a candidate among so many."""
    factor, reset = cell
    slope = f"slope x {factor:g}"
    return slope if n_cells == len(FACTORS) else f"reset {reset}, {slope}"
