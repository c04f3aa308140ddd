"""Intervals, tests and signs that chapters share.

References:
    Holm, "A simple sequentially rejective multiple test procedure", 1979.
"""

from typing import Any

import numpy as np
import scipy

ROUNDING = 1e-12
"""Numbers of order 1 that differ by less are equal up to rounding, in double precision."""


def wrong_sign(estimate: Any, exact: Any) -> Any:
    """Return where two derivatives have opposite signs, and are further apart than rounding.

    Both are arrays of NumPy or of JAX, and so is the answer.
    """
    return (estimate * exact < 0) & (abs(estimate - exact) > ROUNDING)


def pooled_mean(mean: np.ndarray, se: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean over seeds, and its standard error.

    Args:
        mean: Estimates of independent seeds, of equally many trials each, ``(seed, ...)``.
        se: Their standard errors, same shape.
    """
    return np.mean(mean, axis=0), np.sqrt(np.sum(np.square(se), axis=0)) / len(se)


def pooled_rms(errors: np.ndarray) -> np.ndarray:
    """Return the root mean square over seeds, of errors ``(seed, ...)``."""
    return np.sqrt(np.mean(np.square(errors), axis=0))


def mean_interval(values: np.ndarray, level: float = 0.95, axis: int = 0) -> np.ndarray:
    """Return the mean over an axis and Student's interval of it, as a new last axis of 3.

    NaN are left out. Fewer than two values have no interval: its ends are NaN.
    """
    values = np.moveaxis(np.asarray(values, float), axis, -1)
    n = np.isfinite(values).sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(values, axis=-1) / n
        variance = np.nansum((values - mean[..., None]) ** 2, axis=-1) / (n - 1)
        half = scipy.special.stdtrit(np.maximum(n - 1, 1), (1 + level) / 2) * np.sqrt(variance / n)
    half = np.where(n > 1, half, np.nan)
    return np.stack([mean, mean - half, mean + half], axis=-1)


def accuracy_interval(accuracy: np.ndarray, n_samples: int) -> tuple[float, float]:
    """Return the 95 % interval of a mean accuracy.

    Over several seeds it is Student's, which includes how networks differ. Of one network it is
    Wilson's, of the binomial with `n_samples` answers.

    Args:
        accuracy: One number per seed.
        n_samples: Samples that each was measured on.
    """
    if len(accuracy) == 1:
        right = round(accuracy[0] * n_samples)
        wilson = scipy.stats.binomtest(right, n_samples).proportion_ci(method="wilson")
        return wilson.low, wilson.high
    _, low, high = mean_interval(accuracy)
    return low, high


def quartiles(values: np.ndarray) -> np.ndarray:
    """Return quartiles over the first axis as an axis after the methods': ``(method, 3, ...)``."""
    if not len(values):
        return np.full((values.shape[1], 3, *values.shape[2:]), np.nan)
    return np.moveaxis(np.quantile(values, (0.25, 0.5, 0.75), axis=0), 0, 1)


def holm(p: np.ndarray) -> np.ndarray:
    """Return Holm's p-values, corrected for the number of those that are known, in their order."""
    p = np.asarray(p, float)
    order = np.argsort(p)
    left = np.isfinite(p).sum() - np.arange(len(p))
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(np.maximum.accumulate(p[order] * left), 1)
    return corrected


def holm_levels(p: np.ndarray, alpha: float = 0.05) -> np.ndarray:
    """Return the level of each interval that decides as Holm's procedure does.

    The smallest of m p-values is held against alpha / m, the next against alpha / (m - 1), and so
    on, up to the first that is larger, whose threshold all others keep.
    """
    rank = np.argsort(np.argsort(p, kind="stable"))
    n_rejected = np.sum(holm(p) <= alpha)
    return 1 - alpha / (len(rank) - np.minimum(rank, n_rejected))
