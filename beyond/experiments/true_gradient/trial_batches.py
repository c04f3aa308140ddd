"""Means of a gradient over batches of trials, layer by layer."""

import jax
import numpy as np
from jax import Array

import snn
from snn.estimators.base import Estimator
from snn.program import Program
from snn.stats import flatten
from snn.types import Noise, Params

TRUTH = "stochastic_ad_systematic"
"""The unbiased estimator whose averages are the true gradient."""
PER_RUN = 16
"""Trials of it at once: their replays fit into the processor's cache."""


def layer_batches(
    estimator: Estimator,
    program: Program,
    params: Params,
    key: Array,
    n_batches: int,
    n_trials: int,
) -> list[np.ndarray]:
    """Independent batches of trials, whose spread tells the error of their mean.

    The noise of all trials is held at once.

    Args:
        estimator: the estimator.
        program: the program.
        params: its parameters, one entry per layer.
        key: decides the noise, and the estimator's own choices.
        n_batches: number of batches.
        n_trials: trials of all batches together.

    Returns:
        One array ``(batch, parameter)`` per layer.
    """
    noise_key, own_key = jax.random.split(key)
    size = n_trials // n_batches
    # Drawn once and outside: to compile random numbers takes longer than most estimators do.
    noise = jax.tree.map(
        lambda xi: xi.reshape(n_batches, size, *xi.shape[1:]),
        snn.draw_noise(program, params, noise_key, n_batches * size),
    )
    keys = jax.random.split(own_key, n_batches)
    return [np.asarray(layer) for layer in _means(estimator, program, params, keys, noise)]


@jax.jit
def _means(
    estimator: Estimator, program: Program, params: Params, keys: Array, noise: Noise
) -> list[Array]:
    def batch(trials: tuple[Array, Noise]) -> list[Array]:
        key, xi = trials
        return [flatten(layer) for layer in estimator(program, params, xi, key).grad]

    return jax.lax.map(batch, (keys, noise))
