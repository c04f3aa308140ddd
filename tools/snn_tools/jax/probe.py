r"""Run trials and record spikes and the error at each spike site.

The error :math:`\delta[t] = dL/dv[t]` is the derivative of the loss with respect to the potential
at step t. It contains all later effects of the spike: other layers, recurrence and, if it
is differentiated, the reset. Access to the network is not needed: the noise carries a zero to every
site, and the spike adds this zero to the potential.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from snn.escape import EscapeNoise
from snn.noise import Uniforms
from snn.spikes import FIXED, Spike
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
        return super().__call__(escape, v + xi.zero.astype(v.dtype), xi.xi)


@value_object
class GivenSpike(Spike):
    """A spike that is the number of the noise itself, whatever the potential."""

    def __call__(self, escape: EscapeNoise, v: Array, xi: Array) -> Array:
        return xi.astype(v.dtype)


class Trials(NamedTuple):
    """Results of trials; all arrays have a leading trial axis.

    Attributes:
        run: loss, output and trace.
        grad: the surrogate gradient, as the parameters.
        error: dL/dv of each layer's sites.
    """

    run: Run
    grad: Params
    error: tuple[Array, ...]


@jax.jit
def observe(problem: Problem, spike: Spike, noise: Uniforms) -> Trials:
    """Run trials and differentiate each trial, up to every spike site."""
    probe, (program, params) = ProbedSpike(spike.forward, spike.derivative, spike.reset), problem

    def trial(xi: Uniforms) -> Trials:
        zeros = tuple(jnp.zeros_like(values) for values in xi.values)

        def loss(p: Params, zeros: tuple[Array, ...]) -> tuple[Array, Run]:
            run = program(p, CarryingNoise(xi, zeros), probe)
            return run.loss, run

        (grad, error), run = jax.grad(loss, (0, 1), has_aux=True)(params, zeros)
        return Trials(run, grad, error)

    return jax.vmap(trial)(noise)


@jax.tree_util.register_static
class Noting:
    """Noise that notes which layers draw it in steps of time."""

    def __init__(self) -> None:
        self.timed: dict[int, bool] = {}

    def draw(self, layer: int, t: Array | int | None, shape: tuple[int, ...]) -> Array:
        """Return an array of 1/2."""
        self.timed[layer] = t is not None
        return jnp.full(shape, 0.5)


def timed(problem: Problem) -> list[bool]:
    """Return for each layer whether the first axis of its sites is time."""
    noise = Noting()
    jax.eval_shape(lambda program, params: program(params, noise, FIXED), *problem)
    return [noise.timed[layer] for layer in sorted(noise.timed)]
