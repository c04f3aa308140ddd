"""Is a reset detached by hand? The path from a spike to later potentials of its own neuron.

``u - stop_gradient(s)`` cuts that path in the network's own code, and leaves the paths to other
neurons and to the loss. Potentials and loss are an ordinary function of spikes that are handed in
as numbers. JAX is held against finite differences, with the spikes of some neurons moved: once with
the potentials of the same neurons, once with those of the others and the loss.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from snn.escape import EscapeNoise
from snn.noise import Uniforms
from snn.spikes import Spike, through
from snn.value_object import value_object
from snn_tools.comparison.truth import Problem
from snn_tools.doctor.plumbing import STEPS, epsilon, judged

N_DRAWS = 2
"""Draws of the neurons whose spikes are moved, layer by layer."""


class OwnPath(NamedTuple):
    """What was found.

    Attributes:
        ratio: derivative by JAX over finite differences along the path from spikes to potentials of
            their own neurons, the smallest in size; NaN if all agree.
        detached: whether that path differs, and all others agree.
    """

    ratio: float
    detached: bool


@value_object
class Given(Spike):
    """A spike that is the number which its site draws."""

    def __call__(self, escape: EscapeNoise, v: Array, xi: Array) -> Array:
        """The number, in the type of the potential."""
        return xi.astype(v.dtype)


def own_path(problem: Problem, spikes: list[Array], key: Array) -> OwnPath:
    """Tell whether the network detaches its reset itself.

    Args:
        problem: program and parameters.
        spikes: of one trial, layer by layer.
        key: of the draws.
    """
    rng = np.random.default_rng(np.asarray(jax.random.bits(key, (4,))))
    eps = epsilon((problem.params, spikes))
    ratios: dict[bool, list[float]] = {False: [], True: []}
    for i, s in enumerate(spikes):
        for _ in range(N_DRAWS):
            moved = rng.permutation(s.shape[-1]) < max(1, s.shape[-1] // 2)
            direction, same = ([np.zeros(x.shape) for x in spikes] for _ in range(2))
            others = [rng.standard_normal(x.shape) for x in spikes]
            direction[i] = rng.standard_normal(s.shape) * moved
            same[i] = rng.standard_normal(s.shape) * moved
            others[i] = others[i] * ~moved
            for own, weights in ((True, same), (False, others)):
                parts = [list(map(jnp.asarray, part)) for part in (spikes, direction, weights)]
                found = _along(problem, *parts, jnp.asarray(float(not own)))
                derivative, quotients, scale = (np.asarray(x, float) for x in found)
                ratio, verdict = judged(float(derivative), quotients, float(scale), eps)
                ratios[own] += [ratio] * (verdict in ("differs", "cut"))
    ratio = min(ratios[True], key=abs, default=float("nan"))
    return OwnPath(ratio, bool(ratios[True]) and not ratios[False])


@jax.jit
def _along(
    problem: Problem,
    spikes: list[Array],
    direction: list[Array],
    weights: list[Array],
    weight_of_loss: Array,
) -> tuple[Array, Array, Array]:
    """Derivative by JAX, difference quotients at all `STEPS`, and the size of the function."""

    def value(step: Array) -> Array:
        moved = [s + (step * d).astype(s.dtype) for s, d in zip(spikes, direction, strict=True)]
        run = problem.program(problem.params, Uniforms(tuple(moved)), Given(reset=through))
        sites = [
            jnp.sum(jnp.where(jnp.isfinite(layer.v), w * layer.v, 0.0))
            for w, layer in zip(weights, run.trace, strict=True)
        ]
        # A loss may be infinite where a spike is moved: what is not read must not count.
        return sum(sites) + jnp.where(weight_of_loss > 0, run.loss, 0.0)

    h = jnp.asarray(STEPS)
    values = jax.lax.map(value, jnp.concatenate([h, -h, jnp.zeros(1, h.dtype)]))
    n = len(STEPS)
    derivative = jax.grad(value)(jnp.zeros((), h.dtype))
    return derivative, (values[:n] - values[n:-1]) / (2 * h), jnp.abs(values[-1])
