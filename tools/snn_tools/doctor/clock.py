"""How long an examination may take, and what a terminal sees of it."""

from __future__ import annotations

import sys
import time
from typing import Any, NamedTuple

import jax
import numpy as np

from snn_tools.comparison.problem import Problem
from snn_tools.comparison.truth import ENUMERABLE, N_PILOT, batch_of, runs_of, unbiased


class Clock:
    """Time since the start of an examination, and one line of progress on a terminal."""

    def __init__(self, budget: float) -> None:
        self.budget = budget
        self.interrupted = False
        self.start = time.monotonic()
        self.watched = sys.stderr.isatty()

    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.start

    def left(self) -> float:
        """Seconds that are left of the budget; negative beyond it."""
        return self.budget - self.elapsed()

    def says(self, what: str) -> None:
        """Show what is being done, and an upper estimate of what is left."""
        if self.watched:
            share = min(100, int(100 * self.elapsed() / self.budget))
            left = max(0, int(self.left()))
            sys.stderr.write(f"\r\033[K[{share:3d} %] {what}, at most about {left} s left")
            sys.stderr.flush()

    def close(self) -> None:
        """Wipe the line."""
        if self.watched:
            sys.stderr.write("\r\033[K")


PILOT, GRADIENT = 3.0, 1.5
"""What the pilot and one gradient take to compile, over what single trials take."""


_COMPILED: dict[Any, float] = {}


class Cost(NamedTuple):
    """Seconds that single trials took.

    Attributes:
        compiled: to compile their gradient.
        run: for the gradient of one trial.
    """

    compiled: float
    run: float

    @classmethod
    def of(cls, problem: Problem, times: list[float], trials: int) -> Cost:
        """Tell it from a first and a second observation of some trials.

        A network of the same structure may have been compiled for observations, and not for what
        follows: what compiling it has taken before counts then.
        """
        shapes = tuple(map(np.shape, jax.tree.leaves(problem)))
        structure = jax.tree.structure(problem), shapes
        _COMPILED[structure] = max(times[0] - times[1], _COMPILED.get(structure, 0.0))
        return cls(_COMPILED[structure], times[1] / trials)

    def of_pilot(self, problem: Problem) -> float:
        """Estimate the seconds of the pilot; 0 where there is none."""
        if problem.sites() <= ENUMERABLE:
            return 0.0
        return PILOT * self.compiled + self.run * sum(
            N_PILOT * batch_of(estimator, problem) * runs_of(estimator)
            for estimator in unbiased(problem)
        )
