"""Alignment of methods with the true gradient, at several weights of a task."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.flatten_util import ravel_pytree

from beyond.experiments.lif.lif_task import Tasks
from beyond.experiments.lif.trial_batches import PER_RUN, TRUTH, layer_batches
from experiments.engine.experiment import ArraySpec, Data, array, stacked
from experiments.engine.progress import track
from experiments.estimators import estimator
from snn.estimators.base import Estimator
from snn.program import Program
from snn.stats.batch_means import alignment, mean_cosine
from snn.types import Params

N_BATCHES = 16
PER_BATCH = 4
"""Number of a method's updates in a batch; the spread over batches gives the error."""


def declared(axes: str) -> dict[str, ArraySpec]:
    """Declare the arrays of `measure_alignment`, with these axes."""
    each = f"seed, {axes}"
    return {
        "cosine": array(each, "of a method's mean and the true gradient"),
        "ratio": array(each, "of their norms"),
        "cosine_se": array(each, "standard error of the cosine"),
        "ratio_se": array(each, "standard error of the ratio"),
        "update_cosine": array(each, "mean cosine of one update"),
        "update_cosine_se": array(each, "its standard error"),
    }


def measure_alignment(
    tasks: Tasks,
    weights: np.ndarray,
    methods: list[tuple[Estimator, int]],
    flips_and_trials: tuple[int, int],
) -> list[Data]:
    """Compare methods with the mean of unbiased stochastic AD over other trials, task by task.

    Args:
        tasks: programs, keys that decide all noise, and parameters for their shapes.
        weights: points of measurement, ``(task, point, weight)``.
        methods: pairs of an estimator and its number of trials in an update.
        flips_and_trials: flips per trial of the true gradient, and its trials.

    Returns:
        For each task, arrays ``(point, method)``.
    """
    n_flips, n_trials = flips_and_trials
    unbiased = estimator(TRUTH, n_flips=n_flips, batch_size=PER_RUN)
    n, results = N_BATCHES * PER_BATCH, []
    for (program, params, key), points in zip(tasks.each(), weights, strict=True):
        unravel, rows = ravel_pytree(params)[1], []
        # All points have the same noise.
        true_key, other_key = jax.random.split(key)
        for point in track(points, "points"):
            at = program, unravel(jnp.asarray(point))
            true = _batches(unbiased, at, true_key, N_BATCHES, n_trials)
            each = [
                _compared(_batches(method, at, other_key, n, n * trials), true)
                for method, trials in methods
            ]
            rows.append(stacked(each))
        results.append(stacked(rows))
    return results


def _batches(
    method: Estimator, at: tuple[Program, Params], key: Array, n_batches: int, n_trials: int
) -> np.ndarray:
    """Return means over batches of trials, ``(batch, parameter)``."""
    return np.concatenate(layer_batches(method, *at, key, n_batches, n_trials), axis=1)


def _compared(estimated: np.ndarray, true: np.ndarray) -> dict[str, Any]:
    """Compare means over batches, ``(batch, parameter)``, with the true gradient's."""
    g, h = estimated.astype(float), true.astype(float)
    norm = np.linalg.norm(g, axis=-1, keepdims=True)
    # An update of length 0 changes nothing, so its cosine counts as 0.
    unit = np.divide(g, norm, out=np.zeros_like(g), where=norm > 0)
    g, unit = (x.reshape(N_BATCHES, PER_BATCH, -1).mean(axis=1) for x in (g, unit))
    cosine, se = mean_cosine(unit, h)
    return alignment(g, h)._asdict() | {"update_cosine": cosine, "update_cosine_se": se}
