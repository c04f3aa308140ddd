"""Cosine, norm ratio and variance of two noisy gradients: a copy of the core's, without JAX.

The formulas are derived in snn/stats/batch_means.py. The core imports JAX, which users of PyTorch
need not have. A test compares each function with its original.
"""

from typing import NamedTuple, TypeAlias

import numpy as np

Numbers: TypeAlias = float | np.floating | np.ndarray
"""A number, or an array of numbers over the leading axes."""

KNOWN_SE = 0.15
"""Standard error above which a cosine counts as unknown."""

FEW_TRIALS = 30
"""Effective number of trials below which the standard error of a variance is too small."""


class Alignment(NamedTuple):
    """Cosine and norm ratio of a gradient to the true gradient, with standard errors."""

    cosine: Numbers
    ratio: Numbers
    cosine_se: Numbers
    ratio_se: Numbers


def alignment(batches: np.ndarray, true_batches: np.ndarray) -> Alignment:
    """Return cosine and norm ratio of a gradient to the true one."""
    moments = _moments(batches, true_batches)
    cosine, cosine_se = _power_product(moments, (1.0, -0.5, -0.5))
    ratio, ratio_se = _power_product(moments, (0.0, 0.5, -0.5))
    finite = np.isfinite(cosine) & np.isfinite(ratio)
    numbers = cosine, ratio, cosine_se, ratio_se
    return Alignment(*(np.where(finite, x, np.nan)[()] for x in numbers))


def mean_cosine(units: np.ndarray, true_batches: np.ndarray) -> tuple[Numbers, Numbers]:
    """Return the mean cosine of single estimates to the true gradient, and the standard error."""
    return _power_product(_moments(units, true_batches), (1.0, 0.0, -0.5))


def relative_variance(batches: np.ndarray, batch_size: int) -> Numbers:
    """Return the variance of one trial's estimate over the squared norm of the mean."""
    inverse, _ = _power_product(_moments(batches, np.zeros_like(batches)), (0.0, -1.0, 0.0))
    variance = batch_size * batches.var(axis=-2, ddof=1).sum(axis=-1)
    return np.where(squared_norm(batches) > 0, variance * inverse, np.nan)[()]


def squared_norm(batches: np.ndarray) -> Numbers:
    """Return an unbiased estimate of the squared norm of the mean, which may be negative."""
    noise = batches.var(axis=-2, ddof=1).sum(axis=-1) / batches.shape[-2]
    return (batches.mean(axis=-2) ** 2).sum(axis=-1) - noise


class _Moments(NamedTuple):
    """P, G and H of the head of this file, ``(..., 3)``; C, ``(..., 3, 3)``; D, ``(..., 3)``."""

    values: np.ndarray
    c: np.ndarray
    d: np.ndarray


def _moments(g: np.ndarray, h: np.ndarray) -> _Moments:
    g, h = np.asarray(g, float), np.asarray(h, float)
    n = g.shape[-2]
    means = g_mean, h_mean = g.mean(axis=-2), h.mean(axis=-2)
    x, y = g - g_mean[..., None, :], h - h_mean[..., None, :]
    (xg, xh), (yg, yh) = ([(z @ m[..., None])[..., 0] for m in means] for z in (x, y))
    zero = np.zeros_like(xg)
    influences = np.stack([[xh, 2 * xg, zero], [yg, zero, 2 * yh]])
    values = np.stack([(g_mean * h_mean).sum(axis=-1), squared_norm(g), squared_norm(h)], axis=-1)
    d = [
        ((x @ np.swapaxes(y, -1, -2)) ** 2).sum(axis=(-1, -2)) / (n * (n - 1)) ** 2,
        2 * squared_covariance(x),
        2 * squared_covariance(y),
    ]
    c = np.einsum("si...k,sj...k->...ij", influences, influences) / (n * (n - 1))
    return _Moments(values, c, np.stack(d, axis=-1))


def squared_covariance(x: np.ndarray) -> Numbers:
    """Return the trace of the squared covariance of a mean, from deviations."""
    n = x.shape[-2]
    if n < 4:
        return np.full(x.shape[:-2], np.nan)
    off = 1 - np.eye(n)
    gram = (x @ np.swapaxes(x, -1, -2)) * off
    rows = gram.sum(axis=-1, keepdims=True) / (n - 2)
    total = rows.sum(axis=-2, keepdims=True) / (n - 1)
    centred = (gram - rows - np.swapaxes(rows, -1, -2) + total) * off
    return (centred**2).sum(axis=(-1, -2)) / (n * (n - 3)) / n**2


def _power_product(
    moments: _Moments, exponents: tuple[float, float, float]
) -> tuple[Numbers, Numbers]:
    """Return the estimate of F of the head of this file, and its standard error."""
    x, c, d = moments
    e = np.array(exponents)
    variances = np.maximum(np.diagonal(c, axis1=-2, axis2=-1) - d, d)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        powers = x**e * (1 + variances / (2 * x**2)) ** (-e * (e - 1))
        shifts = np.where(e == 0, 0.0, e * c[..., 0, :] / x)[..., 1:].sum(axis=-1)
        powers[..., 0] = (x[..., 0] - shifts) ** e[0]
        # The derivative with respect to a factor omits the factor, since the factor may be 0.
        others = np.stack([np.delete(x**e, i, axis=-1).prod(axis=-1) for i in range(3)], axis=-1)
        w = np.where(e == 0, 0.0, e * x ** (e - 1) * others)
        noise = (w**2 * d).sum(axis=-1)
        variance = np.maximum(np.einsum("...i,...ij,...j", w, c, w) - noise, noise)
        return powers.prod(axis=-1), variance**0.5
