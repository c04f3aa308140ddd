"""Grid of slopes and resets around the user's surrogate gradient."""

import dataclasses
from collections.abc import Callable
from typing import Any, NamedTuple

from jax import Array

from snn.escape import EscapeNoise
from snn.estimators.base import AnyEstimator
from snn.estimators.expected import Expected
from snn.estimators.surrogate import Surrogate
from snn.spikes import detached, ignored, sample, through
from snn.surrogate import SurrogateDerivative
from snn.value_object import value_object
from snn_tools.comparison.problem import Problem
from snn_tools.comparison.truth import ENUMERABLE
from snn_tools.doctor.probe import resets

YOURS = "yours"
"""Name of the user's surrogate gradient in tables."""

FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Slopes of the grid, relative to the user's."""


@value_object
class Steeper:
    """Derivative that is narrower and higher than another one by a factor, of equal integral.

    Attributes:
        derivative: the derivative at factor 1.
        factor: factor of the slope.
    """

    derivative: SurrogateDerivative
    factor: Any = 1.0

    def __call__(self, v: Array, s: Array, escape: EscapeNoise | None) -> Array:
        return self.factor * self.derivative(self.factor * v, s, escape)


def resets_of(problem: Problem, surrogate: Surrogate) -> tuple[Callable[..., Array], ...]:
    """List the resets to compare; only the user's if the code does not use ``spike.reset``."""
    used = (through, detached, ignored) if resets(problem) else (surrogate.reset,)
    return used if surrogate.reset in used else (surrogate.reset, *used)


def mean_of(problem: Problem, surrogate: Surrogate) -> tuple[AnyEstimator, bool]:
    """Return an estimator of a surrogate gradient's mean, and whether it is exact."""
    if surrogate.forward is not sample:
        return surrogate, True
    exact = problem.sites() <= ENUMERABLE
    return (Expected(surrogate, max_sites=ENUMERABLE) if exact else surrogate), exact


class Candidate(NamedTuple):
    """Candidate of the grid: slope over the user's slope, name of the reset, and surrogate."""

    factor: float
    reset: str
    surrogate: Surrogate


def candidates_of(
    surrogate: Surrogate, used: tuple[Callable[..., Array], ...]
) -> dict[str, Candidate]:
    """Return the candidates by name; the user's surrogate has factor 1 and its own reset."""
    candidates = {}
    for reset in used:
        for factor in FACTORS:
            steeper = Steeper(surrogate.derivative, factor)
            variant = dataclasses.replace(surrogate, derivative=steeper, reset=reset)
            name = f"slope x {factor:g}"
            if len(used) > 1:
                name = f"reset {reset.__name__}, {name}"
            own = factor == 1 and reset is surrogate.reset
            candidate = Candidate(factor, reset.__name__, variant)
            candidates[YOURS if own else name] = candidate
    return candidates
