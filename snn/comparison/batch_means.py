r"""Cosine and norm ratio of two noisy gradients, freed from the bias that their noise gives.

The mean :math:`\bar g` of B independent batches is the gradient plus noise, and its squared norm is
too large by the noise. Unbiased are

.. math::
    \langle g, g \rangle \approx |\bar g|^2 - \frac{1}{B} \sum_k \hat\sigma_k^2, \qquad
    \langle g, h \rangle \approx \bar g \cdot \bar h

for estimates of g and h from different trials. Standard errors are the jackknife's over batches.

Reference: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 11.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

KNOWN_SE = 0.15
"""A cosine with a larger standard error says nothing."""


class Comparison(NamedTuple):
    """A gradient against the true one.

    Attributes:
        cosine: cosine of the angle between the two.
        ratio: norm over that of the true gradient.
        cosine_se: standard error of the cosine.
        ratio_se: standard error of the ratio.
    """

    cosine: float
    ratio: float
    cosine_se: float
    ratio_se: float


def compare(batches: np.ndarray, true_batches: np.ndarray) -> Comparison:
    """Compares a gradient with the true one.

    Args:
        batches: means over batches of trials, ``(batch, parameter)``.
        true_batches: means of an unbiased estimate over batches of other trials, same shape.

    Returns:
        The comparison; NaN where noise drowns a gradient.
    """
    numbers, se = _with_jackknife(_cosine_and_ratio, batches, true_batches)
    return Comparison(*numbers, *se)


def mean_cosine(units: np.ndarray, true_batches: np.ndarray) -> tuple[float, float]:
    """Mean cosine of single estimates to the true gradient, and its standard error.

    Args:
        units: means of estimates, each divided by its norm, over batches of them,
            ``(batch, parameter)``.
        true_batches: means of an unbiased estimate over batches of other trials, same shape.

    Returns:
        Both; NaN where noise drowns the true gradient.
    """

    def cosine(unit: np.ndarray, true: np.ndarray) -> float:
        squared = squared_norm(true)
        product = float(unit.mean(axis=0) @ true.mean(axis=0))
        return product / squared**0.5 if squared > 0 else np.nan

    return _with_jackknife(cosine, units, true_batches)


def squared_ratio(batches: np.ndarray, true_batches: np.ndarray) -> tuple[float, float]:
    """Squared norm over that of the true gradient, and its standard error.

    Exists where noise drowns the gradient, too: it then is around zero, may come out negative, and
    its standard error is too large, by up to a factor of the square root of 2.

    Args:
        batches: means over batches of trials, ``(batch, parameter)``, for instance of the
            difference of two estimates under the same noise.
        true_batches: means of an unbiased estimate over batches of other trials, same shape.
    """
    return _with_jackknife(
        lambda g, true: squared_norm(g) / squared_norm(true), batches, true_batches
    )


def _with_jackknife(numbers: Callable, *samples: np.ndarray) -> tuple[Any, Any]:
    """Numbers of samples of equally many batches, and their standard errors."""
    samples = tuple(np.asarray(sample, float) for sample in samples)
    n = len(samples[0])
    left_out = [numbers(*(np.delete(g, i, axis=0) for g in samples)) for i in range(n)]
    return numbers(*samples), np.std(left_out, axis=0) * (n - 1) ** 0.5


def relative_variance(batches: np.ndarray, batch_size: int) -> float:
    """Variance of one trial's estimate, summed over parameters, over the squared norm of its mean.

    Args:
        batches: means over batches of trials, ``(batch, parameter)``.
        batch_size: trials in a batch.
    """
    squared = squared_norm(batches)
    variance = float(batch_size * batches.var(axis=0, ddof=1).sum())
    return variance / squared if squared > 0 else np.nan


def squared_norm(batches: np.ndarray) -> float:
    """Unbiased estimate of the squared norm of the mean; may come out negative."""
    noise = batches.var(axis=0, ddof=1).sum() / len(batches)
    return float((batches.mean(axis=0) ** 2).sum() - noise)


def _cosine_and_ratio(g: np.ndarray, true: np.ndarray) -> tuple[float, float]:
    norms = squared_norm(g), squared_norm(true)
    if min(norms) <= 0:
        return np.nan, np.nan
    product = float(g.mean(axis=0) @ true.mean(axis=0))
    return product / (norms[0] * norms[1]) ** 0.5, (norms[0] / norms[1]) ** 0.5
