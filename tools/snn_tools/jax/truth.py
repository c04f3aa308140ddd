r"""Exact gradient of a spiking network, and an unbiased estimator.

The exact gradient is that of the expected loss, with spikes drawn from each layer's escape noise,
:math:`\nabla_\theta E_\xi[L]`. With few spike sites it is enumerated. With many, it is the mean of
stochastic AD, which is unbiased.

A network *without* noise has no such gradient: the loss is a step function of the weights, with
derivative 0 wherever the derivative exists. Its user chooses between the gradient of the same
network with noise (``truth="sampled"``) and another estimator, such as
`snn.EvolutionStrategies(sigma)`.
"""

from typing import Literal, TypeAlias

import jax

from snn.escape import Step
from snn.estimators.base import AnyEstimator
from snn.estimators.exact_enumeration import ExactEnumeration
from snn.estimators.stochastic_ad import StochasticAD
from snn.estimators.surrogate import Surrogate
from snn.flips import Systematic
from snn.program import run_fixed
from snn.spikes import threshold
from snn_tools.jax.problem import Problem

Truth: TypeAlias = Literal["sampled"] | AnyEstimator | None
"""``"sampled"``, an unbiased estimator of the gradient that you mean, or None: `refuse_open`."""

ENUMERABLE = 12
"""Largest number of spike sites of a program that is enumerated."""

N_FLIPS = 64
"""Largest number of flips per trial of stochastic AD."""

FEWEST_FLIPS = 4
"""Number of flips per trial where the memory has no room for more."""


def resolve(truth: Truth, problem: Problem) -> tuple[str, AnyEstimator]:
    """Return a description of the exact gradient, and its estimator."""
    if isinstance(truth, AnyEstimator):
        return f"the gradient that {truth} estimates", truth
    words = "gradient of the expected loss, spikes drawn with the layers' escape noise"
    if (sites := problem.sites()) <= ENUMERABLE:
        return words, ExactEnumeration(max_sites=ENUMERABLE)
    room = max(FEWEST_FLIPS, problem.at_once() // 2 - 1)
    flips = min(N_FLIPS, sites, room)
    return words, StochasticAD(n_flips=flips, draw=Systematic(), batch_size=problem.at_once(flips))


def refuse_open(truth: Truth, problem: Problem, surrogate: Surrogate) -> None:
    """Refuse a network without noise if the caller did not choose an exact gradient.

    Raises:
        ValueError: if the program or the surrogate gradient has no noise, and ``truth`` is None.
    """
    if isinstance(truth, AnyEstimator):
        return
    trace = jax.eval_shape(run_fixed, *problem).trace
    step = all(isinstance(layer.escape, Step) for layer in trace)
    if step or (truth is None and surrogate.forward is threshold):
        where = "the escape noise of every layer is Step" if step else "forward=snn.threshold"
        raise ValueError(
            f"truth: got {truth!r} and a network without noise ({where}), whose loss is a step "
            "function of the weights: its gradient is 0 wherever it exists. Expected a choice: "
            'truth="sampled" is the gradient of the network whose spikes are drawn with its escape '
            "noise (of another kind than Step); truth=snn.EvolutionStrategies(sigma) averages over "
            "the weights."
        )


def runs_of(estimator: AnyEstimator) -> int:
    """Return the forward passes per trial of an estimator from `resolve`; 1 for others."""
    if isinstance(estimator, StochasticAD) and estimator.n_flips is not None:
        return 1 + estimator.n_flips
    return 1


def batch_of(estimator: AnyEstimator, problem: Problem) -> int:
    """Return the trials of a batch, limited by the memory."""
    runs = runs_of(estimator)
    return max(2, min(8 if runs > 1 else 256, problem.at_once(runs)))
