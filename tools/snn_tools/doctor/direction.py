"""The user's surrogate gradient, and a grid of slopes and resets, against the true gradient."""

from typing import Any, NamedTuple

import jax
import numpy as np
from jax import Array

from snn.estimators.base import Estimator
from snn.estimators.exact_enumeration import ExactEnumeration
from snn.estimators.expected import Expected
from snn.estimators.surrogate import Surrogate
from snn.spikes import sample
from snn.stats.batch_means import KNOWN_SE
from snn_tools.budget import GRADIENT, PILOT, Clock, Cost
from snn_tools.comparison.batches import N_BATCHES
from snn_tools.comparison.candidates import describe
from snn_tools.comparison.problem import Batches, Problem, groups_of
from snn_tools.comparison.rows import compared
from snn_tools.comparison.table import Comparison, Row
from snn_tools.comparison.truth import (
    ENUMERABLE,
    N_PILOT,
    Truth,
    batch_of,
    resolve,
    runs_of,
    unbiased,
)
from snn_tools.doctor.grid import YOURS, Candidate, candidates_of, resets_of
from snn_tools.doctor.signs import Signs, signs_of

FEWEST = 8
"""Batches of each gradient below which there is no error, and nothing is said."""

TRUTH_PRECISE = 0.03
"""Noise of the true gradient, relative to its norm, below which no more trials are taken."""

COSINE_PRECISE = 0.01

SHARE = 0.9
"""Share of the budget when the gradients are done; the closed loop has the rest."""


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
        others = [r for r in self.comparison.rows if r.group == group and r.candidate != YOURS]
        return self.comparison.row(YOURS, group), others


class _Sums:
    """Means over batches that come one by one, kept in `N_BATCHES` sums."""

    def __init__(self) -> None:
        self.sums: dict[int, tuple[Any, int]] = {}
        self.spreads: list[np.ndarray] = []
        self.size, self.runs, self.n, self.bad = 1, 1.0, 0, 0

    def add(self, batches: Batches) -> None:
        for mean in batches.means:
            total, count = self.sums.get(self.n % N_BATCHES, (0.0, 0))
            self.sums[self.n % N_BATCHES] = total + mean, count + 1
            self.n += 1
        self.size, self.runs = batches.size, batches.runs
        self.spreads.append(batches.spreads)
        self.bad += batches.bad

    @property
    def exact(self) -> bool:
        return self.n == 1 and self.size == 1

    def batches(self) -> Batches:
        # Whole rounds over the sums alone would waste trials: the last may lack some.
        means = np.stack([total / count for total, count in self.sums.values()])
        size = int(self.size * self.n / len(means))
        return Batches(means, size, self.runs, np.concatenate(self.spreads), self.bad)


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
    if problem.sites() > ENUMERABLE and not isinstance(truth, Estimator):
        runs = sum(N_PILOT * batch_of(e, problem) * runs_of(e) for e in unbiased(problem))
        needed += PILOT * cost.compiled + cost.run * runs
    if clock.left() < needed:
        return None
    clock.says("true gradient, pilot")
    resolved = resolve(truth, problem, {YOURS: surrogate}, pilot_key)
    meaning, estimator, other, *_ = resolved
    used, missing = resets_of(problem, surrogate), ()
    if len(used) > 1 and clock.left() < GRADIENT * len(used) * cost.compiled:
        used, missing = (surrogate.reset,), ("other resets: no time",)
    grid = candidates_of(surrogate, used)
    true, found = _Sums(), {name: _Sums() for name in grid}
    enough = _take(problem, (estimator, true), (grid, found), key, clock)
    drawn = [true, *found.values()]
    trials = resolved.trials + sum(sums.n * sums.size for sums in drawn)
    bad = resolved.bad + sum(sums.bad for sums in drawn)
    if not (enough or bad):
        return None
    complete = {name: sums.batches() for name, sums in found.items() if sums.n > 1 or sums.exact}
    batches = true.batches()
    comparison = compared(
        groups_of(problem.params), complete, batches, (meaning, describe(estimator, batches))
    )
    check = None
    if other is not None and len(batches.means) > 1:
        row = compared(groups_of(problem.params)[:1], {"other": other}, batches, ("", "")).rows[0]
        check = row.cosine, row.interval
    signs = ()
    if not bad and YOURS in complete and all(_enough(b) for b in (complete[YOURS], batches)):
        heavy = {r.group for r in (*comparison.truth, *comparison.rows_of(YOURS)) if r.heavy}
        signs = signs_of(problem, complete[YOURS], batches)
        signs = tuple(s for s in signs if s.leaf not in heavy)
    return Direction(comparison, signs, check, grid, trials, bad, missing)


def _enough(batches: Batches) -> bool:
    return len(batches.means) == 1 or len(batches.means) >= FEWEST


def _take(
    problem: Problem,
    truth: tuple[Estimator, _Sums],
    candidates: tuple[dict[str, Candidate], dict[str, _Sums]],
    key: Array,
    clock: Clock,
) -> bool:
    """Fill the sums, in turns; tell whether there was time for `FEWEST`.

    A turn is one batch of each candidate, and as many runs for the true gradient: which numbers
    come out depends on the number of turns alone.
    """
    estimator, true = truth
    grid, found = candidates
    enumerated = isinstance(estimator, ExactEnumeration)
    size, turn = batch_of(estimator, problem), 0
    trials = max(2, min(64, problem.at_once()))
    begun = clock.elapsed()
    try:
        while turn < FEWEST or clock.elapsed() < SHARE * clock.budget:
            # The first turn compiles.
            last, begun = clock.elapsed() - begun, clock.elapsed()
            if 1 < turn < FEWEST and last * (FEWEST - turn) > clock.left():
                return False
            key, true_key, *keys = jax.random.split(key, 2 + len(grid))
            clock.says(f"gradients, turn {turn + 1}")
            for (name, candidate), own in zip(grid.items(), keys, strict=True):
                if not found[name].exact:
                    found[name].add(_one(problem, candidate.surrogate, own, trials, enumerated))
            n_batches = -(-trials * len(grid) // (size * runs_of(estimator)))
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


def _one(
    problem: Problem, surrogate: Surrogate, key: Array, trials: int, enumerated: bool
) -> Batches:
    """Run a batch of a candidate; an exact mean where it has no noise, or can be enumerated."""
    if surrogate.forward is not sample:
        return problem.batches(surrogate, [key], 2)._replace(size=1)
    if enumerated:
        return problem.batches(Expected(surrogate, max_sites=ENUMERABLE), [key], 1)
    return problem.batches(surrogate, [key], trials)


def _precise(problem: Problem, true: _Sums, yours: _Sums) -> bool:
    """Tell whether more trials add nothing: all together well known, every array known."""
    both = compared(groups_of(problem.params), {YOURS: yours.batches()}, true.batches(), ("", ""))
    first, top = both.rows[0], both.truth[0]
    if top.noise > TRUTH_PRECISE or not (first.zero or first.cosine_se < COSINE_PRECISE):
        return False
    return all(t.noise < KNOWN_SE / 2 and not t.heavy for t in both.truth)
