r"""Compare the network's surrogate gradient with the exact gradient.

The exact gradient is that of the expected loss, with spikes drawn from each layer's escape noise,
:math:`\nabla_\theta E_\xi[L]`. Stochastic AD estimates it without bias. A network that is trained
*without* noise has no such gradient: its gradient is compared with that of the same network with
noise.
"""

from functools import partial

import jax
import numpy as np
from jax import Array
from jax.flatten_util import ravel_pytree

from snn.escape import Step
from snn.estimators.base import Estimator
from snn.estimators.stochastic_ad import StochasticAD
from snn.estimators.surrogate import Surrogate
from snn.flips import Systematic
from snn.program import draw_noise, run_fixed
from snn_tools.jax.problem import Problem, groups_of
from snn_tools.shared.batches import Sums
from snn_tools.shared.comparison import Clock, Comparison, drawn

N_FLIPS = 64
"""Largest number of flips per trial of stochastic AD."""

FEWEST_FLIPS = 4
"""Number of flips per trial where the memory has no room for more."""


def refuse_without_noise(problem: Problem) -> None:
    """Refuse a network whose loss is a step function of the weights.

    Raises:
        ValueError: if no layer has noise.
    """
    trace = jax.eval_shape(run_fixed, *problem).trace
    if all(isinstance(layer.escape, Step) for layer in trace):
        raise ValueError(
            "network: got no noise (the escape noise of every layer is Step), so that the gradient "
            "of the loss is 0 wherever it exists. Expected an escape noise of another kind."
        )


def measure(problem: Problem, surrogate: Surrogate, key: Array, clock: Clock) -> Comparison | None:
    """Draw trials in turns until the precision is enough or time is up.

    A turn is a batch of the surrogate gradient, and about 16 times as many forward passes for the
    exact gradient, which is noisier. The numbers depend only on the key and the number of turns.

    Args:
        problem: program and parameters.
        surrogate: the user's surrogate gradient.
        key: random key for all noise.
        clock: the budget.
    """
    room = max(FEWEST_FLIPS, problem.at_once() // 2 - 1)
    flips = min(N_FLIPS, problem.sites(), room)
    at_once = problem.at_once(flips)
    estimator = StochasticAD(n_flips=flips, draw=Systematic(), batch_size=at_once)
    size, trials = min(8, problem.at_once(1 + flips)), min(64, problem.at_once())

    def turn(yours: Sums, exact: Sums) -> None:
        nonlocal key
        key, own, *keys = jax.random.split(key, 2 + -(-16 * trials // (size * (1 + flips))))
        yours.add(np.asarray(_mean(surrogate, problem, own, trials), float), trials)
        for each in keys:
            exact.add(np.asarray(_mean(estimator, problem, each, size), float), size)

    words = f"StochasticAD of {1 + flips} forward passes"
    return drawn(groups_of(problem.params), turn, words, clock)


@partial(jax.jit, static_argnames="size")
def _mean(estimator: Estimator, problem: Problem, key: Array, size: int) -> Array:
    """Estimate the mean gradient from some trials."""
    noise_key, own_key = jax.random.split(key)
    noise = draw_noise(*problem, noise_key, size)
    return ravel_pytree(estimator(*problem, noise, own_key).grad)[0]
