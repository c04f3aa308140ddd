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

from typing import Literal, TypeAlias

import jax
from jax import Array

from snn.escape import Step
from snn.estimators.base import Estimator
from snn.estimators.exact_enumeration import ExactEnumeration
from snn.estimators.score_function import LeaveOneOut, ScoreFunction
from snn.estimators.stochastic_ad import StochasticAD
from snn.flips import Systematic
from snn.noise import Constant
from snn.spikes import FIXED, threshold
from snn_tools.comparison.problem import Batches, Problem

Truth: TypeAlias = Literal["sampled"] | Estimator | None
"""``"sampled"``, an estimator that is unbiased for what you mean, or None: see `resolve`."""

ENUMERABLE = 12
"""Programs with at most so many spike sites are enumerated."""

N_FLIPS = 64
"""Flips per trial of stochastic AD."""

N_PILOT = 8
"""Batches of the pilot, of `batch_of` trials each."""


def resolve(
    truth: Truth, problem: Problem, candidates: dict[str, Estimator], key: Array
) -> tuple[str, Estimator, tuple[Batches, ...]]:
    """Choose what the true gradient is and an estimator of it, where need be by a pilot.

    Args:
        truth: None stands for ``"sampled"`` unless that would be a choice made silently.
        problem: program and parameters.
        candidates: what will be compared with the true gradient.
        key: of the pilot.

    Returns:
        What it means, in words; the estimator; and the pilot's batches of this one and of the
        unbiased one that was not chosen, none where there was no choice.

    Raises:
        ValueError: as `refuse_open` does.
    """
    refuse_open(truth, problem, candidates)
    if isinstance(truth, Estimator):
        return f"what {truth} estimates", truth, ()
    words = "gradient of the expected loss, spikes drawn with the layers' escape noise"
    if problem.sites() <= ENUMERABLE:
        return words, ExactEnumeration(max_sites=ENUMERABLE), ()
    return words, *_pilot(problem, key)


def refuse_open(truth: Truth, problem: Problem, candidates: dict[str, Estimator]) -> None:
    """Refuse a truth that is open.

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
    trace = jax.eval_shape(lambda p, q: p(q, Constant(), FIXED), *problem).trace
    if all(isinstance(layer.escape, Step) for layer in trace):
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
    """Make the two unbiased estimators between which a pilot chooses."""
    flips = min(N_FLIPS, problem.sites())
    return (
        ScoreFunction(LeaveOneOut()),
        StochasticAD(n_flips=flips, draw=Systematic(), batch_size=problem.at_once(flips)),
    )


def _pilot(problem: Problem, key: Array) -> tuple[Estimator, tuple[Batches, ...]]:
    """Choose the unbiased estimator of smaller variance times runs, and the batches of the other.

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
    return estimators[best], (found[best], found[1 - best])


def runs_of_pilot(truth: Truth, problem: Problem) -> int:
    """Count the runs that `resolve` makes."""
    if problem.sites() <= ENUMERABLE or isinstance(truth, Estimator):
        return 0
    return sum(N_PILOT * batch_of(e, problem) * runs_of(e) for e in unbiased(problem))


def runs_of(estimator: Estimator) -> int:
    """Count the runs of a trial of an estimator that `resolve` chose; else 1."""
    if isinstance(estimator, StochasticAD) and estimator.n_flips is not None:
        return 1 + estimator.n_flips
    return 1


def batch_of(estimator: Estimator, problem: Problem) -> int:
    """Choose the trials of a batch: 256 runs or so, and what fits into the memory."""
    runs = runs_of(estimator)
    return max(2, min(8 if runs > 1 else 256, problem.at_once(runs)))
