"""Means of a gradient over batches of trials, layer by layer."""

from functools import partial

import jax
import numpy as np
from jax import Array

import snn
from snn.estimators.base import Estimator
from snn.stats import flatten
from snn.types import Params, Program


def layer_batches(
    estimator: Estimator,
    program: Program,
    params: Params,
    key: Array,
    n_batches: int,
    n_trials: int,
) -> list[np.ndarray]:
    """Independent batches of trials, whose spread tells the error of their mean.

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
    keys = jax.random.split(key, n_batches)
    layers = _means(estimator, program, params, keys, n_trials // n_batches)
    return [np.asarray(layer) for layer in layers]


@partial(jax.jit, static_argnames="size")
def _means(
    estimator: Estimator, program: Program, params: Params, keys: Array, size: int
) -> list[Array]:
    def batch(key: Array) -> list[Array]:
        noise_key, own_key = jax.random.split(key)
        noise = snn.draw_noise(program, params, noise_key, size)
        return [flatten(layer) for layer in estimator(program, params, noise, own_key).grad]

    return jax.lax.map(batch, keys)
