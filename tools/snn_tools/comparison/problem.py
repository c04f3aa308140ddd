"""A program at its parameters, these by name, and means of estimators over batches of trials."""

from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

import jax
import numpy as np
from jax import Array
from jax.flatten_util import ravel_pytree

from snn.estimators.base import Estimator, Oracle
from snn.noise import Uniforms, n_sites
from snn.program import Program, draw_noise, site_shapes
from snn.types import Estimate, Params
from snn_tools.comparison.batches import Batches, Group, Sums, grouped

MEMORY = 2**28
"""Bytes that the trials which run at once may take, estimated."""


@partial(jax.jit, static_argnames="size")
def noise_and_key(
    program: Program, params: Params, key: Array, size: int
) -> tuple[Uniforms, Array]:
    """Draw the noise of so many trials, and a key for choices of an estimator's own."""
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
    """Count the trials of an estimate that have a loss that is not finite, or else such a gradient.

    Gradients count where all losses are finite: one infinite loss can spoil those of other trials,
    by a baseline.
    """
    loss = ~jax.numpy.isfinite(jax.numpy.atleast_1d(estimate.loss))
    leaves = [leaf.reshape(len(loss), -1) for leaf in jax.tree.leaves(estimate.grad)]
    grad = sum((~jax.numpy.isfinite(leaf)).any(axis=1) for leaf in leaves) > 0
    return jax.numpy.where(loss.any(), loss.sum(), jax.numpy.sum(grad))


def _norms(rows: Array) -> Array:
    """Take norms of rows whose squares may not be numbers."""
    scale = abs(rows).max(axis=1, initial=0.0)
    unit = jax.numpy.where(scale > 0, scale, 1.0)
    return scale * jax.numpy.linalg.norm(rows / unit[:, None], axis=1)


class Problem(NamedTuple):
    """A program at its parameters."""

    program: Program
    params: Params

    def batches(self, estimator: Estimator, keys: Iterable[Array], size: int) -> Batches:
        """Estimate means, of a batch of trials for each key, of many in larger batches.

        Args:
            estimator: any; an oracle is evaluated once.
            keys: one key a batch; decides all noise.
            size: trials in a batch.
        """
        if isinstance(estimator, Oracle):
            estimate = estimator(self.program, self.params)
            means = np.asarray(ravel_pytree(estimate.grad)[0], float)[None]
            runs, bad = float(np.mean(estimate.n_evaluations)), int(n_bad(estimate))
            return Batches(means, 1, runs, bad=bad)
        sums = Sums()
        for key in keys:
            noise, own = noise_and_key(self.program, self.params, key, size)
            mean, runs, spreads, bad = _mean_and_spreads(estimator, self, noise, own)
            mean, spreads = np.asarray(mean, float)[None], np.asarray(spreads, float)
            sums.add(Batches(mean, size, float(runs), spreads, int(bad)))
        return sums.batches()

    def sites(self) -> int:
        """Count the spike sites."""
        return n_sites(site_shapes(*self))

    def at_once(self, runs: int = 1) -> int:
        """Count the trials of so many runs each that `MEMORY` has room for, 2 or more.

        A trial keeps about eight numbers per spike site and run for its reverse pass, and three
        gradients.
        """
        parameters = sum(np.size(leaf) for leaf in jax.tree.leaves(self.params))
        item = np.dtype(jax.numpy.result_type(float)).itemsize
        return max(2, MEMORY // (item * (8 * self.sites() * runs + 3 * parameters)))


def leaves_of(params: Params) -> list[Group]:
    """List each array of parameters, in the order of the flat gradient."""
    found, start = [], 0
    for path, leaf in jax.tree_util.tree_leaves_with_path(params):
        name = jax.tree_util.keystr(path, simple=True, separator="/") or "params"
        found.append(Group(name, np.arange(start, start + np.size(leaf)), (len(found),)))
        start += np.size(leaf)
    return found


def groups_of(params: Params) -> list[Group]:
    """List all parameters, those of each top entry, and every array of an entry of several."""
    leaves = leaves_of(params)
    return grouped(leaves, [leaf.name.split("/")[0] for leaf in leaves])
