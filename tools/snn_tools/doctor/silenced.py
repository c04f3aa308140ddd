"""Layers behind whose spikes every derivative is 0, though flipping them matters."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array

from snn.escape import EscapeNoise
from snn.noise import Uniforms
from snn.spikes import Spike, through
from snn.value_object import value_object
from snn_tools.comparison.problem import Problem


@value_object
class Given(Spike):
    """A spike that is the number which its site draws."""

    def __call__(self, escape: EscapeNoise, v: Array, xi: Array) -> Array:
        """Return the number, in the type of the potential."""
        return xi.astype(v.dtype)


def silenced(problem: Problem, spikes: list[Array]) -> list[int]:
    """Find layers behind whose spikes every derivative is 0, though flipping them matters.

    As behind ``jnp.where(s > 0.5, 1.0, 0.0)``, which no small step of a finite difference shows.
    What is behind a layer: the potentials of other layers, and the loss.
    """
    found = []
    for i in range(len(spikes)):
        slope, change, scale = map(float, _behind(problem, spikes, i))
        if slope == 0 and change > 100 * float(jnp.finfo(spikes[i].dtype).eps) * max(scale, 1e-30):
            found.append(i)
    return found


@partial(jax.jit, static_argnums=2)
def _behind(problem: Problem, spikes: list[Array], i: int) -> tuple[Array, Array, Array]:
    """Return the largest derivative by a layer's spikes, the change when all flip, and the size."""

    def value(own: Array) -> Array:
        now = [own if j == i else s for j, s in enumerate(spikes)]
        run = problem.program(problem.params, Uniforms(tuple(now)), Given(reset=through))
        others = [jnp.where(jnp.isfinite(x.v), x.v, 0.0) for x in run.trace]
        # Weights that no symmetry of a network has.
        sites = [jnp.sum(v * jnp.sin(1.0 + jnp.arange(v.size)).reshape(v.shape)) for v in others]
        rest = sum(v for j, v in enumerate(sites) if j != i)
        return rest + jnp.where(jnp.isfinite(run.loss), run.loss, 0.0)

    here = value(spikes[i])
    change = value(1 - spikes[i]) - here
    return jnp.abs(jax.grad(value)(spikes[i])).max(), jnp.abs(change), jnp.abs(here)
