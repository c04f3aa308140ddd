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
from snn.stats.batch_means import KNOWN_SE
from snn.surrogate import SurrogateDerivative
from snn.value_object import value_object
from snn_tools.jax.probe import resets
from snn_tools.jax.problem import Problem, groups_of
from snn_tools.jax.truth import ENUMERABLE, batch_of, runs_of
from snn_tools.shared.batches import FEWEST, GRACE, N_BATCHES, Batches, Sums
from snn_tools.shared.budget import Clock
from snn_tools.shared.comparison import compared
from snn_tools.shared.report import YOURS

EXACT_PRECISE = 0.03
"""Noise of the exact gradient over its norm; below, no more trials are drawn."""

COSINE_PRECISE = 0.01

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

    Args:
        problem: program and parameters.
        surrogate: the user's surrogate gradient.
        truth: description of the exact gradient, and its estimator.
        key: random key for all noise.
        clock: the budget.
        compiled: seconds to compile the gradient of single trials; if less time is left, nothing is
            begun.

    Returns:
        Values of a `Report`, by name. None if time does not suffice for eight batches of each
        gradient, unless some trial is not finite.
    """
    if clock.left() < compiled:
        return {}
    meaning, estimator = truth
    candidates = candidates_of(problem, surrogate)
    exact, sums_of = Sums(), {name: Sums() for name in candidates}
    estimators = {name: mean_of(problem, own) for name, (own, _) in candidates.items()}
    enough = _take(problem, (estimator, exact), (estimators, sums_of), key, clock)
    drawn = [exact, *sums_of.values()]
    bad = sum(sums.bad for sums in drawn)
    if not (enough or bad):
        return {}
    means = {name: sums.batches() for name, sums in sums_of.items() if sums.n > 1 or sums.exact}
    batches = exact.batches()
    words = meaning, _described(estimator, batches)
    comparison = compared(groups_of(problem.params), means, batches, words)
    trials = sum(sums.n * sums.size for sums in drawn)
    others = {name: reset for name, (_, reset) in candidates.items() if name != YOURS}
    return {"comparison": comparison, "resets": others, "drawn": (trials, bad)}


def _take(
    problem: Problem,
    truth: tuple[AnyEstimator, Sums],
    candidates: tuple[dict[str, tuple[AnyEstimator, bool]], dict[str, Sums]],
    key: Array,
    clock: Clock,
) -> bool:
    """Fill the sums in turns; return whether time sufficed for `FEWEST` turns.

    A turn is a batch of each candidate, and about 16 times as many forward passes for the exact
    gradient, which is noisier. The numbers depend only on the key and the number of turns.
    """
    estimator, exact = truth
    estimators, sums_of = candidates
    size, turn = batch_of(estimator, problem), 0
    trials = max(2, min(64, problem.at_once()))
    begun = clock.elapsed()
    while turn < FEWEST or clock.left() > 0:
        # The first turn compiles.
        last, begun = clock.elapsed() - begun, clock.elapsed()
        if 1 < turn < FEWEST and last * (FEWEST - turn) > clock.left() + GRACE:
            return False
        key, exact_key, *keys = jax.random.split(key, 2 + len(estimators))
        for (name, (mean, is_exact)), own in zip(estimators.items(), keys, strict=True):
            if not sums_of[name].exact:
                batches = problem.batches(mean, [own], 2 if is_exact else trials)
                sums_of[name].add(batches._replace(size=1) if is_exact else batches)
        n_batches = -(-16 * trials // (size * runs_of(estimator)))
        for own in jax.random.split(exact_key, n_batches):
            if not exact.exact:
                exact.add(problem.batches(estimator, [own], size))
        turn += 1
        bad = turn >= FEWEST and any(sums.bad for sums in (exact, *sums_of.values()))
        if bad or exact.exact and all(sums.exact for sums in sums_of.values()):
            break
        if turn >= N_BATCHES and turn % 8 == 0 and _precise(problem, exact, sums_of[YOURS]):
            break
    return True


def _precise(problem: Problem, exact: Sums, yours: Sums) -> bool:
    """Return whether all parameters together and every array are known well enough."""
    both = compared(groups_of(problem.params), {YOURS: yours.batches()}, exact.batches(), ("", ""))
    first, top = both.rows[0], both.truth[0]
    if top.noise > EXACT_PRECISE or not (first.zero or first.cosine_se < COSINE_PRECISE):
        return False
    return all(t.noise < KNOWN_SE / 2 and not t.heavy for t in both.truth)


def _described(estimator: AnyEstimator, batches: Batches) -> str:
    """Describe how the exact gradient was estimated."""
    name = type(estimator).__name__
    if len(batches.means) == 1:
        return f"{name}, without noise, {batches.runs:.0f} forward passes"
    trials, passes = len(batches.means) * batches.size, batches.runs
    return f"{name}, {trials} trials of {passes:.0f} forward pass{'es' * (passes != 1)}"
