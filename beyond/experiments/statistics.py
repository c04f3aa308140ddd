"""Intervals and tests over tasks and networks.

References:
    McNemar, "Note on the sampling error of the difference between correlated proportions or
    percentages", 1947.
    Clopper & Pearson, "The use of confidence or fiducial limits illustrated in the case of the
    binomial", 1934.
"""

from functools import cache

import numpy as np
import scipy


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
