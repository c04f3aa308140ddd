r"""Is the network's own code differentiated as it is written? Two tests without noise.

*Given its spikes*, a network is an ordinary function of its parameters: all potentials and the
loss are differentiated by JAX, and must agree with finite differences. A wrong one is wrong in the
true gradient, too, whoever estimates it by differentiation. *With probabilities in place of
spikes* (`snn.mean`), the matched derivative and the reset differentiated, the whole network is an
ordinary function: here a derivative that is cut or scaled between layers shows.

Both are tested array by array, along the derivative itself and along a random direction.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.flatten_util import ravel_pytree

import snn.spikes
from snn.comparison import leaves_of
from snn.noise import FIRE, SILENT, Uniforms
from snn.spikes import FIXED, Spike
from snn.surrogate import Matched
from snn.truth import Problem

STEPS = np.array([1e-1, 3e-2, 1e-2, 3e-3, 1e-3, 3e-4])
"""Distances of finite differences, relative to the norm of an array of parameters."""

TOLERANCE = 0.02
"""Differences above this share of the derivative count, beyond those of rounding."""

SMOOTH = Spike(snn.spikes.mean, Matched(), snn.spikes.through)


@dataclasses.dataclass(frozen=True)
class Check:
    """A derivative by JAX against finite differences, of one array of parameters.

    Attributes:
        test: ``"given spikes"`` or ``"smoothed"``.
        leaf: name of the array.
        ratio: derivative by JAX over finite differences, along a direction; the worst of two.
        verdict: ``"agrees"``, ``"differs"``, ``"cut"`` (JAX says 0, and it is not) or
            ``"undecided"``, where rounding hides the derivative.
    """

    test: str
    leaf: str
    ratio: float
    verdict: str


def check(problem: Problem, noise: Uniforms, key: Array) -> list[Check]:
    """Both tests, at one trial's spikes.

    Args:
        problem: program and parameters.
        noise: of one trial, without a trial axis.
        key: of the random directions.
    """
    program, params = problem
    run = program(params, noise, FIXED)
    forced = Uniforms(tuple(jnp.where(layer.s > 0.5, FIRE, SILENT) for layer in run.trace))
    flat, unflatten = ravel_pytree(params)
    keys = jax.random.split(key, len(run.trace) + 1)
    colour = [
        jax.random.normal(k, layer.v.shape, layer.v.dtype)
        for k, layer in zip(keys[1:], run.trace, strict=True)
    ]

    def given_spikes(theta: Array) -> Array:
        again = program(unflatten(theta), forced, FIXED)
        # A refractory neuron is at minus infinity, whatever its parameters.
        sites = [
            jnp.sum(jnp.where(jnp.isfinite(layer.v), c * layer.v, 0.0))
            for c, layer in zip(colour, again.trace, strict=True)
        ]
        return again.loss + sum(sites)

    def smoothed(theta: Array) -> Array:
        return program(unflatten(theta), noise, SMOOTH).loss

    leaves = leaves_of(params)
    found = []
    for name, function in (("given spikes", given_spikes), ("smoothed", smoothed)):
        found += _tested(name, function, flat, leaves, keys[0])
    return found


def _tested(
    name: str, function: Callable[[Array], Array], flat: Array, leaves: list, key: Array
) -> list[Check]:
    derivative = np.asarray(jax.jit(jax.grad(function))(flat), float)

    @jax.jit
    def along(direction: Array) -> tuple[Array, Array]:
        h = jnp.asarray(STEPS, flat.dtype)
        points = jnp.concatenate([h, -h, jnp.zeros(1, h.dtype)])
        values = jax.lax.map(lambda step: function(flat + step * direction), points)
        n = len(STEPS)
        return (values[:n] - values[n:-1]) / (2 * h), jnp.abs(values[-1])

    found = []
    for group, own in zip(leaves, jax.random.split(key, len(leaves)), strict=True):
        size = float(np.linalg.norm(np.asarray(flat)[group.index])) or len(group.index) ** 0.5
        directions = [np.asarray(jax.random.normal(own, (len(group.index),)), float)]
        if derivative[group.index].any() and np.isfinite(derivative[group.index]).all():
            directions.append(derivative[group.index])
        worst = Check(name, group.name, 1.0, "agrees")
        for part in directions:
            direction = np.zeros(len(flat))
            direction[group.index] = part / np.linalg.norm(part) * size
            quotients, scale = along(jnp.asarray(direction, flat.dtype))
            one = _judged(derivative @ direction, np.asarray(quotients, float), float(scale))
            if _RANK[one[1]] > _RANK[worst.verdict]:
                worst = Check(name, group.name, *one)
        found.append(worst)
    return found


_RANK = {"agrees": 0, "undecided": 1, "differs": 2, "cut": 3}


def _judged(derivative: float, quotients: np.ndarray, scale: float) -> tuple[float, str]:
    """Ratio and verdict, by the two neighbouring distances that agree best."""
    resolution = float(jnp.finfo(jnp.result_type(float)).eps) * max(scale, 1e-30) / STEPS
    error = np.abs(np.diff(quotients)) + resolution[1:]
    best = int(np.nanargmin(error)) if np.isfinite(error).any() else 0
    quotient, error = quotients[best + 1], error[best]
    if not np.isfinite([derivative, quotient, error]).all():
        return np.nan, "undecided"
    difference = abs(derivative - quotient)
    if difference <= TOLERANCE * abs(quotient) + 5 * error:
        tiny = abs(quotient) < 5 * error and derivative != 0
        return (1.0, "undecided" if tiny else "agrees")
    if derivative == 0:
        return 0.0, "cut"
    return derivative / quotient, "differs"
