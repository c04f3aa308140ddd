"""Quartiles, means and ratios over tasks, with Student's 95 % intervals."""

import numpy as np
from scipy.special import stdtr, stdtrit


def mean_interval(values: np.ndarray) -> np.ndarray:
    """Mean over the first axis and the ends of its 95 % interval, a new last axis of 3.

    NaN are left out. Of fewer than two values there is no interval: its ends are NaN.
    """
    values = np.asarray(values, float)
    n = np.isfinite(values).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(values, axis=0) / n
        variance = np.nansum((values - mean) ** 2, axis=0) / (n - 1)
        half = stdtrit(np.maximum(n - 1, 1), 0.975) * np.sqrt(variance / n)
    half = np.where(n > 1, half, np.nan)
    return np.stack([mean, mean - half, mean + half], axis=-1)


def paired_ratios(values: np.ndarray) -> np.ndarray:
    """Of every two methods the ratio, first over second, within tasks.

    Args:
        values: positive, ``(task, method)``.

    Returns:
        Geometric mean over tasks and ends of its 95 % interval, ``(method, method, 3)``.
    """
    logs = np.log(np.asarray(values, float))
    return np.exp(mean_interval(logs[:, :, None] - logs[:, None, :]))


def paired_p_values(values: np.ndarray) -> np.ndarray:
    """Two-sided p-values of Student's test that a ratio of `paired_ratios` is 1.

    Returns:
        ``(method, method)``; NaN of a method with itself, and of fewer than two tasks.
    """
    logs = np.log(np.asarray(values, float))
    difference = logs[:, :, None] - logs[:, None, :]
    n = len(logs)
    if n < 2:
        return np.full(difference.shape[1:], np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        t = difference.mean(axis=0) / (difference.std(axis=0, ddof=1) / n**0.5)
    return 2 * stdtr(n - 1, -np.abs(t))


def quartiles(values: np.ndarray) -> np.ndarray:
    """Quartiles over the first axis as an axis after the methods': ``(method, 3, ...)``."""
    if not len(values):
        return np.full((values.shape[1], 3, *values.shape[2:]), np.nan)
    return np.moveaxis(np.quantile(values, (0.25, 0.5, 0.75), axis=0), 0, 1)
