r"""Trainings that stand still, and how much gradient is left where they do.

Rule: a training is *frozen* if the relative standard deviation of its last six observed losses
(`LAST`) is below 1e-3 (`FROZEN`). Test noise is the same at every observation, so that a loss can
only stay the same if hardly a spike of the test trials changes.

What is left of the true gradient h is told by its squared norm. Of means over batches of trials,
independent of each other, every two give an unbiased estimate, here those of disjoint pairs:

.. math::
    |h|^2 = E[ g^{(1)} \cdot g^{(2)} ] .

Their spread over pairs gives the standard error. An estimate may come out negative.
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
    """Return which trainings stand still, by losses whose last axis is of observations."""
    last = loss[..., -LAST:].astype(float)
    return last.std(axis=-1, ddof=1) < FROZEN * np.abs(last.mean(axis=-1))


def squared_norms(tasks: Tasks, weights: np.ndarray, n_flips: int = N_FLIPS) -> np.ndarray:
    """Squared norms of true gradients at weights ``(task, weight)``, and SE: ``(task, 2)``."""
    unbiased = estimator(TRUTH, n_flips=n_flips)
    found = []
    for (program, params, key), at in zip(tasks.each(), weights, strict=True):
        params = ravel_pytree(params)[1](jnp.asarray(at))
        batches = layer_batches(unbiased, program, params, key, N_BATCHES, N_TRIALS)
        each = np.concatenate(batches, axis=1).astype(float)
        products = (each[::2] * each[1::2]).sum(axis=1)
        found.append([products.mean(), products.std(ddof=1) / len(products) ** 0.5])
    return np.array(found)
