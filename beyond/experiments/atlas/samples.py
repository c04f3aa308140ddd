"""Samples of estimators: their moments, and what a budget of them is worth."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

import snn
from beyond.experiments.atlas.networks import Networks
from experiments.engine.declare.experiment import Data
from snn.estimators.base import Estimator
from snn.stats import effective_trials, flatten_trials
from snn.types import Noise, Params

VANISHING = 1e-9
"""A projection onto the gradient, relative to the gradient, below which it is zero."""

MAX_DRAWS = 1024
"""Gradients of one budget that a mean cosine is taken over, where there are enough trials."""


class Samples(NamedTuple):
    """Estimates of single trials.

    Attributes:
        grads: ``(network, trial, parameter)``.
        losses: ``(network, trial)``.
        evaluations: runs of the program per trial, ``(network,)``.
    """

    grads: Any
    losses: Any
    evaluations: Any


@jax.jit
def draw(estimator: Estimator, networks: Networks, noise: Noise, key: Array) -> Samples:
    """Return samples; estimators that differ in numbers alone share compiled code."""

    def of_one(net: tuple[snn.Program, Params, Noise]) -> Samples:
        program, params, noise = net
        estimate = estimator.per_trial(program, params, noise, key)
        evaluations = jnp.mean(estimate.n_evaluations, dtype=estimate.loss.dtype)
        return Samples(flatten_trials(estimate.grad), estimate.loss, evaluations)

    return jax.lax.map(of_one, (*networks, noise))


MAPS, MAX_MAPS = Path("/proc/self/maps"), Path("/proc/sys/vm/max_map_count")


def forget_compiled_if_full() -> None:
    """Let go of compiled code that fills half of the memory maps that Linux allows a process.

    A function takes some hundreds of the usual 65 530; at the last one compilation fails.
    """
    try:
        limit = int(MAX_MAPS.read_text())
        used = MAPS.read_bytes().count(b"\n")
    except OSError:  # another system, with other limits
        return
    if used >= limit / 2:
        jax.clear_caches()


def sampled(
    estimator: Estimator,
    net: tuple[Networks, Noise, np.ndarray],
    key: Array,
    budgets: Sequence[int],
    least_trials: int,
) -> Data:
    """Moments of samples, their runs, and the direction of what budgets buy.

    Args:
        estimator: what is sampled.
        net: the networks, their noise, and their exact gradients, ``(network, parameter)``.
        key: a JAX random key for choices of the estimator's own.
        budgets: runs of the program that one gradient may cost.
        least_trials: how many trials the estimator needs at once.

    Returns:
        The arrays of `EstimatorAtlas.compute` that one estimator has in one cell, but for those of
        its exact mean.
    """
    networks, noise, gradients = net
    samples = Samples(*map(np.asarray, draw(estimator, networks, noise, key)))
    runs = float(samples.evaluations.mean())
    numbers = [int(budget // runs) for budget in budgets]
    moments, aligned = [], np.full((len(gradients), len(budgets)), np.nan)
    for i, (each, losses, gradient) in enumerate(
        zip(samples.grads, samples.losses, gradients, strict=True)
    ):
        moments.append(_moments(each, gradient))
        for j, k in enumerate(numbers):
            if k >= least_trials:
                aligned[i, j] = mean_cosine(means_of(estimator, each, losses, k), gradient)
    variance, projection, projection_se, effective = np.transpose(moments)
    return {
        "variance": variance,
        "projection": projection,
        "projection_se": projection_se,
        "effective": effective,
        "aligned": aligned,
        "evaluations": np.array(runs),
    }


def _moments(each: np.ndarray, gradient: np.ndarray) -> tuple[float, float, float, float]:
    """Variance of a trial, mean projection, its standard error, and how many trials carry that.

    All but the last are relative to the gradient.
    """
    squared = gradient @ gradient
    along = each @ gradient / squared
    # Losses that are equal but for rounding, as where no trial has a rare spike, are no signal.
    signal = np.where(np.abs(along) > VANISHING, along, 0.0)
    return (
        each.var(axis=0, ddof=1).sum() / squared,
        along.mean(),
        along.std(ddof=1) / along.size**0.5,
        float(effective_trials(signal)),
    )


def means_of(estimator: Estimator, each: np.ndarray, losses: np.ndarray, k: int) -> np.ndarray:
    """Gradients of k trials each, ``(draw, parameter)``: at most `MAX_DRAWS`, from other trials.

    Args:
        estimator: what was sampled.
        each: its estimates, ``(trial, parameter)``.
        losses: of the trials, ``(trial,)``.
        k: trials of one gradient, at most as many as there are.
    """
    n = min(len(each) // k, MAX_DRAWS)
    if isinstance(estimator, snn.ScoreFunction):
        return estimator.means_of_groups(each, losses, k, n)
    return each[: n * k].reshape(n, k, -1).mean(axis=1)


def mean_cosine(estimates: np.ndarray, gradient: np.ndarray) -> float:
    """Mean over estimates of their cosine with a gradient; one that is zero points nowhere: 0."""
    size = np.linalg.norm(estimates, axis=1) * np.linalg.norm(gradient)
    return float(np.mean(estimates @ gradient / np.where(size > 0, size, 1.0)))


def without_trials(cosine: np.ndarray, budgets: Sequence[int]) -> Data:
    """No variance, one run: every budget buys the same."""
    return {
        "variance": np.zeros(len(cosine)),
        "effective": np.full(len(cosine), np.nan),
        "aligned": np.repeat(cosine[:, None], len(budgets), axis=1),
        "evaluations": np.array(1.0),
    }
