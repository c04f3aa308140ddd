r"""Does a number of each method go with what the method learns? Tested with methods as the unit.

A statement about methods is as sure as there are methods. Ranks are correlated within a task, and
their correlations averaged over tasks. Under the null hypothesis the names of methods are
exchangeable, the same way in all tasks, since tasks are no independent evidence on six methods:

.. math::
    p = \frac{1}{M!} \sum_\pi \mathbb 1 \big[ |\bar\rho(x, \pi y)| \ge |\bar\rho(x, y)| \big] .

An interval over tasks asks another question: whether *these* methods would be ranked alike in other
tasks.

Reference: Good, "Permutation, Parametric, and Bootstrap Tests of Hypotheses", 2005, chapter 3.
"""

from itertools import permutations
from typing import NamedTuple

import numpy as np

ALL = 8
"""Of so many methods every permutation is tried, of more a random `SAMPLE`."""
SAMPLE = 10_000


class RankTest(NamedTuple):
    """Mean rank correlation over tasks, and how sure it is over methods.

    Attributes:
        correlation: mean over tasks; NaN where no task has one.
        low: the lowest if one method is left out.
        high: the highest.
        p: two-sided p-value of permuted methods.
        each: of every task, NaN where fewer than three methods are known, or all are equal.
    """

    correlation: float
    low: float
    high: float
    p: float
    each: np.ndarray


def rank_test(x: np.ndarray, y: np.ndarray) -> RankTest:
    """Correlates two numbers of each method over methods.

    Args:
        x: predictor, ``(task, method)``, NaN where it is unknown; methods that have none in any
            task take no part.
        y: what is predicted, same shape.
    """
    x, y = (np.asarray(values, float) for values in (x, y))
    taking_part = np.isfinite(x).any(axis=0)
    x, y = x[:, taking_part], y[:, taking_part]
    n = x.shape[1]
    correlation = _mean(rank_correlations(x, y))
    permuted = _mean(rank_correlations(x, np.moveaxis(y[:, _orders(n)], 1, 0)))
    without = [
        _mean(rank_correlations(*(np.delete(values, i, axis=1) for values in (x, y))))
        for i in range(n)
    ]
    p = np.mean(np.abs(permuted) > abs(correlation) - 1e-9) if np.isfinite(correlation) else np.nan
    low, high = (
        (np.nanmin(without), np.nanmax(without)) if np.isfinite(without).any() else [np.nan] * 2
    )
    return RankTest(float(correlation), float(low), float(high), float(p), rank_correlations(x, y))


def rank_correlations(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Spearman's over the last axis, of the pairs that are known.

    Equal values share the mean of their ranks. NaN of fewer than three pairs, or if all are equal.
    """
    x, y = np.broadcast_arrays(x, y)
    known = np.isfinite(x) & np.isfinite(y)
    n = known.sum(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        of_x, of_y = (_ranks(values, known) - (n - 1) / 2 for values in (x, y))
        of_x, of_y = (np.where(known, ranks, 0) for ranks in (of_x, of_y))
        found = (of_x * of_y).sum(axis=-1) / np.sqrt(
            (of_x**2).sum(axis=-1) * (of_y**2).sum(axis=-1)
        )
    return np.where(n[..., 0] < 3, np.nan, found)


def holm(p: np.ndarray) -> np.ndarray:
    """Holm's p-values: corrected for the number of those that are known, in the order given.

    Reference: Holm, "A simple sequentially rejective multiple test procedure", 1979.
    """
    p = np.asarray(p, float)
    order = np.argsort(p)
    left = np.isfinite(p).sum() - np.arange(len(p))
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(np.maximum.accumulate(p[order] * left), 1)
    return corrected


def _orders(n: int) -> np.ndarray:
    """Permutations of n methods, the identity first, ``(permutation, method)``."""
    if n <= ALL:
        return np.array(list(permutations(range(n))), int)
    rng = np.random.default_rng(0)
    return np.stack([np.arange(n), *(rng.permutation(n) for _ in range(SAMPLE - 1))])


def _mean(correlations: np.ndarray) -> np.ndarray:
    """Over tasks, the last axis, of those that are known."""
    known = np.isfinite(correlations)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known, correlations, 0).sum(axis=-1) / known.sum(axis=-1)


def _ranks(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Ranks from 0 among the known values of the last axis; equal ones share the mean."""
    below = (values[..., :, None] > values[..., None, :]) & known[..., None, :]
    equal = (values[..., :, None] == values[..., None, :]) & known[..., None, :]
    return below.sum(axis=-1) + (equal.sum(axis=-1) - 1) / 2
