"""Exact gradients, exact means of estimators, and moments of their samples.

Everything takes a batch of networks, and goes through it one by one: that bounds the memory.
"""

import time
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.flatten_util import ravel_pytree

import snn
from experiments.atlas.networks import Networks
from snn.estimators.base import Estimator, Oracle, map_batched
from snn.estimators.evolution_strategies import EvolutionStrategies
from snn.estimators.finite_differences import FiniteDifferences
from snn.estimators.layered_mean import LayeredMean
from snn.estimators.path_sample_analytic import PathSampleAnalytic
from snn.stats import flatten, flatten_trials
from snn.types import Noise, Params

Arrays = dict[str, np.ndarray]

PERTURBATIONS = 32
"""Pairs of perturbations that the mean of evolution strategies is averaged over."""


class Moments(NamedTuple):
    """Samples of an estimator against the exact gradient g, relative to its squared norm.

    Attributes:
        variance: sum of the variances of all components in one trial.
        projection: mean over trials of the scalar product with g.
        projection_se: standard error of that.
        evaluations: runs of the program per trial.
    """

    variance: Array
    projection: Array
    projection_se: Array
    evaluations: Array


@jax.jit
def exact_gradients(networks: Networks) -> Array:
    """Gradients of the expected losses, ``(network, parameter)``."""
    return jax.lax.map(lambda net: flatten(snn.TransferMatrix()(*net).grad), networks)


def exact_means(estimator: Estimator, networks: Networks, noise: Noise, key: Array) -> Any:
    """An estimator's means over all noise, ``(network, parameter)``; None where there is no way."""
    match estimator:
        case Oracle() | snn.Surrogate(forward=snn.threshold):
            return _without_noise(estimator, networks, noise)
        case snn.Surrogate() | snn.SmoothedStochasticAD() | PathSampleAnalytic():
            return _by_layers(LayeredMean(estimator), networks)
        case FiniteDifferences(epsilon=epsilon):
            return _of_differences(epsilon, networks)
        case EvolutionStrategies(sigma=sigma):
            return _of_perturbations(sigma, networks, key)
    return None


@jax.jit
def _without_noise(estimator: Estimator, networks: Networks, noise: Noise) -> Array:
    def gradient(net: tuple[snn.Program, Params, Noise]) -> Array:
        program, params, noise = net
        one = jax.tree.map(lambda xi: xi[:1], noise)
        return flatten(estimator(program, params, one).grad)

    return jax.lax.map(gradient, (*networks, noise))


@jax.jit
def _by_layers(mean: LayeredMean, networks: Networks) -> Array:
    return jax.lax.map(lambda net: flatten(mean(*net).grad), networks)


@jax.jit
def _of_differences(epsilon: Array, networks: Networks) -> Array:
    def quotients(net: Networks) -> Array:
        program, params = net
        theta, unflatten = ravel_pytree(params)

        def loss(theta: Array) -> Array:
            return snn.TransferMatrix().expected_loss(program, unflatten(theta))

        steps = epsilon * jnp.eye(theta.size, dtype=theta.dtype)
        both = jnp.concatenate([theta + steps, theta - steps])
        up, down = jnp.split(map_batched(loss, both, _at_once(params)), 2)
        return (up - down) / (2 * epsilon)

    return jax.lax.map(quotients, networks)


@jax.jit
def _of_perturbations(sigma: Array, networks: Networks, key: Array) -> Array:
    """Averages exact gradients over mirrored perturbations: little noise, of order sigma^2."""

    def mean(net: Networks) -> Array:
        program, params = net
        theta, unflatten = ravel_pytree(params)
        steps = sigma * jax.random.normal(key, (PERTURBATIONS, theta.size), theta.dtype)

        def gradient(step: Array) -> Array:
            return flatten(snn.TransferMatrix()(program, unflatten(theta + step)).grad)

        both = jnp.concatenate([steps, -steps])
        return map_batched(gradient, both, _at_once(params)).mean(axis=0)

    return jax.lax.map(mean, networks)


@jax.jit
def sampled_means(estimator: Estimator, networks: Networks, noise: Noise, key: Array) -> Array:
    """A biased estimator's means over the trials, where there is no exact one."""

    def mean(net: tuple[snn.Program, Params, Noise]) -> Array:
        program, params, noise = net
        return flatten(estimator(program, params, noise, key).grad)

    return jax.lax.map(mean, (*networks, noise))


def _at_once(params: Params) -> int:
    """How many transfer matrices of a network's width fit into a few hundred MB."""
    width = max(layer["w"].shape[1] for layer in params)
    return max(1, min(16, 2 ** (16 - 2 * width)))


@jax.jit
def _moments(
    estimator: Estimator, networks: Networks, noise: Noise, gradients: Array, key: Array
) -> Moments:
    def of_one(net: tuple[snn.Program, Params, Noise, Array]) -> Moments:
        program, params, noise, gradient = net
        squared = gradient @ gradient
        estimate = estimator.per_trial(program, params, noise, key)
        each = flatten_trials(estimate.grad)
        along = each @ gradient / squared
        return Moments(
            each.var(axis=0, ddof=1).sum() / squared,
            along.mean(),
            along.std(ddof=1) / along.size**0.5,
            jnp.mean(estimate.n_evaluations, dtype=squared.dtype),
        )

    return jax.lax.map(of_one, (*networks, noise, gradients))


class Sampler:
    """Compiled sampling of one estimator.

    Attributes:
        kilobytes: memory held at once, per trial of the largest batch; NaN where not known.
    """

    def __init__(self, *arguments: Any) -> None:
        estimator, _, noise, _, _ = arguments
        self._compiled = _moments.lower(*arguments).compile()
        at_once = min(jax.tree.leaves(noise)[0].shape[1], estimator.batch_size)
        memory = self._compiled.memory_analysis()
        self.kilobytes = memory.temp_size_in_bytes / 1e3 / at_once if memory else np.nan
        # A first run takes several times as long, and is not to be timed.
        jax.block_until_ready(self._compiled(*arguments))

    def __call__(self, *arguments: Any) -> tuple[Moments, float]:
        """Moments, and microseconds that a trial took in this run; arguments as in `sampler`."""
        n_networks, n_trials = jax.tree.leaves(arguments[2])[0].shape[:2]
        start = time.perf_counter()
        moments = jax.block_until_ready(self._compiled(*arguments))
        return moments, 1e6 * (time.perf_counter() - start) / (n_networks * n_trials)


_samplers: dict[tuple, Sampler] = {}
MAPS, MAX_MAPS = Path("/proc/self/maps"), Path("/proc/sys/vm/max_map_count")


def sampler(*arguments: Any) -> Sampler:
    """The compiled code for arguments of these types and shapes, numbers left free.

    Estimators that differ in numbers alone share it, and so do panels of a figure.

    Args:
        *arguments: those of `_moments`.
    """
    leaves, structure = jax.tree.flatten(arguments)
    key = (structure, tuple((jnp.shape(leaf), str(jnp.result_type(leaf))) for leaf in leaves))
    if key not in _samplers:
        _samplers[key] = Sampler(*arguments)
    return _samplers[key]


def forget_samplers_if_full() -> None:
    """Lets go of compiled code that fills half of the memory maps that Linux allows a process.

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


def is_deterministic(estimator: Estimator) -> bool:
    """Whether it uses no noise."""
    match estimator:
        case Oracle() | snn.Surrogate(forward=snn.threshold):
            return True
    return False


def set_against(mean: Array | np.ndarray | None, gradient: np.ndarray) -> Arrays:
    """Cosine, scale and bias of means, ``(network,)``; NaN where no mean is needed."""
    if mean is None:
        unknown = np.full(len(gradient), np.nan)
        return {"cosine": unknown, "scale": unknown, "bias": unknown}
    mean, norm = np.asarray(mean), np.linalg.norm(gradient, axis=1)
    size = np.linalg.norm(mean, axis=1)
    return {
        # A mean of zero points nowhere.
        "cosine": np.sum(mean * gradient, axis=1) / (norm * np.where(size > 0, size, 1.0)),
        "scale": size / norm,
        "bias": np.linalg.norm(mean - gradient, axis=1) / norm,
    }


def without_trials(n_networks: int) -> Arrays:
    """No variance, one run, no batch to hold and none to time."""
    return {
        "variance": np.zeros(n_networks),
        "evaluations": np.array(1.0),
        "kilobytes": np.array(np.nan),
        "microseconds": np.array(np.nan),
    }


def sampled(*arguments: Any) -> Arrays:
    """Moments of samples and their cost; arguments as in `sampler`."""
    sampling = sampler(*arguments)
    moments, microseconds = sampling(*arguments)
    return {
        "variance": np.asarray(moments.variance),
        "projection": np.asarray(moments.projection),
        "projection_se": np.asarray(moments.projection_se),
        "evaluations": np.asarray(moments.evaluations.mean()),
        "kilobytes": np.array(sampling.kilobytes),
        "microseconds": np.array(microseconds),
    }
