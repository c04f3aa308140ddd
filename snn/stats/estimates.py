"""Means with standard errors, z-scores, and comparisons of gradients."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.flatten_util import ravel_pytree
from jax.typing import ArrayLike


class Mean(NamedTuple):
    """A sample mean and its standard error, same shape."""

    mean: Array
    se: Array


def mean_and_se(samples: ArrayLike) -> Mean:
    r"""Return the mean over the leading axis, and the standard error :math:`\sqrt{var/n}` (ddof 1).

    Args:
        samples: array ``(trial, ...)``.

    Returns:
        Mean and standard error, both ``(...)``.

    Raises:
        ValueError: if there are fewer than two samples.
    """
    samples = jnp.asarray(samples)
    n = samples.shape[0]
    if n < 2:
        raise ValueError(f"mean_and_se: got {n} sample, expected at least 2.")
    return Mean(samples.mean(axis=0), samples.std(axis=0, ddof=1) / n**0.5)


def z_score(estimate: Mean, exact: ArrayLike) -> np.ndarray:
    """Return (mean - exact) / standard error.

    Differences below 1e-12 of the exact values' scale count as rounding and give 0. Larger
    differences of an estimate without an error give an infinite z-score.

    Args:
        estimate: mean and standard error, any shape.
        exact: exact values, same shape.
    """
    exact = np.asarray(exact)
    difference = np.asarray(estimate.mean) - exact
    noise = 1e-12 * max(1.0, np.abs(exact).max(initial=0.0))
    difference = np.where(np.abs(difference) < noise, 0.0, difference)
    se = np.asarray(estimate.se)
    infinite = np.where(difference == 0, 0.0, np.copysign(np.inf, difference))
    return np.where(se > noise, difference / np.where(se > noise, se, 1.0), infinite)


FEW_TRIALS = 30
"""Smallest effective number of trials for conclusions from a standard error.

With fewer, as for rare events, :math:`|z| > 3` is ten times as frequent as for normal trials.
"""


def effective_number(weights: ArrayLike) -> np.ndarray | float:
    r"""Return the effective number of weights, :math:`(\sum_i w_i)^2 / \sum_i w_i^2`.

    Args:
        weights: array ``(weight, ...)``, none negative.

    Returns:
        The number, ``(...)``; 0 where all weights are 0.

    Reference: Kish, "Survey Sampling", 1965: the effective sample size.
    """
    weights = np.asarray(weights, float)
    scale = weights.max(axis=0, initial=0.0)
    weights = weights / np.where(scale > 0, scale, 1.0)
    squares = np.sum(weights**2, axis=0)
    return np.sum(weights, axis=0) ** 2 / np.where(squares > 0, squares, 1.0)


def effective_trials(samples: ArrayLike) -> np.ndarray | float:
    r"""Return how many trials carry the sample variance, :math:`(\sum_i d_i^2)^2 / \sum_i d_i^4`.

    The d are deviations from the mean. For n trials of kurtosis :math:`\kappa` the number is
    :math:`n / \kappa`: a third of n for normal trials, and 1 if one trial has all the variance. The
    relative standard error of the sample variance is about one over the square root of the number.
    If the number is small, for instance because rare spikes carry a gradient, standard errors are
    too small and z-scores mean nothing. Events that no trial contains have no effect on it.

    Args:
        samples: array ``(trial, ...)``.

    Returns:
        The number, ``(...)``; 0 where all trials are equal, up to rounding.
    """
    samples = np.asarray(samples, float)
    scale = np.abs(samples).max(axis=0)
    d = samples - samples.mean(axis=0)
    d = np.where(np.abs(d) <= 1e-12 * scale, 0.0, d) / np.where(scale > 0, scale, 1.0)
    return effective_number(d**2)


def flatten_trials(tree: Any) -> Array:
    """Return per-trial gradients as a matrix ``(trial, parameter)``, in pytree order."""
    return jax.vmap(lambda t: ravel_pytree(t)[0])(tree)


def flatten(tree: Any) -> Array:
    """Return a gradient as a vector ``(parameter,)``, in pytree order."""
    return ravel_pytree(tree)[0]


def cosine(a: Any, b: Any) -> Array:
    """Return the cosine of the angle between two gradients, pytrees of equal structure."""
    a, b = flatten(a), flatten(b)
    return a @ b / (jnp.linalg.norm(a) * jnp.linalg.norm(b))


def relative_error(a: Any, b: Any) -> Array:
    """Return the norm of the difference over the norm of ``b``."""
    a, b = flatten(a), flatten(b)
    return jnp.linalg.norm(a - b) / jnp.linalg.norm(b)
