"""Intervals, tests and signs that chapters share.

References:
    Holm, "A simple sequentially rejective multiple test procedure", 1979.
"""

from typing import Any

import numpy as np
import scipy

ROUNDING = 1e-12
"""Largest difference between numbers of order 1 that counts as rounding, in double precision."""


def wrong_sign(estimate: Any, exact: Any) -> Any:
    """Return where two derivatives have opposite signs, and are further apart than rounding.

    Both, and the result, are arrays of NumPy or of JAX.
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
    """Return mean and ends of Student's interval over an axis, as a new last axis of length 3.

    NaN are left out. With fewer than two values the ends of the interval are NaN.

    Args:
        values: The values; NaN mark values that are missing.
        level: Confidence level.
        axis: Axis of independent values.

    Returns:
        Mean, lower and upper end, ``(..., 3)``.
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

    Over several seeds this is Student's interval, which includes the differences between networks.
    For one network this is Wilson's interval for a binomial number of `n_samples` answers.

    Args:
        accuracy: One number per seed.
        n_samples: Number of samples behind each accuracy.
    """
    if len(accuracy) == 1:
        return _wilson(round(accuracy[0] * n_samples), n_samples)
    _, low, high = mean_interval(accuracy)
    return low, high


def _wilson(right: int, n: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of the share that `right` of `n` answers estimate."""
    z, share = float(scipy.special.ndtri(0.975)), right / n
    centre = (2 * right + z**2) / (2 * (n + z**2))
    half = z / (2 * (n + z**2)) * (4 * n * share * (1 - share) + z**2) ** 0.5
    return centre - half if right else 0.0, centre + half if right < n else 1.0


def quartiles(values: np.ndarray) -> np.ndarray:
    """Return quartiles over the first axis of ``(task, method, ...)``, as ``(method, 3, ...)``."""
    if not len(values):
        return np.full((values.shape[1], 3, *values.shape[2:]), np.nan)
    return np.moveaxis(np.quantile(values, (0.25, 0.5, 0.75), axis=0), 0, 1)


def holm(p: np.ndarray) -> np.ndarray:
    """Return p-values corrected by Holm's procedure, in the same order; NaN do not count."""
    p = np.asarray(p, float)
    order = np.argsort(p)
    remaining = np.isfinite(p).sum() - np.arange(len(p))
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(np.maximum.accumulate(p[order] * remaining), 1)
    return corrected


def holm_levels(p: np.ndarray) -> np.ndarray:
    """Return confidence levels of intervals that decide like Holm's procedure.

    Holm's procedure compares the smallest of m p-values with 0.05 / m, the next with
    0.05 / (m - 1), and so on. The threshold of the first p-value that is larger applies to all
    remaining ones.
    """
    rank = np.argsort(np.argsort(p, kind="stable"))
    n_rejected = np.sum(holm(p) <= 0.05)
    return 1 - 0.05 / (len(rank) - np.minimum(rank, n_rejected))
