"""Compare the user's surrogate gradient, and a few others, with the true gradient."""

from typing import NamedTuple

import jax
from jax import Array

from snn.estimators.base import AnyEstimator
from snn.estimators.surrogate import Surrogate
from snn.stats.batch_means import KNOWN_SE
from snn_tools.jax.candidates import describe
from snn_tools.jax.grid import candidates_of, mean_of
from snn_tools.jax.problem import Problem, groups_of
from snn_tools.jax.truth import ENUMERABLE, Truth, batch_of, resolve, runs_of
from snn_tools.shared.batches import N_BATCHES, Sums
from snn_tools.shared.budget import Clock
from snn_tools.shared.comparison import Comparison
from snn_tools.shared.report import YOURS
from snn_tools.shared.rows import compared

FEWEST = 8
"""Fewest batches of each gradient for a standard error, and for any statement."""

TRUTH_PRECISE = 0.03
"""Noise of the true gradient over its norm; below, no more trials are drawn."""

COSINE_PRECISE = 0.01

PILOT = 4.0
"""Compile time of pilot and gradient, in compile times of single trials."""


class Direction(NamedTuple):
    """Direction of the surrogate gradient and of the other candidates.

    Attributes:
        comparison: all candidates.
        check: cosine of the two unbiased estimates, and its interval; None with a single estimate.
        resets: reset of each other candidate; "" for the user's.
        trials: number of trials; 1 for an exact mean.
        bad: number of trials whose loss or gradient is not finite.
    """

    comparison: Comparison
    check: tuple[float, tuple[float, float]] | None
    resets: dict[str, str]
    trials: int
    bad: int


def measure(
    problem: Problem, surrogate: Surrogate, truth: Truth, key: Array, clock: Clock, compiled: float
) -> Direction | None:
    """Draw trials in turns until the precision is enough or time is up.

    Work that does not fit into the remaining time is not begun.

    Args:
        problem: program and parameters.
        surrogate: the user's surrogate gradient.
        truth: meaning of the true gradient.
        key: random key for all noise.
        clock: the budget.
        compiled: seconds to compile the gradient of single trials.

    Returns:
        The directions. None if time does not suffice for eight batches of each gradient, unless
        some trial is not finite.
    """
    pilot_key, key = jax.random.split(key)
    if clock.left() < compiled * (PILOT if problem.sites() > ENUMERABLE else 1.0):
        return None
    meaning, estimator, pilot = resolve(truth, problem, {YOURS: surrogate}, pilot_key)
    candidates = candidates_of(problem, surrogate)
    true, sums_of = Sums(), {name: Sums() for name in candidates}
    estimators = {name: mean_of(problem, own) for name, (own, _) in candidates.items()}
    enough = _take(problem, (estimator, true), (estimators, sums_of), key, clock)
    drawn = [true, *sums_of.values()]
    trials = sum(len(b.means) * b.size for b in pilot) + sum(sums.n * sums.size for sums in drawn)
    bad = sum(batches.bad for batches in (*pilot, *drawn))
    if not (enough or bad):
        return None
    complete = {name: sums.batches() for name, sums in sums_of.items() if sums.n > 1 or sums.exact}
    batches = true.batches()
    groups = groups_of(problem.params)
    comparison = compared(groups, complete, batches, (meaning, describe(estimator, batches)))
    check = None
    if pilot and len(batches.means) > 1:
        row = compared(groups[:1], {"other": pilot[1]}, batches, ("", "")).rows[0]
        check = row.cosine, row.interval
    resets = {name: reset for name, (_, reset) in candidates.items() if name != YOURS}
    return Direction(comparison, check, resets, trials, bad)


def _take(
    problem: Problem,
    truth: tuple[AnyEstimator, Sums],
    candidates: tuple[dict[str, tuple[AnyEstimator, bool]], dict[str, Sums]],
    key: Array,
    clock: Clock,
) -> bool:
    """Fill the sums in turns; return whether time sufficed for `FEWEST` turns.

    A turn is a batch of each candidate, and about five times as many forward passes for the true
    gradient, which is noisier. The numbers depend only on the key and the number of turns.
    """
    estimator, true = truth
    estimators, sums_of = candidates
    size, turn = batch_of(estimator, problem), 0
    trials = max(2, min(64, problem.at_once()))
    begun = clock.elapsed()
    while turn < FEWEST or clock.left() > 0:
        # The first turn compiles.
        last, begun = clock.elapsed() - begun, clock.elapsed()
        if 1 < turn < FEWEST and last * (FEWEST - turn) > clock.left():
            return False
        key, true_key, *keys = jax.random.split(key, 2 + len(estimators))
        for (name, (mean, exact)), own in zip(estimators.items(), keys, strict=True):
            if not sums_of[name].exact:
                batches = problem.batches(mean, [own], 2 if exact else trials)
                sums_of[name].add(batches._replace(size=1) if exact else batches)
        n_batches = -(-16 * trials // (size * runs_of(estimator)))
        for own in jax.random.split(true_key, n_batches):
            if not true.exact:
                true.add(problem.batches(estimator, [own], size))
        turn += 1
        bad = turn >= FEWEST and any(sums.bad for sums in (true, *sums_of.values()))
        if bad or true.exact and all(sums.exact for sums in sums_of.values()):
            break
        if turn >= N_BATCHES and turn % 8 == 0 and _precise(problem, true, sums_of[YOURS]):
            break
    return True


def _precise(problem: Problem, true: Sums, yours: Sums) -> bool:
    """Return whether all parameters together and every array are known well enough."""
    both = compared(groups_of(problem.params), {YOURS: yours.batches()}, true.batches(), ("", ""))
    first, top = both.rows[0], both.truth[0]
    if top.noise > TRUTH_PRECISE or not (first.zero or first.cosine_se < COSINE_PRECISE):
        return False
    return all(t.noise < KNOWN_SE / 2 and not t.heavy for t in both.truth)
