r"""Compare the network's surrogate gradient, and two others, with the exact gradient.

The exact gradient is that of the expected loss, with spikes drawn from each layer's escape noise,
:math:`\nabla_\theta E_\xi[L]`. Stochastic AD estimates it without bias. A network that is trained
*without* noise has no such gradient: its gradient is compared with that of the same network with
noise.
"""

from dataclasses import replace
from functools import partial
from typing import Any

import jax
import numpy as np
from jax import Array
from jax.flatten_util import ravel_pytree

from snn.escape import EscapeNoise, Step
from snn.estimators.base import Estimator
from snn.estimators.stochastic_ad import StochasticAD
from snn.estimators.surrogate import Surrogate
from snn.flips import Systematic
from snn.noise import Constant
from snn.program import draw_noise, run_fixed
from snn.spikes import Spike, detached, through
from snn.surrogate import SurrogateDerivative
from snn.value_object import value_object
from snn_tools.jax.problem import Problem, groups_of
from snn_tools.shared.batches import Sums
from snn_tools.shared.comparison import YOURS, Clock, Comparison, drawn

N_FLIPS = 64
"""Largest number of flips per trial of stochastic AD."""

FEWEST_FLIPS = 4
"""Number of flips per trial where the memory has no room for more."""

QUARTER = "slope x 0.25"


@value_object
class Steeper:
    """Derivative made narrower and higher by a factor, at the same integral.

    Attributes:
        derivative: the derivative at factor 1.
        factor: factor of the slope.
    """

    derivative: SurrogateDerivative
    factor: Any = 1.0

    def __call__(self, v: Array, s: Array, escape: EscapeNoise | None) -> Array:
        return self.factor * self.derivative(self.factor * v, s, escape)


def candidates_of(problem: Problem, surrogate: Surrogate) -> dict[str, Surrogate]:
    """Return the user's surrogate gradient, a quarter of its slope, and the other reset, by name.

    The other reset is left out if the network does not reset its neurons through ``spike.reset``.
    """

    # Candidates of one form share compiled code.
    def form(factor: float) -> Surrogate:
        return replace(surrogate, derivative=Steeper(surrogate.derivative, factor))

    candidates = {YOURS: form(1.0), QUARTER: form(0.25)}
    if resets(problem):
        other = detached if surrogate.reset is through else through
        candidates[f"reset {other.__name__}"] = replace(form(1.0), reset=other)
    return candidates


def resets(problem: Problem) -> bool:
    """Return whether the network resets its neurons through ``spike.reset``."""
    calls = []

    def note(u: Array, s: Array) -> Array:
        calls.append(True)
        return u * (1 - s)

    jax.eval_shape(lambda p, q: p(q, Constant(), Spike(reset=note)), *problem)
    return bool(calls)


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

    A turn is a batch of each surrogate gradient, and about 16 times as many forward passes for the
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

    candidates = candidates_of(problem, surrogate)
    sums_of = {name: Sums() for name in candidates if name != YOURS}

    def turn(yours: Sums, exact: Sums) -> None:
        nonlocal key
        key, own, *keys = jax.random.split(key, 2 + -(-16 * trials // (size * (1 + flips))))
        for name, sums in {YOURS: yours, **sums_of}.items():
            sums.add(np.asarray(_mean(candidates[name], problem, own, trials), float), trials)
        for each in keys:
            exact.add(np.asarray(_mean(estimator, problem, each, size), float), size)

    words = f"StochasticAD of {1 + flips} forward passes"
    return drawn(groups_of(problem.params), turn, words, clock, sums_of)


@partial(jax.jit, static_argnames="size")
def _mean(estimator: Estimator, problem: Problem, key: Array, size: int) -> Array:
    """Estimate the mean gradient from some trials."""
    noise_key, own_key = jax.random.split(key)
    noise = draw_noise(*problem, noise_key, size)
    return ravel_pytree(estimator(*problem, noise, own_key).grad)[0]
