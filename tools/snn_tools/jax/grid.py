"""Candidates beside the user's gradient: a quarter of the slope, and the other reset."""

import dataclasses
from typing import Any

from jax import Array

from snn.escape import EscapeNoise
from snn.estimators.base import AnyEstimator
from snn.estimators.expected import Expected
from snn.estimators.surrogate import Surrogate
from snn.spikes import detached, sample, through
from snn.surrogate import SurrogateDerivative
from snn.value_object import value_object
from snn_tools.jax.probe import resets
from snn_tools.jax.problem import Problem
from snn_tools.jax.truth import ENUMERABLE
from snn_tools.shared.report import YOURS

QUARTER = "slope x 0.25"


@value_object
class Steeper:
    """Derivative made narrower and higher by a factor, at the same integral.

    Attributes:
        derivative: the derivative at factor 1.
        factor: factor of the slope.
    """

    derivative: SurrogateDerivative
    factor: Any = 1.0

    def __call__(self, v: Array, s: Array, escape: EscapeNoise | None) -> Array:
        return self.factor * self.derivative(self.factor * v, s, escape)


def mean_of(problem: Problem, surrogate: Surrogate) -> tuple[AnyEstimator, bool]:
    """Return an estimator of a surrogate gradient's mean, and whether it is exact."""
    if surrogate.forward is not sample:
        return surrogate, True
    exact = problem.sites() <= ENUMERABLE
    return (Expected(surrogate, max_sites=ENUMERABLE) if exact else surrogate), exact


def candidates_of(problem: Problem, surrogate: Surrogate) -> dict[str, tuple[Surrogate, str]]:
    """Return the user's surrogate gradient and others by name, each with the name of its reset.

    The reset is "" where it is the user's. Another reset is compared only if the network resets
    its neurons through ``spike.reset``.
    """

    # Candidates of one form share compiled code.
    def form(factor: float) -> Surrogate:
        return dataclasses.replace(surrogate, derivative=Steeper(surrogate.derivative, factor))

    candidates = {YOURS: (form(1.0), ""), QUARTER: (form(0.25), "")}
    if resets(problem):
        other = detached if surrogate.reset is through else through
        name = f"reset {other.__name__}"
        candidates[name] = dataclasses.replace(form(1.0), reset=other), other.__name__
    return candidates
