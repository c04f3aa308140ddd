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
"""Unbiased estimator whose averages are the true gradient."""
PER_RUN = 16
"""Number of trials at once; their replays fit into the processor's cache."""


def layer_batches(
    estimator: Estimator,
    program: Program,
    params: Params,
    key: Array,
    n_batches: int,
    n_trials: int,
) -> list[np.ndarray]:
    """Return means over independent batches of trials, whose spread gives the standard error.

    The noise of all trials is in memory at the same time.

    Args:
        estimator: the estimator.
        program: the program.
        params: parameters of the program, one entry per layer.
        key: a JAX random key for the noise and the estimator's choices.
        n_batches: number of batches.
        n_trials: trials of all batches together.

    Returns:
        One array ``(batch, parameter)`` per layer.
    """
    noise_key, own_key = jax.random.split(key)
    size = n_trials // n_batches
    # Drawn once, outside of compiled code: random numbers take longer to compile than estimators.
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
