r"""Meaning of a spiking network's true gradient, and an unbiased estimator.

`"sampled"` is the gradient of the expected loss when each layer's spikes are drawn with its escape
noise, :math:`\nabla_\theta E_\xi[L]`. With few spike sites the gradient is enumerated. With
many, it is the mean of the score function (leave-one-out baseline) or of stochastic AD. Both are
unbiased. A pilot chooses the estimator with the smaller product of variance and forward passes.

A network *without* noise has no such gradient: the loss is a step function of the weights, with
derivative 0 wherever the derivative exists. The caller then chooses: `"sampled"`, the gradient of
the noisy network, or an estimator. `snn.EvolutionStrategies(sigma)` on a program whose escape
noise is `snn.escape.Step` is unbiased for the gradient of the loss averaged over Gaussian
perturbations of the weights.
"""

from typing import Literal, TypeAlias

import jax
from jax import Array

from snn.escape import Step
from snn.estimators.base import AnyEstimator
from snn.estimators.exact_enumeration import ExactEnumeration
from snn.estimators.score_function import LeaveOneOut, ScoreFunction
from snn.estimators.stochastic_ad import StochasticAD
from snn.flips import Systematic
from snn.program import run_fixed
from snn.spikes import threshold
from snn_tools.jax.problem import Batches, Problem

Truth: TypeAlias = Literal["sampled"] | AnyEstimator | None
"""``"sampled"``, an unbiased estimator of the gradient that you mean, or None: see `resolve`."""

ENUMERABLE = 12
"""Largest number of spike sites of a program that is enumerated."""

N_FLIPS = 64
"""Flips per trial of stochastic AD."""

N_PILOT = 8
"""Batches of the pilot, of `batch_of` trials each."""


def resolve(
    truth: Truth, problem: Problem, candidates: dict[str, AnyEstimator], key: Array
) -> tuple[str, AnyEstimator, tuple[Batches, ...]]:
    """Choose the meaning of the true gradient and an estimator, if necessary by a pilot.

    Args:
        truth: None means ``"sampled"``, unless the meaning is open (`refuse_open`).
        problem: program and parameters.
        candidates: estimators that will be compared with the true gradient.
        key: random key of the pilot.

    Returns:
        A description of the meaning; the estimator; and the pilot's batches of the chosen
        and of the other unbiased estimator, or () without a pilot.

    Raises:
        ValueError: if ``truth`` is open, see `refuse_open`.
    """
    refuse_open(truth, problem, candidates)
    if isinstance(truth, AnyEstimator):
        return f"the gradient that {truth} estimates", truth, ()
    words = "gradient of the expected loss, spikes drawn with the layers' escape noise"
    if problem.sites() <= ENUMERABLE:
        return words, ExactEnumeration(max_sites=ENUMERABLE), ()
    return words, *_pilot(problem, key)


def refuse_open(truth: Truth, problem: Problem, candidates: dict[str, AnyEstimator]) -> None:
    """Refuse a ``truth`` that leaves the meaning of the true gradient open.

    Raises:
        ValueError: if a candidate, or the program itself, has no noise, and ``truth`` is None.
    """
    if isinstance(truth, AnyEstimator):
        return
    if truth not in (None, "sampled"):
        raise ValueError(
            f'truth: got {truth!r}, expected "sampled", an estimator, or None; see '
            "snn_tools.jax.truth."
        )
    trace = jax.eval_shape(run_fixed, *problem).trace
    if all(isinstance(layer.escape, Step) for layer in trace):
        raise ValueError(
            "truth: got a network without noise (the escape noise of every layer is Step), whose "
            "loss is a step function of the weights: its gradient is 0 wherever it exists. "
            "Expected a choice: a network with escape noise and "
            'truth="sampled", or truth=snn.EvolutionStrategies(sigma), the gradient of the loss '
            "averaged over perturbations of the weights."
        )
    silent = [name for name, e in candidates.items() if getattr(e, "forward", None) is threshold]
    if truth is None and silent:
        raise ValueError(
            f"truth: got None, and {', '.join(silent)} without noise (forward=snn.threshold): "
            f"the gradient of such a network is 0 wherever it exists. Expected a choice: "
            f'truth="sampled" is the gradient of the network whose spikes are drawn with '
            f"its escape noise, truth=snn.EvolutionStrategies(sigma) averages over the weights."
        )


def unbiased(problem: Problem) -> tuple[AnyEstimator, AnyEstimator]:
    """Return two unbiased estimators for a pilot to choose from."""
    flips = min(N_FLIPS, problem.sites())
    return (
        ScoreFunction(LeaveOneOut()),
        StochasticAD(n_flips=flips, draw=Systematic(), batch_size=problem.at_once(flips)),
    )


def _pilot(problem: Problem, key: Array) -> tuple[AnyEstimator, tuple[Batches, ...]]:
    """Choose the unbiased estimator with the smaller product of variance and forward passes.

    Forward passes are counted in place of seconds, so that the choice depends on the key alone.
    Returns the estimator, and the batches of both, those of the choice first.
    """
    estimators, pilot = unbiased(problem), []
    for estimator, own in zip(estimators, jax.random.split(key), strict=True):
        size = batch_of(estimator, problem)
        pilot.append(problem.batches(estimator, jax.random.split(own, N_PILOT), size))
    # Both estimators have the same mean: their variances are comparable.
    costs = [b.means.var(axis=0, ddof=1).sum() * b.size * b.runs for b in pilot]
    # The variance is 0 if no spike of the sample mattered, or if the gradient is 0.
    best = 0 if costs[0] <= costs[1] and costs[0] > 0 or costs[1] == 0 else 1
    return estimators[best], (pilot[best], pilot[1 - best])


def runs_of(estimator: AnyEstimator) -> int:
    """Return the forward passes per trial of an estimator from `resolve`; 1 for others."""
    if isinstance(estimator, StochasticAD) and estimator.n_flips is not None:
        return 1 + estimator.n_flips
    return 1


def batch_of(estimator: AnyEstimator, problem: Problem) -> int:
    """Return the trials of a batch: about 256 forward passes, limited by the memory."""
    runs = runs_of(estimator)
    return max(2, min(8 if runs > 1 else 256, problem.at_once(runs)))
