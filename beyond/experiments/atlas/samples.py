"""Samples of estimators: moments, and the direction of gradients at a budget."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

import snn
from beyond.experiments.atlas.networks import Networks
from experiments.engine.experiment import Data
from snn.estimators.base import Estimator
from snn.stats import effective_trials, flatten_trials
from snn.types import Noise, Params

VANISHING = 1e-9
"""Relative projection onto the gradient below which the projection counts as zero."""

MAX_DRAWS = 1024
"""Largest number of gradients in a mean cosine at a budget."""


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
    """Return samples; estimators that differ in numbers alone share compiled code.

    Args:
        estimator: the estimator.
        networks: networks with a leading axis.
        noise: uniform numbers, ``(network, trial, neuron)``.
        key: a random key for the estimator's own choices.

    Returns:
        Gradients, losses and evaluations of every trial.
    """

    def of_one(net: tuple[snn.Program, Params, Noise]) -> Samples:
        program, params, noise = net
        estimate = estimator.per_trial(program, params, noise, key)
        evaluations = jnp.mean(estimate.n_evaluations, dtype=estimate.loss.dtype)
        return Samples(flatten_trials(estimate.grad), estimate.loss, evaluations)

    return jax.lax.map(of_one, (*networks, noise))


MAPS, MAX_MAPS = Path("/proc/self/maps"), Path("/proc/sys/vm/max_map_count")


def forget_compiled_if_full() -> None:
    """Clear compiled code if the process uses half of the memory maps that Linux allows.

    A function takes some hundreds of the usual 65 530 maps; compilation fails when none is left.
    """
    try:
        limit = int(MAX_MAPS.read_text())
        used = MAPS.read_bytes().count(b"\n")
    except OSError:  # not on Linux: the limit does not exist
        return
    if used >= limit / 2:
        jax.clear_caches()


def least_trials(estimator: Estimator) -> int:
    """Return how many trials an estimator needs at once; a leave-one-out baseline needs two."""
    match estimator:
        case snn.ScoreFunction(baseline=snn.LeaveOneOut()):
            return 2
    return 1


def sampled(
    estimator: Estimator,
    net: tuple[Networks, Noise, np.ndarray],
    key: Array,
    budgets: Sequence[int],
) -> Data:
    """Return moments of samples, forward passes, and directions of gradients by budget.

    Args:
        estimator: the estimator to sample.
        net: the networks, the noise, and the exact gradients, ``(network, parameter)``.
        key: a JAX random key for random choices of the estimator.
        budgets: budgets of one gradient, in forward passes.

    Returns:
        The arrays of `EstimatorAtlas.compute` for one estimator and cell, without the arrays of the
        exact mean.
    """
    networks, noise, gradients = net
    samples = Samples(*map(np.asarray, draw(estimator, networks, noise, key)))
    runs = float(samples.evaluations.mean())
    n_trials = [int(budget // runs) for budget in budgets]
    moments, aligned = [], np.full((len(gradients), len(budgets)), np.nan)
    for i, (each, losses, gradient) in enumerate(
        zip(samples.grads, samples.losses, gradients, strict=True)
    ):
        moments.append(_moments(each, gradient))
        for j, k in enumerate(n_trials):
            if k >= least_trials(estimator):
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


def _moments(estimates: np.ndarray, gradient: np.ndarray) -> tuple[float, float, float, float]:
    """Return variance, mean projection with standard error, and effective number of trials.

    The first three are relative to the gradient.
    """
    squared = gradient @ gradient
    along = estimates @ gradient / squared
    # Without a rare spike in any trial, losses are equal up to rounding: not a signal.
    signal = np.where(np.abs(along) > VANISHING, along, 0.0)
    return (
        estimates.var(axis=0, ddof=1).sum() / squared,
        along.mean(),
        along.std(ddof=1) / along.size**0.5,
        float(effective_trials(signal)),
    )


def means_of(estimator: Estimator, estimates: np.ndarray, losses: np.ndarray, k: int) -> np.ndarray:
    """Return gradients of k trials, ``(draw, parameter)``: at most `MAX_DRAWS`, without overlap.

    Args:
        estimator: the estimator that was sampled.
        estimates: estimates of single trials, ``(trial, parameter)``.
        losses: losses of the trials, ``(trial,)``.
        k: number of trials in one gradient.
    """
    n = min(len(estimates) // k, MAX_DRAWS)
    if isinstance(estimator, snn.ScoreFunction):
        return estimator.means_of_groups(estimates, losses, k, n)
    return estimates[: n * k].reshape(n, k, -1).mean(axis=1)


def mean_cosine(estimates: np.ndarray, gradient: np.ndarray) -> float:
    """Return the mean cosine of estimates with a gradient; an estimate of zero has cosine 0."""
    size = np.linalg.norm(estimates, axis=1) * np.linalg.norm(gradient)
    return float(np.mean(estimates @ gradient / np.where(size > 0, size, 1.0)))


def without_trials(cosine: np.ndarray, budgets: Sequence[int]) -> Data:
    """Return the arrays of an estimator without variance, with one forward pass."""
    return {
        "variance": np.zeros(len(cosine)),
        "effective": np.full(len(cosine), np.nan),
        "aligned": np.repeat(cosine[:, None], len(budgets), axis=1),
        "evaluations": np.array(1.0),
    }
