r"""Confidence interval for the cosine of two noisy gradients, valid up to a cosine of 1.

Near 1 the error of a cosine is the error of a squared length: skewed, and bounded on one side. Two
standard errors then do not cover the truth. The angle is therefore computed from two parts. With e
the direction of the exact gradient's mean, g has the component :math:`\alpha` along e and the
length :math:`\rho` across e. The angle is :math:`\operatorname{atan2}(\rho, \alpha)`.

Across e, the mean of B batches has the squared length X and noise of covariance S. The noise of the
exact gradient adds to S, times :math:`\alpha / |h|`. With
:math:`k = (\operatorname{tr} S)^2 / \operatorname{tr} S^2` degrees of freedom (Satterthwaite 1946),
:math:`X / \operatorname{tr} S` is noncentral F with k and k (B - 1) degrees of freedom, and
noncentrality :math:`k \rho^2 / \operatorname{tr} S`. The quantiles of F are inverted for
:math:`\rho`, the quantiles of Student's t for :math:`\alpha`. The method of variance estimates
recovery combines the two intervals (Zou and Donner 2008).

References: Satterthwaite, Biometrics Bulletin 2, 1946; Zou and Donner, Statistics in Medicine 27,
2008.
"""

import numpy as np
from scipy.special import ncfdtr, stdtrit

from snn.stats.batch_means import Numbers, mean_cosine, squared_covariance

LEVEL = 0.95


def cosine_interval(batches: np.ndarray, true_batches: np.ndarray) -> tuple[Numbers, Numbers]:
    """Return the two ends of an interval of confidence 0.95 for the cosine.

    Args:
        batches: means over batches of trials, ``(..., batch, parameter)``.
        true_batches: means of an unbiased estimate over batches of other trials, same shape.

    Returns:
        Both of shape ``(...)``; NaN where the exact gradient is lost in its noise.
    """
    g, h = np.asarray(batches, float), np.asarray(true_batches, float)
    n, size = g.shape[-2:]
    g_mean, h_mean = g.mean(axis=-2), h.mean(axis=-2)
    with np.errstate(divide="ignore", invalid="ignore"):
        direction = h_mean / np.linalg.norm(h_mean, axis=-1, keepdims=True)
        turned = (g_mean * h_mean).sum(axis=-1) / (h_mean**2).sum(axis=-1)
    along, error = (np.asarray(x) for x in mean_cosine(g, h))
    sign = np.where(along < 0, -1.0, 1.0)  # beyond a right angle, measure from -e
    apart = (g - g_mean[..., None, :]) - turned[..., None, None] * (h - h_mean[..., None, :])
    apart = apart - (apart @ direction[..., None]) * direction[..., None, :]
    across = g_mean - (g_mean * direction).sum(axis=-1, keepdims=True) * direction
    squared = (across**2).sum(axis=-1) if size > 1 else np.zeros(g.shape[:-2])
    noise = apart.var(axis=-2, ddof=1).sum(axis=-1) / n
    low, high = _lengths(squared, noise, squared_covariance(apart), n, size - 1)
    length = np.sqrt(np.maximum(squared - noise, 0.0))
    reach = float(stdtrit(n - 1, 0.5 + LEVEL / 2)) * error
    along = abs(along)
    angle = np.arctan2(length, along)
    more = np.hypot(np.arctan2(high, along) - angle, np.arctan2(length, along - reach) - angle)
    less = np.hypot(np.arctan2(low, along) - angle, np.arctan2(length, along + reach) - angle)
    ends = [sign * np.cos(np.clip(end, 0, np.pi)) for end in (angle + more, angle - less)]
    return np.minimum(*ends), np.maximum(*ends)


def _lengths(
    squared: Numbers, noise: Numbers, noise_squared: Numbers, n: int, size: int
) -> tuple[Numbers, Numbers]:
    """Return the ends of the interval of a length.

    Args:
        squared: estimate of the squared length.
        noise: noise in this estimate, the trace of the covariance.
        noise_squared: trace of the squared covariance.
        n: number of batches.
        size: number of dimensions.
    """
    if size < 1:
        return np.zeros_like(squared), np.zeros_like(squared)
    with np.errstate(divide="ignore", invalid="ignore"):
        freedom = np.clip(noise**2 / noise_squared, 1.0, size)
        ratio = squared / noise
    scale = np.sqrt(noise / freedom)
    ends = []
    for probability in (0.5 + LEVEL / 2, 0.5 - LEVEL / 2):
        # Bisection in the root of the noncentrality, from 0 to far beyond the estimate.
        below = np.zeros_like(squared)
        above = np.sqrt(freedom * np.nan_to_num(ratio, posinf=0.0)) + 12.0
        for _ in range(40):
            middle = (below + above) / 2
            far = ncfdtr(freedom, freedom * (n - 1), middle**2, ratio) > probability
            below, above = np.where(far, middle, below), np.where(far, above, middle)
        ends.append(np.where(noise > 1e-24 * squared, below * scale, np.sqrt(squared)))
    return ends[0], ends[1]
