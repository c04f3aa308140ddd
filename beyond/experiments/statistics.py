r"""Intervals and tests over tasks, networks and methods.

The certainty of a statement about methods depends on the number of methods. `rank_test` correlates
ranks within a task and averages over tasks. Under the null hypothesis the names of methods are
exchangeable, in the same way in all tasks: tasks are not independent evidence on six methods.

.. math::
    p = \frac{1}{M!} \sum_\pi \mathbb 1 \big[ |\bar\rho(x, \pi y)| \ge |\bar\rho(x, y)| \big] .

An interval over tasks answers another question: whether *these* methods would be ranked alike in
other tasks.

References:
    Good, "Permutation, Parametric, and Bootstrap Tests of Hypotheses", 2005, chapter 3.
    McNemar, "Note on the sampling error of the difference between correlated proportions or
    percentages", 1947.
    Clopper & Pearson, "The use of confidence or fiducial limits illustrated in the case of the
    binomial", 1934.
"""

from functools import cache
from math import factorial
from typing import NamedTuple

import numpy as np
import scipy

ALL = 8
"""Up to this number of methods every permutation is tried; beyond it, a random `SAMPLE`."""
SAMPLE = 10_000


def clopper_pearson(count: np.ndarray, n: int) -> np.ndarray:
    """Return the exact 95 % interval of a probability, ``(2, ...)``, from a count out of n.

    On each side, the interval misses the probability in at most 2.5 % of cases. For no success in
    90, the upper end is 4.0 %.
    """
    low = scipy.stats.beta.ppf(0.025, count, n - count + 1)
    high = scipy.stats.beta.ppf(0.975, count + 1, n - count)
    return np.stack([np.where(count == 0, 0.0, low), np.where(count == n, 1.0, high)])


def median_interval(values: np.ndarray) -> np.ndarray:
    """Return a 95 % interval of the median over the last axis, ``(2, ...)``, by order statistics.

    The interval is valid for any distribution. It is NaN for fewer than six values.
    """
    n = values.shape[-1]
    outside = int(scipy.stats.binom.ppf(0.025, n, 0.5))
    if outside == 0:
        return np.full((2, *values.shape[:-1]), np.nan)
    ordered = np.sort(values, axis=-1)
    return np.stack([ordered[..., outside - 1], ordered[..., n - outside]])


def t_test(values: np.ndarray) -> np.ndarray:
    """Return two-sided p-values of Student's test that means over the first axis are 0.

    The p-value is NaN for fewer than two values.
    """
    if len(values) < 2:
        return np.full(values.shape[1:], np.nan)
    return np.asarray(scipy.stats.ttest_1samp(values, 0))[1]


@cache
def sign_test(a: int, b: int) -> float:
    """Return the two-sided p-value of a and b cases of two kinds, if both are equally likely.

    For pairs that differ in a yes or no this is McNemar's exact test.
    """
    return float(scipy.stats.binomtest(int(a), int(a + b)).pvalue) if a + b else 1.0


class RankTest(NamedTuple):
    """Mean rank correlation over tasks, and its uncertainty over methods.

    Attributes:
        correlation: Mean correlation over tasks; NaN if no task has a correlation.
        low: Lowest correlation if one method is left out.
        high: Highest correlation if one method is left out.
        p: Two-sided p-value of permuted methods.
        each: Correlation of every task; NaN if fewer than three methods have values, or all values
            are equal.
    """

    correlation: float
    low: float
    high: float
    p: float
    each: np.ndarray


def rank_test(x: np.ndarray, y: np.ndarray) -> RankTest:
    """Correlate two numbers of each method over methods.

    Args:
        x: Predictor, ``(task, method)``, NaN where it is unknown; methods that have none in any
            task take no part.
        y: Predicted quantity, same shape.
    """
    x, y = (np.asarray(values, float) for values in (x, y))
    taking_part = np.isfinite(x).any(axis=0)
    x, y = x[:, taking_part], y[:, taking_part]
    n = x.shape[1]
    each = rank_correlations(x, y)
    correlation = _mean(each)
    if not np.isfinite(correlation):
        return RankTest(np.nan, np.nan, np.nan, np.nan, each)

    # Ranks depend on the pairs only if some pairs have no value.
    complete = np.isfinite(x).all() and np.isfinite(y).all()
    correlations = _correlations if complete else rank_correlations
    one, other = _centred_ranks(x, y) if complete else (x, y)

    def size(orders: np.ndarray, axis: int) -> np.ndarray:
        permuted = np.moveaxis(other[:, np.moveaxis(orders, axis, -1).astype(int)], 0, -2)
        # Rounded, so that correlations count as equal if they differ by rounding errors.
        return np.abs(_mean(correlations(one, permuted)).round(9))

    n_resamples = factorial(n) if n <= ALL else SAMPLE - 1
    test = scipy.stats.permutation_test(
        (np.arange(n),),
        size,
        permutation_type="pairings",
        vectorized=True,
        n_resamples=n_resamples,
        alternative="greater",
        rng=0,
    )
    without = [
        _mean(rank_correlations(*(np.delete(values, i, axis=1) for values in (x, y))))
        for i in range(n)
    ]
    low, high = (
        (np.nanmin(without), np.nanmax(without)) if np.isfinite(without).any() else [np.nan] * 2
    )
    return RankTest(float(correlation), float(low), float(high), float(test.pvalue), each)


def rank_correlations(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return Spearman's correlation over the last axis, of the pairs without NaN.

    Equal values share the mean of their ranks. The correlation is NaN for fewer than three pairs,
    or if all values are equal.
    """
    n = (np.isfinite(x) & np.isfinite(y)).sum(axis=-1)
    return np.where(n < 3, np.nan, _correlations(*_centred_ranks(x, y)))


def _centred_ranks(x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """Return ranks of both over the last axis, less their mean; 0 for pairs with NaN."""
    x, y = np.broadcast_arrays(x, y)
    finite = np.isfinite(x) & np.isfinite(y)
    mean = (finite.sum(axis=-1, keepdims=True) + 1) / 2
    both = [scipy.stats.rankdata(np.where(finite, values, np.inf), axis=-1) for values in (x, y)]
    return [np.where(finite, ranks - mean, 0) for ranks in both]


def _correlations(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return correlations of centred values over the last axis; NaN if all values are equal."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return (x * y).sum(axis=-1) / np.sqrt((x**2).sum(axis=-1) * (y**2).sum(axis=-1))


def _mean(correlations: np.ndarray) -> np.ndarray:
    """Return the mean over tasks, the last axis; tasks without a correlation are left out."""
    finite = np.isfinite(correlations)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(finite, correlations, 0).sum(axis=-1) / finite.sum(axis=-1)
