"""The user's surrogate gradient, and a grid of slopes and resets, against the true gradient."""

import dataclasses
from typing import NamedTuple

import jax
import numpy as np
from jax import Array
from scipy.special import stdtrit

from snn.estimators.base import Estimator
from snn.estimators.surrogate import Surrogate
from snn.stats.batch_means import KNOWN_SE
from snn_tools.budget import GRADIENT, PILOT, Clock, Cost
from snn_tools.comparison.batches import N_BATCHES, Batches, Sums
from snn_tools.comparison.candidates import describe
from snn_tools.comparison.problem import Problem, groups_of, leaves_of
from snn_tools.comparison.rows import compared
from snn_tools.comparison.table import Comparison, Row
from snn_tools.comparison.truth import Truth, batch_of, resolve, runs_of, runs_of_pilot
from snn_tools.doctor.grid import YOURS, Candidate, candidates_of, mean_of, resets_of

FEWEST = 8
"""Batches of each gradient below which there is no error, and nothing is said."""

TRUTH_PRECISE = 0.03
"""Noise of the true gradient, relative to its norm, below which no more trials are taken."""

COSINE_PRECISE = 0.01

FALSE_SIGNS = 0.05
"""Probability that a single sign of a report, of all parameters, is falsely said to be known."""

SHARE = 0.9
"""Share of the budget when the gradients are done; the closed loop has the rest."""


@dataclasses.dataclass(frozen=True)
class Signs:
    """Signs of a surrogate gradient's mean, parameter by parameter.

    Attributes:
        leaf: name of the array.
        size: parameters.
        known: those where both signs are known, by `standard_errors`.
        wrong: those of them where the two differ.
    """

    leaf: str
    size: int
    known: int
    wrong: int


class Direction(NamedTuple):
    """What was found.

    Attributes:
        comparison: all candidates.
        signs: of the user's gradient.
        check: cosine of the two unbiased estimates, and its interval; None where one was enough.
        grid: the candidates by name.
        trials: all that were drawn; one for an exact mean.
        bad: those of them whose loss or gradient was not finite.
        missing: what there was no time for.
    """

    comparison: Comparison
    signs: tuple[Signs, ...]
    check: tuple[float, tuple[float, float]] | None
    grid: dict[str, Candidate]
    trials: int
    bad: int
    missing: tuple[str, ...] = ()

    def rows(self) -> tuple[Row, list[Row]]:
        """Return the user's gradient and the other candidates, over all parameters."""
        group = self.comparison.truth[0].group
        others = [r for r in self.comparison.of(group) if r.candidate != YOURS]
        return self.comparison.row(YOURS, group), others


def measure(
    problem: Problem,
    surrogate: Surrogate,
    truth: Truth,
    key: Array,
    clock: Clock,
    cost: Cost,
) -> Direction | None:
    """Take trials in turns until they are enough, time is up, or Ctrl-C ends it.

    What does not fit into the time that is left is not begun: other resets first, then everything.

    Args:
        problem: program and parameters.
        surrogate: the user's.
        truth: what the true gradient is.
        key: decides all noise.
        clock: how long it may take.
        cost: of single trials, by which that of the rest is estimated.

    Returns:
        What was found; None if there was no time for eight batches of each gradient, unless some
        trial was not finite.
    """
    pilot_key, key = jax.random.split(key)
    needed = GRADIENT * cost.compiled
    if runs := runs_of_pilot(truth, problem):
        needed += PILOT * cost.compiled + cost.run * runs
    if clock.left() < needed:
        return None
    clock.show("true gradient, pilot")
    meaning, estimator, pilot = resolve(truth, problem, {YOURS: surrogate}, pilot_key)
    used, missing = resets_of(problem, surrogate), ()
    if len(used) > 1 and clock.left() < GRADIENT * len(used) * cost.compiled:
        used, missing = (surrogate.reset,), ("other resets: no time",)
    grid = candidates_of(surrogate, used)
    true, found = Sums(), {name: Sums() for name in grid}
    estimators = {name: mean_of(problem, one.surrogate) for name, one in grid.items()}
    enough = _take(problem, (estimator, true), (estimators, found), key, clock)
    drawn = [true, *found.values()]
    trials = sum(len(b.means) * b.size for b in pilot) + sum(sums.n * sums.size for sums in drawn)
    bad = sum(batches.bad for batches in (*pilot, *drawn))
    if not (enough or bad):
        return None
    complete = {name: sums.batches() for name, sums in found.items() if sums.n > 1 or sums.exact}
    batches = true.batches()
    groups = groups_of(problem.params)
    words = meaning, describe(estimator, batches)
    comparison = compared(groups, complete, batches, words)
    check = None
    if pilot and len(batches.means) > 1:
        row = compared(groups[:1], {"other": pilot[1]}, batches, ("", "")).rows[0]
        check = row.cosine, row.interval
    signs = ()
    yours = complete.get(YOURS)
    if yours and not bad and all(len(b.means) not in range(2, FEWEST) for b in (yours, batches)):
        heavy = {r.group for r in (*comparison.truth, *comparison.rows_of(YOURS)) if r.heavy}
        signs = tuple(s for s in signs_of(problem, yours, batches) if s.leaf not in heavy)
    return Direction(comparison, signs, check, grid, trials, bad, missing)


def _take(
    problem: Problem,
    truth: tuple[Estimator, Sums],
    candidates: tuple[dict[str, tuple[Estimator, bool]], dict[str, Sums]],
    key: Array,
    clock: Clock,
) -> bool:
    """Fill the sums, in turns; tell whether there was time for `FEWEST`.

    A turn is one batch of each candidate, and as many runs for the true gradient: which numbers
    come out depends on the number of turns alone.
    """
    estimator, true = truth
    estimators, found = candidates
    size, turn = batch_of(estimator, problem), 0
    trials = max(2, min(64, problem.at_once()))
    begun = clock.elapsed()
    try:
        while turn < FEWEST or clock.elapsed() < SHARE * clock.budget:
            # The first turn compiles.
            last, begun = clock.elapsed() - begun, clock.elapsed()
            if 1 < turn < FEWEST and last * (FEWEST - turn) > clock.left():
                return False
            key, true_key, *keys = jax.random.split(key, 2 + len(estimators))
            clock.show(f"gradients, turn {turn + 1}")
            for (name, (mean, exact)), own in zip(estimators.items(), keys, strict=True):
                if not found[name].exact:
                    batches = problem.batches(mean, [own], 2 if exact else trials)
                    found[name].add(batches._replace(size=1) if exact else batches)
            n_batches = -(-trials * len(estimators) // (size * runs_of(estimator)))
            for own in jax.random.split(true_key, n_batches):
                if not true.exact:
                    true.add(problem.batches(estimator, [own], size))
            turn += 1
            bad = turn >= FEWEST and any(sums.bad for sums in (true, *found.values()))
            if bad or true.exact and all(sums.exact for sums in found.values()):
                break
            if turn >= N_BATCHES and turn % 8 == 0 and _precise(problem, true, found[YOURS]):
                break
    except KeyboardInterrupt:
        if true.n < 2 and not true.exact:
            raise
        clock.interrupted = True
    return True


def _precise(problem: Problem, true: Sums, yours: Sums) -> bool:
    """Tell whether more trials add nothing: all together well known, every array known."""
    both = compared(groups_of(problem.params), {YOURS: yours.batches()}, true.batches(), ("", ""))
    first, top = both.rows[0], both.truth[0]
    if top.noise > TRUTH_PRECISE or not (first.zero or first.cosine_se < COSINE_PRECISE):
        return False
    return all(t.noise < KNOWN_SE / 2 and not t.heavy for t in both.truth)


def standard_errors(n_batches: int, n_means: int) -> float:
    """How many standard errors from 0 each of many means must be for all signs to be known.

    The two-sided quantile of Student's t for normal means of batches, at `FALSE_SIGNS` over the
    number of means (Bonferroni).
    """
    return -float(stdtrit(n_batches - 1, FALSE_SIGNS / (2 * n_means)))


def signs_of(problem: Problem, yours: Batches, true: Batches) -> tuple[Signs, ...]:
    """Count the parameters whose signs are known and differ."""
    n_means = sum(b.means.shape[1] for b in (yours, true) if len(b.means) > 1)
    (g, g_known), (h, h_known) = (_mean_and_known(b, n_means) for b in (yours, true))
    known = g_known & h_known
    wrong = known & (np.sign(g) != np.sign(h))
    return tuple(
        Signs(name, len(index), int(known[index].sum()), int(wrong[index].sum()))
        for name, index, _ in leaves_of(problem.params)
    )


def _mean_and_known(batches: Batches, n_means: int) -> tuple[np.ndarray, np.ndarray]:
    mean, n = batches.means.mean(axis=0), len(batches.means)
    if n == 1:
        return mean, np.abs(mean) > 1e-12 * np.abs(mean).max(initial=0.0)
    error = batches.means.std(axis=0, ddof=1) / n**0.5
    return mean, (np.abs(mean) > standard_errors(n, n_means) * error) & (mean != 0)
