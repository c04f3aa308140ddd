"""Signs of a surrogate gradient's mean against those of the true gradient."""

import dataclasses

import numpy as np
from scipy.special import stdtrit

from snn_tools.comparison.problem import Batches, Problem, leaves_of

FALSE_SIGNS = 0.05
"""Probability that a single sign of a report, of all parameters, is falsely said to be known."""


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
