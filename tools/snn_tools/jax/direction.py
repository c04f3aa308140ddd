"""Compare the network's surrogate gradient, and two others, with the exact gradient."""

import dataclasses
from typing import Any

import jax
from jax import Array

from snn.escape import EscapeNoise
from snn.estimators.base import AnyEstimator
from snn.estimators.expected import Expected
from snn.estimators.surrogate import Surrogate
from snn.spikes import detached, sample, through
from snn.surrogate import SurrogateDerivative
from snn.value_object import value_object
from snn_tools.jax.probe import resets
from snn_tools.jax.problem import Problem, groups_of
from snn_tools.jax.truth import ENUMERABLE, batch_of, runs_of
from snn_tools.shared.batches import N_BATCHES, Batches, Sums
from snn_tools.shared.budget import Clock, in_turns
from snn_tools.shared.comparison import compared, precise
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


def candidates_of(problem: Problem, surrogate: Surrogate) -> dict[str, tuple[Surrogate, str]]:
    """Return the user's surrogate gradient and others by name, each with the name of its reset.

    The reset is "" if it is the user's. Another reset is compared only if the network resets
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


def mean_of(problem: Problem, surrogate: Surrogate) -> tuple[AnyEstimator, bool]:
    """Return an estimator of a surrogate gradient's mean, and whether it is exact."""
    if surrogate.forward is not sample:
        return surrogate, True
    exact = problem.sites() <= ENUMERABLE
    return (Expected(surrogate, max_sites=ENUMERABLE) if exact else surrogate), exact


def measure(
    problem: Problem,
    surrogate: Surrogate,
    truth: tuple[str, AnyEstimator],
    key: Array,
    clock: Clock,
    compiled: float,
) -> dict[str, Any]:
    """Draw trials in turns until the precision is enough or time is up.

    A turn is a batch of each candidate, and about 16 times as many forward passes for the exact
    gradient, which is noisier. The numbers depend only on the key and the number of turns.

    Args:
        problem: program and parameters.
        surrogate: the user's surrogate gradient.
        truth: description of the exact gradient, and its estimator.
        key: random key for all noise.
        clock: the budget.
        compiled: seconds to compile the gradient of single trials; if less time is left, nothing is
            begun.

    Returns:
        Values of a `Report`, by name; none if time does not suffice for eight batches of each
        gradient, unless some trial is not finite.
    """
    if clock.left() < compiled:
        return {}
    (meaning, estimator), groups = truth, groups_of(problem.params)
    candidates = candidates_of(problem, surrogate)
    exact, sums_of = Sums(), {name: Sums() for name in candidates}
    drawn = [exact, *sums_of.values()]
    estimators = {name: mean_of(problem, own) for name, (own, _) in candidates.items()}
    size, trials = batch_of(estimator, problem), max(2, min(64, problem.at_once()))

    def turn() -> None:
        nonlocal key
        key, exact_key, *keys = jax.random.split(key, 2 + len(estimators))
        for (name, (mean, is_exact)), own in zip(estimators.items(), keys, strict=True):
            if not sums_of[name].exact:
                batch = problem.batch(mean, own, 2 if is_exact else trials)
                sums_of[name].add(batch._replace(size=1) if is_exact else batch)
        for own in jax.random.split(exact_key, -(-16 * trials // (size * runs_of(estimator)))):
            if not exact.exact:
                exact.add(problem.batch(estimator, own, size))

    def enough(n: int) -> bool:
        if all(sums.exact for sums in drawn) or any(sums.bad for sums in drawn):
            return True
        return n >= N_BATCHES and n % 8 == 0 and precise(groups, exact, sums_of[YOURS])

    sufficed = in_turns(turn, enough, clock)
    bad = sum(sums.bad for sums in drawn)
    if not (sufficed or bad):
        return {}
    means = {name: sums.batches() for name, sums in sums_of.items() if sums.n > 1 or sums.exact}
    batches = exact.batches()
    comparison = compared(groups, means, batches, (meaning, _described(estimator, batches)))
    n_trials = sum(sums.n * sums.size for sums in drawn)
    others = {name: reset for name, (_, reset) in candidates.items() if name != YOURS}
    return {"comparison": comparison, "resets": others, "drawn": (n_trials, bad)}


def _described(estimator: AnyEstimator, batches: Batches) -> str:
    """Describe how the exact gradient was estimated."""
    name = type(estimator).__name__
    if len(batches.means) == 1:
        return f"{name}, without noise, {batches.runs:.0f} forward passes"
    trials, passes = len(batches.means) * batches.size, batches.runs
    return f"{name}, {trials} trials of {passes:.0f} forward pass{'es' * (passes != 1)}"
