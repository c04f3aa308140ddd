r"""Frozen trainings, and the true gradient that remains at their end.

Rule: a training is *frozen* if the relative standard deviation of its last six observed losses
(`LAST`) is below 1e-3 (`FROZEN`). Test noise is the same at every observation, so that a loss can
only stay the same if hardly a spike of the test trials changes.

The remaining true gradient h is measured by its squared norm. Two independent means over batches of
trials give an unbiased estimate; disjoint pairs of batches are averaged:

.. math::
    |h|^2 = E[ g^{(1)} \cdot g^{(2)} ] .

The spread over pairs gives the standard error. An estimate may be negative.
"""

import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from beyond.experiments.true_gradient.lif_task import Tasks
from beyond.experiments.true_gradient.trial_batches import TRUTH, layer_batches
from experiments.estimators import estimator

FROZEN = 1e-3
LAST = 6

N_FLIPS = 64
N_BATCHES = 16
N_TRIALS = 128


def frozen(loss: np.ndarray) -> np.ndarray:
    """Return which trainings are frozen, from losses ``(..., observation)``."""
    last = loss[..., -LAST:].astype(float)
    return last.std(axis=-1, ddof=1) < FROZEN * np.abs(last.mean(axis=-1))


def squared_norms(tasks: Tasks, weights: np.ndarray, n_flips: int = N_FLIPS) -> np.ndarray:
    """Return squared norms, with SE, of true gradients at ``(task, weight)``: ``(task, 2)``.

    Args:
        tasks: the tasks.
        weights: weights of each task, ``(task, weight)``.
        n_flips: flips per trial of stochastic AD.
    """
    unbiased = estimator(TRUTH, n_flips=n_flips)
    norms = []
    for (program, params, key), at in zip(tasks.each(), weights, strict=True):
        params = ravel_pytree(params)[1](jnp.asarray(at))
        batches = layer_batches(unbiased, program, params, key, N_BATCHES, N_TRIALS)
        means = np.concatenate(batches, axis=1).astype(float)
        products = (means[::2] * means[1::2]).sum(axis=1)
        norms.append([products.mean(), products.std(ddof=1) / len(products) ** 0.5])
    return np.array(norms)
