"""Samples of estimators: their moments, what they cost, and what a budget of them is worth."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

import snn
from beyond.experiments.atlas.networks import Networks
from experiments.engine.base import Data
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
def _samples(estimator: Estimator, networks: Networks, noise: Noise, key: Array) -> Samples:
    def of_one(net: tuple[snn.Program, Params, Noise]) -> Samples:
        program, params, noise = net
        estimate = estimator.per_trial(program, params, noise, key)
        evaluations = jnp.mean(estimate.n_evaluations, dtype=estimate.loss.dtype)
        return Samples(flatten_trials(estimate.grad), estimate.loss, evaluations)

    return jax.lax.map(of_one, (*networks, noise))


_samplers: dict[tuple, Any] = {}
MAPS, MAX_MAPS = Path("/proc/self/maps"), Path("/proc/sys/vm/max_map_count")


def draw(estimator: Estimator, *others: Any) -> tuple[Samples, float, float]:
    """Return samples, and what a trial costs: memory in kB, and processor time in µs.

    Estimators that differ in numbers alone share compiled code, and so do panels of a figure.
    Memory is that held at once, per trial of the largest batch, and one estimate to keep; NaN where
    it is not known.

    Args:
        estimator: what is sampled.
        *others: the other arguments of `_samples`.
    """
    arguments = (estimator, *others)
    leaves, structure = jax.tree.flatten(arguments)
    key = (structure, tuple((jnp.shape(leaf), str(jnp.result_type(leaf))) for leaf in leaves))
    if key not in _samplers:
        _samplers[key] = _samples.lower(*arguments).compile()
        # A first run takes several times as long, and is not to be timed.
        jax.block_until_ready(_samplers[key](*arguments))
    start = time.process_time()  # other programs do not count
    samples = jax.block_until_ready(_samplers[key](*arguments))
    seconds = time.process_time() - start
    n_networks, n_trials = samples.losses.shape
    memory = _samplers[key].memory_analysis()
    held = memory.temp_size_in_bytes if memory else np.nan
    estimate = samples.grads.shape[-1] * samples.grads.itemsize
    kilobytes = (held / min(n_trials, estimator.batch_size) + estimate) / 1e3
    samples = Samples(*map(np.asarray, samples))
    return samples, kilobytes, 1e6 * seconds / (n_networks * n_trials)


def forget_samplers_if_full() -> None:
    """Let go of compiled code that fills half of the memory maps that Linux allows a process.

    A function takes some hundreds of the usual 65 530; at the last one compilation fails.
    """
    try:
        limit = int(MAX_MAPS.read_text())
        used = MAPS.read_bytes().count(b"\n")
    except OSError:  # another system, with other limits
        return
    if used >= limit / 2:
        _samplers.clear()
        jax.clear_caches()


def sampled(
    estimator: Estimator,
    net: tuple[Networks, Noise, np.ndarray],
    key: Array,
    budgets: Sequence[int],
    least_trials: int,
) -> Data:
    """Moments of samples, their cost, and the direction of what budgets buy.

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
    samples, kilobytes, microseconds = draw(estimator, networks, noise, key)
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
        "kilobytes": np.array(kilobytes),
        "microseconds": np.array(microseconds),
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
    """No variance, one run, no batch to hold and none to time: every budget buys the same."""
    return {
        "variance": np.zeros(len(cosine)),
        "effective": np.full(len(cosine), np.nan),
        "aligned": np.repeat(cosine[:, None], len(budgets), axis=1),
        "evaluations": np.array(1.0),
        "kilobytes": np.array(np.nan),
        "microseconds": np.array(np.nan),
    }
