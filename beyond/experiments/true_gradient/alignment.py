"""Alignment of methods with the true gradient, at several weights of one task."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.flatten_util import ravel_pytree

import snn
from beyond.experiments.true_gradient.trial_batches import TRUTH
from experiments.estimators import estimator
from snn.estimators.base import Estimator
from snn.program import Program
from snn.stats.batch_means import alignment, mean_cosine
from snn.types import Noise, Params

N_BATCHES = 16
PER_BATCH = 4
"""Updates in a batch of those of a method, whose spread over batches tells the error."""
PER_RUN = 16
"""Trials of stochastic AD at once: their replays fit into the processor's cache."""


class Weights(NamedTuple):
    """The program of a task, and weights at several points."""

    program: Program
    params: Params


def measure_alignment(
    task: Weights,
    weights: np.ndarray,
    methods: list[tuple[Estimator, int]],
    flips_and_trials: tuple[int, int],
    key: Array,
) -> dict[str, np.ndarray]:
    """Set methods against the mean of unbiased stochastic AD over other trials.

    Args:
        task: its program, and parameters for their shapes.
        weights: to measure at, ``(point, weight)``.
        methods: each an estimator and the trials of one update.
        flips_and_trials: flips per trial of the true gradient, and its trials.
        key: decides all noise.
    """
    unravel = ravel_pytree(task.params)[1]
    at = Weights(task.program, jax.vmap(unravel)(jnp.asarray(weights)))
    true_key, other_key = jax.random.split(key)
    n_flips, n_trials = flips_and_trials
    unbiased = estimator(TRUTH, n_flips=n_flips, batch_size=PER_RUN)
    true = _batches(unbiased, at, true_key, (N_BATCHES, n_trials // N_BATCHES))
    columns: dict[str, list] = {}
    for method, trials in methods:
        found = _batches(method, at, other_key, (N_BATCHES * PER_BATCH, trials))
        for number, values in _compared(found, true).items():
            columns.setdefault(number, []).append(values)
    noise = [h.var(axis=0, ddof=1).sum() / N_BATCHES / (h.mean(axis=0) ** 2).sum() for h in true]
    stacked = {name: np.stack(values, axis=-1) for name, values in columns.items()}
    return stacked | {"true_noise": np.array(noise)}


def _compared(found: np.ndarray, true: np.ndarray) -> dict[str, np.ndarray]:
    """Compare a method with the true gradient at each point, from ``(point, batch, parameter)``."""
    rows = []
    for g, h in zip(found.astype(float), true.astype(float), strict=True):
        norm = np.linalg.norm(g, axis=-1, keepdims=True)
        # An update of length 0 leads nowhere: its cosine counts as 0.
        unit = np.divide(g, norm, out=np.zeros_like(g), where=norm > 0)
        g, unit = (x.reshape(N_BATCHES, PER_BATCH, -1).mean(axis=1) for x in (g, unit))
        cosine, se = mean_cosine(unit, h)
        rows.append(alignment(g, h)._asdict() | {"update_cosine": cosine, "update_cosine_se": se})
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def _batches(estimator: Estimator, at: Weights, key: Array, shape: tuple[int, int]) -> np.ndarray:
    """Means over so many batches of so many trials, ``(point, batch, parameter)``."""
    noise_key, own_key = jax.random.split(key)
    n_batches, size = shape
    one = Weights(at.program, jax.tree.map(lambda leaf: leaf[0], at.params))
    # Drawn once and outside: to compile random numbers takes longer than most estimators do. All
    # points share them.
    noise: Any = jax.tree.map(
        lambda xi: xi.reshape(n_batches, size, *xi.shape[1:]),
        snn.draw_noise(*one, noise_key, n_batches * size),
    )
    return np.asarray(_means(estimator, at, jax.random.split(own_key, n_batches), noise))


@jax.jit
def _means(estimator: Estimator, at: Weights, keys: Array, noise: Noise) -> Array:
    def point(params: Params) -> Array:
        def batch(trials: tuple[Array, Noise]) -> Array:
            key, xi = trials
            return ravel_pytree(estimator(at.program, params, xi, key).grad)[0]

        return jax.lax.map(batch, (keys, noise))

    return jax.lax.map(point, at.params)
