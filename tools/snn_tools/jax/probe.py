r"""Run trials and record spikes and the error at each spike site.

The error :math:`\delta[t] = dL/dv[t]` is the derivative of the loss with respect to the potential
at step t. It contains all later effects of the spike: other layers, recurrence and, if it
is differentiated, the reset. Access to the network is not needed: the noise carries a zero to every
site, and the spike adds this zero to the potential.
"""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from snn.escape import EscapeNoise
from snn.noise import Constant, Uniforms
from snn.spikes import Spike
from snn.types import Noise, Params, Run
from snn.value_object import value_object
from snn_tools.jax.problem import Problem


class Carried(NamedTuple):
    """Numbers of a spike site: the uniform number, and a zero for differentiation."""

    xi: Array
    zero: Array


@value_object
class CarryingNoise:
    """Noise with an additional zero for each spike site, for differentiation.

    Attributes:
        noise: the noise of a trial.
        zeros: one array per layer, in the shape of the sites.
    """

    noise: Noise
    zeros: tuple[Array, ...]

    def draw(self, layer: int, t: Array | int | None, shape: tuple[int, ...]) -> Any:
        """Return the number and zero of each of a layer's sites at step ``t``."""
        zeros = self.zeros[layer]
        return Carried(self.noise.draw(layer, t, shape), zeros if t is None else zeros[t])


@value_object
class ProbedSpike(Spike):
    """A spike that adds the carried zero to the potential."""

    def __call__(self, escape: EscapeNoise, v: Array, xi: Any) -> Array:
        return super().__call__(escape, v + xi.zero, xi.xi)


class Trials(NamedTuple):
    """Results of trials; all arrays have a leading trial axis.

    Attributes:
        run: loss, output and trace.
        grad: the surrogate gradient, as the parameters.
        error: dL/dv of each layer's sites; empty if the network changes the numbers of its noise.
    """

    run: Run
    grad: Params
    error: tuple[Array, ...]


def observe(problem: Problem, spike: Spike, noise: Uniforms) -> Trials:
    """Run trials and differentiate each trial, up to every spike site."""
    try:
        return _trials(*problem, spike, noise, probed=True)
    except (TypeError, ValueError, AttributeError, IndexError):
        # The network does not pass its random numbers unchanged to the spike.
        return _trials(*problem, spike, noise, probed=False)


@partial(jax.jit, static_argnames="probed")
def _trials(program: Any, params: Params, spike: Spike, noise: Uniforms, probed: bool) -> Trials:
    probe = ProbedSpike(spike.forward, spike.derivative, spike.reset)

    def trial(xi: Uniforms) -> Trials:
        zeros = tuple(jnp.zeros_like(values) for values in xi.values) if probed else ()

        def loss(p: Params, zeros: tuple[Array, ...]) -> tuple[Array, Run]:
            run = program(p, CarryingNoise(xi, zeros), probe) if probed else program(p, xi, spike)
            return run.loss, run

        (grad, error), run = jax.grad(loss, (0, 1), has_aux=True)(params, zeros)
        return Trials(run, grad, error)

    return jax.vmap(trial)(noise)


def resets(problem: Problem) -> bool:
    """Return whether the network resets its neurons through ``spike.reset``."""
    calls = []

    def note(u: Array, s: Array) -> Array:
        calls.append(True)
        return u * (1 - s)

    jax.eval_shape(lambda p, q: p(q, Constant(), Spike(reset=note)), *problem)
    return bool(calls)
