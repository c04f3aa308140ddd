r"""What the true gradient of a spiking network is, and an estimator that is unbiased for it.

`"sampled"` is the gradient of the expected loss when each layer's spikes are drawn with its escape
noise, :math:`\nabla_\theta E_\xi[L]`. Where there are few spike sites it is enumerated. Otherwise
it is the mean of the score function (leave-one-out baseline) or of stochastic AD, whichever had
the smaller product of variance and runs of the network in a pilot; both are unbiased.

A network *without* noise has no such gradient: its loss is a step function of the weights, and its
derivative is 0 wherever it exists. What is meant has to be said: `"sampled"`, the gradient of its
noisy counterpart, or an estimator. `snn.EvolutionStrategies(sigma)` on a program whose escape
noise is `snn.escape.Step` is unbiased for the gradient of the loss averaged over Gaussian
perturbations of the weights.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Literal, NamedTuple, TypeAlias

import jax
import numpy as np
from jax import Array
from jax.flatten_util import ravel_pytree

from snn.escape import Step
from snn.estimators.base import Estimator, Oracle
from snn.estimators.exact_enumeration import ExactEnumeration
from snn.estimators.score_function import LeaveOneOut, ScoreFunction
from snn.estimators.stochastic_ad import StochasticAD
from snn.flips import Systematic
from snn.noise import Constant, Uniforms, n_sites
from snn.program import Program, draw_noise, site_shapes
from snn.spikes import FIXED, threshold
from snn.types import Estimate, Params

Truth: TypeAlias = Literal["sampled"] | Estimator | None
"""``"sampled"``, an estimator that is unbiased for what you mean, or None: see `resolve`."""

ENUMERABLE = 12
"""Programs with at most so many spike sites are enumerated."""

N_FLIPS = 64
"""Flips per trial of stochastic AD."""

N_PILOT = 8
"""Batches of the pilot, of `batch_of` trials each."""

MEMORY = 2**28
"""Bytes that the trials which run at once may take, estimated."""


class Batches(NamedTuple):
    """Means of an estimator over independent batches of trials.

    Attributes:
        means: one gradient per batch, ``(batch, parameter)``, in float64.
        size: trials in a batch.
        runs: evaluations of the program per trial.
        spreads: distance of each trial's estimate from the mean of its batch, array by array,
            ``(trial, array)``; empty if exact.
        bad: trials whose loss or gradient was not finite.
    """

    means: np.ndarray
    size: int
    runs: float
    spreads: np.ndarray = np.empty((0, 0))
    bad: int = 0

    def regrouped(self, n: int) -> Batches:
        """The same trials in ``n`` larger batches; a remainder is dropped."""
        per = len(self.means) // n
        if per <= 1:
            return self
        means = self.means[: n * per].reshape(n, per, -1).mean(axis=1)
        return self._replace(means=means, size=per * self.size)


@partial(jax.jit, static_argnames="size")
def noise_and_key(
    program: Program, params: Params, key: Array, size: int
) -> tuple[Uniforms, Array]:
    """Noise of so many trials, and a key for choices of an estimator's own."""
    noise_key, own_key = jax.random.split(key)
    return draw_noise(program, params, noise_key, size), own_key


@jax.jit
def _mean_and_spreads(
    estimator: Estimator, problem: Problem, noise: Uniforms, key: Array
) -> tuple[Array, Array, Array, Array]:
    """Mean gradient of a batch, evaluations per trial, and `Batches.spreads` and `bad`."""
    estimate = estimator.per_trial(*problem, noise, key)
    means = jax.tree.map(lambda leaf: leaf.mean(axis=0, keepdims=True), estimate.grad)
    away = jax.tree.leaves(jax.tree.map(jax.numpy.subtract, estimate.grad, means))
    spreads = jax.numpy.stack([_norms(d.reshape(len(d), -1)) for d in away], axis=1)
    runs = jax.numpy.mean(estimate.n_evaluations)
    return ravel_pytree(means)[0], runs, spreads, n_bad(estimate)


def n_bad(estimate: Estimate) -> Array:
    """How many trials of an estimate have a loss that is not finite, or else such a gradient.

    Gradients count where all losses are finite: one infinite loss can spoil those of other trials,
    by a baseline.
    """
    loss = ~jax.numpy.isfinite(jax.numpy.atleast_1d(estimate.loss))
    leaves = [leaf.reshape(len(loss), -1) for leaf in jax.tree.leaves(estimate.grad)]
    grad = sum((~jax.numpy.isfinite(leaf)).any(axis=1) for leaf in leaves) > 0
    return jax.numpy.where(loss.any(), loss.sum(), jax.numpy.sum(grad))


def _norms(rows: Array) -> Array:
    """Norms of rows whose squares may not be numbers."""
    scale = abs(rows).max(axis=1, initial=0.0)
    return scale * jax.numpy.linalg.norm(
        rows / jax.numpy.where(scale > 0, scale, 1.0)[:, None], axis=1
    )


class Resolved(NamedTuple):
    """The true gradient: what it means, and what is unbiased for it.

    Attributes:
        meaning: in words.
        estimator: the one that was chosen.
        other: batches of the unbiased estimator that was not; None where there was no choice.
        trials: of the pilot that chose, of both estimators together.
        bad: those of them whose loss or gradient was not finite.
    """

    meaning: str
    estimator: Estimator
    other: Batches | None = None
    trials: int = 0
    bad: int = 0


class Problem(NamedTuple):
    """A program at its parameters."""

    program: Program
    params: Params

    def batches(self, estimator: Estimator, keys: Iterable[Array], size: int) -> Batches:
        """Means of an estimator, a batch of trials for each key.

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
        means, spreads, runs, bad = [], [], 1.0, 0
        for key in keys:
            noise, own = noise_and_key(self.program, self.params, key, size)
            mean, runs, spread, n = _mean_and_spreads(estimator, self, noise, own)
            bad += int(n)
            means.append(np.asarray(mean, float))
            spreads.append(np.asarray(spread, float))
        return Batches(np.stack(means), size, float(runs), np.concatenate(spreads), bad)

    def sites(self) -> int:
        """Number of spike sites."""
        return n_sites(site_shapes(*self))

    def at_once(self, runs: int = 1) -> int:
        """Trials of so many runs each that `MEMORY` has room for, 2 or more.

        A trial keeps about eight numbers per spike site and run for its reverse pass, and three
        gradients.
        """
        parameters = sum(np.size(leaf) for leaf in jax.tree.leaves(self.params))
        item = np.dtype(jax.numpy.result_type(float)).itemsize
        return max(2, MEMORY // (item * (8 * self.sites() * runs + 3 * parameters)))

    def without_noise(self) -> bool:
        """Whether every layer fires deterministically, also when its spikes are sampled."""
        trace = jax.eval_shape(lambda p, q: p(q, Constant(), FIXED), *self).trace
        return all(isinstance(layer.escape, Step) for layer in trace)


def resolve(
    truth: Truth, problem: Problem, candidates: dict[str, Estimator], key: Array
) -> Resolved:
    """Choose what the true gradient is and an estimator of it, where need be by a pilot.

    Args:
        truth: None stands for ``"sampled"`` unless that would be a choice made silently.
        problem: program and parameters.
        candidates: what will be compared with the true gradient.
        key: of the pilot.

    Raises:
        ValueError: as `refuse_open` does.
    """
    refuse_open(truth, problem, candidates)
    if isinstance(truth, Estimator):
        return Resolved(f"what {truth} estimates", truth)
    words = "gradient of the expected loss, spikes drawn with the layers' escape noise"
    if problem.sites() <= ENUMERABLE:
        return Resolved(words, ExactEnumeration(max_sites=ENUMERABLE))
    return _pilot(problem, key)._replace(meaning=words)


def refuse_open(truth: Truth, problem: Problem, candidates: dict[str, Estimator]) -> None:
    """Refuses a truth that is open.

    Raises:
        ValueError: if a candidate, or the program itself, has no noise, and ``truth`` is None.
    """
    if isinstance(truth, Estimator):
        return
    if truth not in (None, "sampled"):
        raise ValueError(
            f'truth: got {truth!r}, expected "sampled", an estimator, or None; see '
            "snn_tools.comparison.truth."
        )
    if problem.without_noise():
        raise ValueError(
            "truth: got a network without noise (the escape noise of every layer is Step), whose "
            "loss is a step function of the weights: its gradient is 0 wherever it exists. "
            "Expected what is meant instead: a network with escape noise and "
            'truth="sampled", or truth=snn.EvolutionStrategies(sigma), the gradient of the loss '
            "averaged over perturbations of the weights."
        )
    silent = [name for name, e in candidates.items() if getattr(e, "forward", None) is threshold]
    if truth is None and silent:
        raise ValueError(
            f"truth: got None, and {', '.join(silent)} without noise (forward=snn.threshold): "
            f"the gradient of such a network is 0 wherever it exists. Expected what is meant "
            f'instead: truth="sampled" is the gradient of the network whose spikes are drawn with '
            f"its escape noise, truth=snn.EvolutionStrategies(sigma) averages over the weights."
        )


def unbiased(problem: Problem) -> tuple[Estimator, Estimator]:
    """The two unbiased estimators between which a pilot chooses."""
    flips = min(N_FLIPS, problem.sites())
    return (
        ScoreFunction(LeaveOneOut()),
        StochasticAD(n_flips=flips, draw=Systematic(), batch_size=problem.at_once(flips)),
    )


def _pilot(problem: Problem, key: Array) -> Resolved:
    """The unbiased estimator of smaller variance times runs, and the batches of the other.

    Runs and not seconds, so that the choice follows from the key alone.
    """
    estimators, found = unbiased(problem), []
    for estimator, own in zip(estimators, jax.random.split(key), strict=True):
        size = batch_of(estimator, problem)
        found.append(problem.batches(estimator, jax.random.split(own, N_PILOT), size))
    # Both have the same mean, so that variances can be compared as they are.
    costs = [b.means.var(axis=0, ddof=1).sum() * b.size * b.runs for b in found]
    # A variance of 0 is that of a sample without a spike that matters, or of a gradient of 0.
    best = 0 if costs[0] <= costs[1] and costs[0] > 0 or costs[1] == 0 else 1
    trials, bad = sum(len(b.means) * b.size for b in found), sum(b.bad for b in found)
    return Resolved("", estimators[best], found[1 - best], trials, bad)


def runs_of(estimator: Estimator) -> int:
    """Runs of the network in a trial of an estimator that `resolve` chose; else 1."""
    if isinstance(estimator, StochasticAD) and estimator.n_flips is not None:
        return 1 + estimator.n_flips
    return 1


def batch_of(estimator: Estimator, problem: Problem) -> int:
    """Trials of a batch: 256 runs or so, and what fits into the memory."""
    runs = runs_of(estimator)
    return max(2, min(8 if runs > 1 else 256, problem.at_once(runs)))
