r"""Unbiased cosine and norm ratio of two noisy gradients.

The mean :math:`\bar g` of B independent batches is the gradient g plus noise of covariance
:math:`S_g`. For two gradients g and h from different trials, unbiased estimates are

.. math::
    P = \bar g \cdot \bar h \approx g \cdot h, \qquad
    G = |\bar g|^2 - \operatorname{tr} \hat S_g \approx |g|^2, \qquad
    H = |\bar h|^2 - \operatorname{tr} \hat S_h \approx |h|^2.

The wanted number is a product of powers, :math:`F = P^a G^b H^c`: the cosine has the exponents
(1, -1/2, -1/2), the norm ratio (0, 1/2, -1/2). Although the factors are unbiased, F is biased. To
second order in the errors of the factors the bias is

.. math::
    \frac{E[F]}{F} - 1 \approx \frac{b (b - 1)}{2} \frac{\operatorname{Var} G}{G^2}
    + \frac{c (c - 1)}{2} \frac{\operatorname{Var} H}{H^2}
    + a b \frac{\operatorname{Cov}(P, G)}{P G} + a c \frac{\operatorname{Cov}(P, H)}{P H}.

For two scalars, whose cosine is 1 or -1, the bias is :math:`S_g / 2 g^2 + S_h / 2 h^2`, away from
0. The estimate corrects for the bias,

.. math::
    \hat F = \Bigl(P - b \frac{\operatorname{Cov}(P, G)}{G} - c \frac{\operatorname{Cov}(P, H)}{H}
    \Bigr)^a \prod_{(X, e) = (G, b), (H, c)} X^e
    \Bigl(1 + \frac{\operatorname{Var} X}{2 X^2}\Bigr)^{-e (e - 1)}.

Powers in place of the expansion change neither the second order nor the sign, and they keep the
estimate from growing with large noise. Nothing is clipped: an estimated cosine may exceed 1.

A batch of g that deviates by :math:`x_i` from the mean of the batches changes (P, G, H) by
:math:`(x_i \cdot \bar h, 2 x_i \cdot \bar g, 0)`, and similarly for h. The sum of products of these
influences, divided by B (B - 1), is the covariance C of (P, G, H). C counts products of noise with
noise twice. Counted once they are

.. math::
    D = \operatorname{diag}(\operatorname{tr} S_g S_h, \; 2 \operatorname{tr} S_g^2, \;
    2 \operatorname{tr} S_h^2),

and C - D is the covariance. The estimate of D, from the off-diagonal entries of centred Gram
matrices, is positive and has no bias. With the derivative w of F, the variance of F is
:math:`w^T (C - D) w`, but at least :math:`w^T D w`. This lower bound remains where the linear term
vanishes, for instance for parallel gradients. (The jackknife uses C, and its errors are too large
there by the root of 2.)

References: Stuart and Ord, "Kendall's Advanced Theory of Statistics", volume 1, 1994, chapter 10,
for moments of functions of estimates; Székely and Rizzo, "Partial distance correlation with methods
for dissimilarities", Annals of Statistics 42, 2014, for the centring (their U-centring).
"""

from typing import NamedTuple, TypeAlias

import numpy as np

Numbers: TypeAlias = float | np.floating | np.ndarray
"""A number, or an array with the leading axes of the batches."""

KNOWN_SE = 0.15
"""Largest standard error of a cosine that is reported as known."""


class Alignment(NamedTuple):
    """Direction and length of a gradient relative to the true gradient.

    Attributes:
        cosine: cosine of the angle between the two.
        ratio: norm over the norm of the true gradient.
        cosine_se: standard error of the cosine.
        ratio_se: standard error of the ratio.
    """

    cosine: Numbers
    ratio: Numbers
    cosine_se: Numbers
    ratio_se: Numbers


def alignment(batches: np.ndarray, true_batches: np.ndarray) -> Alignment:
    """Estimate the cosine and the norm ratio of a gradient to the true gradient.

    Args:
        batches: means over batches of trials, ``(..., batch, parameter)``.
        true_batches: means of an unbiased estimate over batches of other trials, same shape.

    Returns:
        The alignment, of shape ``(...)``; NaN where noise exceeds a gradient, and for fewer than
        four batches, which give no standard error.
    """
    moments = _moments(batches, true_batches)
    cosine, cosine_se = _power_product(moments, (1.0, -0.5, -0.5))
    ratio, ratio_se = _power_product(moments, (0.0, 0.5, -0.5))
    finite = np.isfinite(cosine) & np.isfinite(ratio)
    numbers = cosine, ratio, cosine_se, ratio_se
    return Alignment(*(np.where(finite, x, np.nan)[()] for x in numbers))


def mean_cosine(units: np.ndarray, true_batches: np.ndarray) -> tuple[Numbers, Numbers]:
    """Estimate the mean cosine of single estimates to the true gradient, with its error.

    Args:
        units: means of estimates, each divided by its norm, over batches of them,
            ``(..., batch, parameter)``.
        true_batches: means of an unbiased estimate over batches of other trials, same shape.

    Returns:
        Mean and standard error; NaN where noise exceeds the true gradient, and for fewer than four
        batches.
    """
    return _power_product(_moments(units, true_batches), (1.0, 0.0, -0.5))


def relative_variance(batches: np.ndarray, batch_size: int) -> Numbers:
    """Estimate a trial's variance, summed over parameters, over the squared norm of the mean.

    Args:
        batches: means over batches of trials, ``(..., batch, parameter)``.
        batch_size: trials in a batch.

    Returns:
        The ratio; NaN where noise exceeds the gradient, and for fewer than four batches.
    """
    inverse, _ = _power_product(_moments(batches, np.zeros_like(batches)), (0.0, -1.0, 0.0))
    variance = batch_size * batches.var(axis=-2, ddof=1).sum(axis=-1)
    return np.where(squared_norm(batches) > 0, variance * inverse, np.nan)[()]


def squared_norm(batches: np.ndarray) -> Numbers:
    """Estimate the squared norm of the mean without bias; the result may be negative."""
    noise = batches.var(axis=-2, ddof=1).sum(axis=-1) / batches.shape[-2]
    return (batches.mean(axis=-2) ** 2).sum(axis=-1) - noise


class _Moments(NamedTuple):
    """P, G and H of the module's docstring, ``(..., 3)``; C, ``(..., 3, 3)``; D, ``(..., 3)``."""

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
    """Estimate the trace of the squared covariance of a mean, without bias.

    The method is U-centring, which makes the rows of the Gram matrix without its diagonal sum to 0.

    Args:
        x: deviations of the batches from their mean, ``(..., batch, parameter)``.
    """
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
    """Return the estimate of F in the module's docstring, and the standard error."""
    x, c, d = moments
    e = np.array(exponents)
    variances = np.maximum(np.diagonal(c, axis1=-2, axis2=-1) - d, d)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        powers = x**e * (1 + variances / (2 * x**2)) ** (-e * (e - 1))
        shifts = np.where(e == 0, 0.0, e * c[..., 0, :] / x)[..., 1:].sum(axis=-1)
        powers[..., 0] = (x[..., 0] - shifts) ** e[0]
        # Products without one factor give the derivatives, also if the factor is 0.
        others = np.stack([np.delete(x**e, i, axis=-1).prod(axis=-1) for i in range(3)], axis=-1)
        w = np.where(e == 0, 0.0, e * x ** (e - 1) * others)
        noise = (w**2 * d).sum(axis=-1)
        variance = np.maximum(np.einsum("...i,...ij,...j", w, c, w) - noise, noise)
        return powers.prod(axis=-1), variance**0.5
