r"""Exact gradient of a spiking network, and an unbiased estimator.

The exact gradient is that of the expected loss, with spikes drawn from each layer's escape noise,
:math:`\nabla_\theta E_\xi[L]`. With few spike sites it is enumerated. With many, it is the mean of
stochastic AD, which is unbiased.

A network that is trained *without* noise has no such gradient: the loss is a step function of the
weights, with derivative 0 wherever the derivative exists. Its gradient is compared with that of the
same network with noise, or with another estimator, such as `snn.EvolutionStrategies(sigma)`.
"""

from typing import Literal, TypeAlias

import jax

from snn.escape import Step
from snn.estimators.base import AnyEstimator
from snn.estimators.exact_enumeration import ExactEnumeration
from snn.estimators.stochastic_ad import StochasticAD
from snn.flips import Systematic
from snn.program import run_fixed
from snn_tools.jax.problem import Problem

Truth: TypeAlias = Literal["sampled"] | AnyEstimator
"""``"sampled"``, or an unbiased estimator of the gradient that you mean."""

ENUMERABLE = 12
"""Largest number of spike sites of a program that is enumerated."""

N_FLIPS = 64
"""Largest number of flips per trial of stochastic AD."""

FEWEST_FLIPS = 4
"""Number of flips per trial where the memory has no room for more."""


def resolve(truth: Truth, problem: Problem) -> tuple[str, AnyEstimator]:
    """Return a description of the exact gradient, and its estimator.

    Raises:
        ValueError: if the network has no noise, and no estimator is given.
    """
    if isinstance(truth, AnyEstimator):
        return f"the gradient that {truth} estimates", truth
    trace = jax.eval_shape(run_fixed, *problem).trace
    if all(isinstance(layer.escape, Step) for layer in trace):
        raise ValueError(
            "truth: got a network without noise (the escape noise of every layer is Step), whose "
            "loss is a step function of the weights, with gradient 0 wherever it exists. Expected "
            "an escape noise of another kind, or truth=snn.EvolutionStrategies(sigma), which "
            "averages over the weights."
        )
    words = "gradient of the expected loss, spikes drawn with the layers' escape noise"
    if (sites := problem.sites()) <= ENUMERABLE:
        return words, ExactEnumeration(max_sites=ENUMERABLE)
    room = max(FEWEST_FLIPS, problem.at_once() // 2 - 1)
    flips = min(N_FLIPS, sites, room)
    return words, StochasticAD(n_flips=flips, draw=Systematic(), batch_size=problem.at_once(flips))


def runs_of(estimator: AnyEstimator) -> int:
    """Return the forward passes per trial of an estimator from `resolve`; 1 for others."""
    if isinstance(estimator, StochasticAD) and estimator.n_flips is not None:
        return 1 + estimator.n_flips
    return 1


def batch_of(estimator: AnyEstimator, problem: Problem) -> int:
    """Return the trials of a batch, limited by the memory."""
    runs = runs_of(estimator)
    return max(2, min(8 if runs > 1 else 256, problem.at_once(runs)))
