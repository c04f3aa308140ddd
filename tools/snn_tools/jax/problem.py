"""Program at its parameters: names of the arrays, and means of estimators over batches."""

from functools import partial
from typing import NamedTuple

import jax
import numpy as np
from jax import Array
from jax.flatten_util import ravel_pytree

from snn.estimators.base import AnyEstimator, Estimator, Oracle
from snn.noise import Uniforms, n_sites
from snn.program import Program, draw_noise, site_shapes
from snn.types import Estimate, Params
from snn_tools.shared.batches import Batches, Group, grouped

MEMORY = 2**28
"""Estimated bytes for all trials that run at once."""


@partial(jax.jit, static_argnames="size")
def noise_and_key(
    program: Program, params: Params, key: Array, size: int
) -> tuple[Uniforms, Array]:
    """Draw the noise of ``size`` trials, and a key for the estimator's other random choices.

    Args:
        program: a network, its input and its loss.
        params: parameters of the network.
        key: a random key.
        size: number of trials.

    Returns:
        The noise, with a leading axis of trials, and the key.
    """
    noise_key, own_key = jax.random.split(key)
    return draw_noise(program, params, noise_key, size), own_key


@jax.jit
def _mean_and_spreads(
    estimator: Estimator, problem: "Problem", noise: Uniforms, key: Array
) -> tuple[Array, Array, Array, Array]:
    """Return mean gradient, evaluations per trial, and `Batches.spreads` and `bad` of a batch."""
    estimate = estimator.per_trial(*problem, noise, key)
    means = jax.tree.map(lambda leaf: leaf.mean(axis=0, keepdims=True), estimate.grad)
    away = jax.tree.leaves(jax.tree.map(jax.numpy.subtract, estimate.grad, means))
    spreads = jax.numpy.stack([_norms(d.reshape(len(d), -1)) for d in away], axis=1)
    runs = jax.numpy.mean(estimate.n_evaluations)
    return ravel_pytree(means)[0], runs, spreads, n_bad(estimate)


def n_bad(estimate: Estimate) -> Array:
    """Count the trials without a finite loss, or else without a finite gradient.

    An infinite loss can spoil the gradients of other trials by a baseline. Gradients are therefore
    counted only if all losses are finite.
    """
    loss = ~jax.numpy.isfinite(jax.numpy.atleast_1d(estimate.loss))
    leaves = [leaf.reshape(len(loss), -1) for leaf in jax.tree.leaves(estimate.grad)]
    grad = sum((~jax.numpy.isfinite(leaf)).any(axis=1) for leaf in leaves) > 0
    return jax.numpy.where(loss.any(), loss.sum(), jax.numpy.sum(grad))


def _norms(rows: Array) -> Array:
    """Return the norms of rows, whose squares may overflow."""
    scale = abs(rows).max(axis=1, initial=0.0)
    unit = jax.numpy.where(scale > 0, scale, 1.0)
    return scale * jax.numpy.linalg.norm(rows / unit[:, None], axis=1)


class Problem(NamedTuple):
    """A program at its parameters."""

    program: Program
    params: Params

    def batch(self, estimator: AnyEstimator, key: Array, size: int) -> Batches:
        """Estimate the mean over a batch of trials.

        Args:
            estimator: any estimator; an oracle is evaluated once.
            key: key for the noise.
            size: trials in the batch.
        """
        if isinstance(estimator, Oracle):
            estimate = estimator(self.program, self.params)
            means = np.asarray(ravel_pytree(estimate.grad)[0], float)[None]
            runs, bad = float(np.mean(estimate.n_evaluations)), int(n_bad(estimate))
            return Batches(means, 1, runs, bad=bad)
        noise, own = noise_and_key(self.program, self.params, key, size)
        mean, runs, spreads, bad = _mean_and_spreads(estimator, self, noise, own)
        mean, spreads = np.asarray(mean, float)[None], np.asarray(spreads, float)
        return Batches(mean, size, float(runs), spreads, int(bad))

    def sites(self) -> int:
        """Count the spike sites."""
        return n_sites(site_shapes(*self))

    def at_once(self, runs: int = 1) -> int:
        """Return how many trials of ``runs`` forward passes each fit into `MEMORY`, at least 2.

        A trial keeps about eight numbers per spike site and forward pass for the reverse pass, and
        three gradients.
        """
        parameters = sum(np.size(leaf) for leaf in jax.tree.leaves(self.params))
        item = np.dtype(jax.numpy.result_type(float)).itemsize
        return max(2, MEMORY // (item * (8 * self.sites() * runs + 3 * parameters)))


def leaves_of(params: Params) -> list[Group]:
    """List each array of parameters, in the order of the flat gradient."""
    groups, start = [], 0
    for path, leaf in jax.tree_util.tree_leaves_with_path(params):
        name = jax.tree_util.keystr(path, simple=True, separator="/") or "params"
        groups.append(Group(name, np.arange(start, start + np.size(leaf)), (len(groups),)))
        start += np.size(leaf)
    return groups


def groups_of(params: Params) -> list[Group]:
    """List the groups: all parameters, each top entry, and each array of an entry with several."""
    leaves = leaves_of(params)
    return grouped(leaves, [leaf.name.split("/")[0] for leaf in leaves])
