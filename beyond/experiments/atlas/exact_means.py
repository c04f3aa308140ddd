"""Exact gradients, and exact means of estimators in comparison.

Functions take a batch of networks and compute one network at a time, to bound the memory.
"""

from functools import partial
from typing import Any

import jax
import numpy as np
from jax import Array

import snn
from beyond.experiments.atlas.compared import COMPARED
from beyond.experiments.atlas.networks import Networks
from experiments.engine.experiment import Data
from experiments.estimators import estimator
from experiments.merge_estimators import merge_estimators
from snn.estimators.base import Estimator, Oracle
from snn.estimators.layered_mean import LayeredMean
from snn.estimators.path_sample_analytic import PathSampleAnalytic
from snn.stats import flatten
from snn.types import Noise, Params


@jax.jit
def exact_gradients(networks: Networks) -> Array:
    """Return gradients of the expected losses, ``(network, parameter)``."""
    return jax.lax.map(lambda net: flatten(snn.TransferMatrix()(*net).grad), networks)


def exact_means(estimator: Estimator, networks: Networks, noise: Noise, key: Array) -> Any:
    """Return an estimator's means over all noise, ``(network, parameter)``; None if unknown.

    Args:
        estimator: the estimator.
        networks: networks with a leading axis.
        noise: uniform numbers, ``(network, trial, neuron)``.
        key: a random key for the estimator's own choices.
    """
    if is_deterministic(estimator):
        return sampled_means(estimator, networks, noise, key, n=1)
    match estimator:
        case snn.Surrogate():
            return _by_layers(LayeredMean(_with_all_shapes(estimator)), networks)
        case snn.SmoothedStochasticAD() | PathSampleAnalytic():
            return _by_layers(LayeredMean(estimator), networks)
    return None


def _with_all_shapes(surrogate: snn.Surrogate) -> snn.Surrogate:
    """Return the surrogate gradient as a program shared by all shapes in the atlas."""
    methods = [estimator(name, beta=1.0) for name in COMPARED]
    shapes = [one for one in methods if isinstance(one, snn.Surrogate)]
    return merge_estimators([*shapes, surrogate], "derivative")[-1]


@jax.jit
def _by_layers(mean: LayeredMean, networks: Networks) -> Array:
    return jax.lax.map(lambda net: flatten(mean(*net).grad), networks)


@partial(jax.jit, static_argnames="n")
def sampled_means(
    estimator: Estimator, networks: Networks, noise: Noise, key: Array, n: int | None = None
) -> Array:
    """Return an estimator's means over trials, all of them or the first n.

    Args:
        estimator: the estimator.
        networks: networks with a leading axis.
        noise: uniform numbers, ``(network, trial, neuron)``.
        key: a random key for the estimator's own choices.
        n: number of trials; None for all.

    Returns:
        Means, ``(network, parameter)``.
    """

    def mean(net: tuple[snn.Program, Params, Noise]) -> Array:
        program, params, noise = net
        some = jax.tree.map(lambda xi: xi[:n], noise)
        return flatten(estimator(program, params, some, key).grad)

    return jax.lax.map(mean, (*networks, noise))


def is_deterministic(estimator: Estimator) -> bool:
    """Return whether an estimator uses no noise."""
    match estimator:
        case Oracle() | snn.Surrogate(forward=snn.threshold):
            return True
    return False


def set_against(mean: Array | np.ndarray | None, gradient: np.ndarray) -> Data:
    """Return cosine and bias of means, ``(network,)``; NaN without a mean."""
    if mean is None:
        unknown = np.full(len(gradient), np.nan)
        return {"cosine": unknown, "bias": unknown}
    mean, norm = np.asarray(mean), np.linalg.norm(gradient, axis=1)
    size = np.linalg.norm(mean, axis=1)
    return {
        # A mean of zero has cosine 0.
        "cosine": np.sum(mean * gradient, axis=1) / (norm * np.where(size > 0, size, 1.0)),
        "bias": np.linalg.norm(mean - gradient, axis=1) / norm,
    }
