"""Is a reset detached by hand? The path from a spike to later potentials of its own neuron.

``u - stop_gradient(s)`` cuts that path in the network's own code, and leaves the paths to other
neurons and to the loss. Potentials and loss are an ordinary function of spikes that are handed in
as numbers. JAX is held against finite differences, with the spikes of some neurons moved: with the
potentials of the same neurons, with those of the others of their layer, and with all else and the
loss. Where neurons of a layer are coupled otherwise than by spikes, as by layer normalisation, a
detached reset shows in the others of the layer, too. It is told from a detached recurrence by the
code: what is behind a `stop_gradient` of a reset enters no product with weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.extend.core import Var

from snn.escape import EscapeNoise
from snn.estimators.base import equations_in, jaxprs_in
from snn.noise import Constant, Uniforms
from snn.spikes import Spike, through
from snn.value_object import value_object
from snn_tools.comparison.problem import Problem
from snn_tools.doctor.plumbing import central, epsilon, judged

PRODUCTS = ("dot_general", "conv_general_dilated")

EMPTY: Mapping[int, int] = MappingProxyType({})

N_DRAWS = 2
"""Draws of the neurons whose spikes are moved, layer by layer."""


class OwnPath(NamedTuple):
    """What was found.

    Attributes:
        ratio: derivative by JAX over finite differences along the path from spikes to potentials of
            their own neurons, the smallest in size; NaN if all agree.
        detached: whether that path differs, and all others agree, or those within the layer differ
            as behind a normalisation.
    """

    ratio: float
    detached: bool


@value_object
class Given(Spike):
    """A spike that is the number which its site draws."""

    def __call__(self, escape: EscapeNoise, v: Array, xi: Array) -> Array:
        """Return the number, in the type of the potential."""
        return xi.astype(v.dtype)


def repeated(potentials: list[np.ndarray]) -> dict[int, int]:
    """Find layers that have the potentials of another one, one step later.

    Some libraries compute a spike where it is sent on, and once more, from the state, where it
    resets the neuron in the next step. Under noise these are two draws.

    Args:
        potentials: of each layer, ``(trial, step, ...)``.

    Returns:
        The layer that is repeated, by the one that repeats it.
    """
    return {
        i: k
        for i, late in enumerate(potentials)
        for k, early in enumerate(potentials)
        if i != k and late.shape == early.shape and late.ndim > 2 and late.shape[1] > 2
        if np.ptp(early) > 0 and np.allclose(late[:, 1:], early[:, :-1], rtol=1e-5, atol=1e-6)
    }


def own_path(
    problem: Problem, spikes: list[Array], key: Array, again: Mapping[int, int] = EMPTY
) -> OwnPath:
    """Tell whether the network detaches its reset itself; `again` is as from `repeated`."""
    rng = np.random.default_rng(np.asarray(jax.random.bits(key, (4,))))
    eps = epsilon((problem.params, spikes))
    ratios: dict[str, list[float]] = {"same": [], "layer": [], "rest": []}
    for i, s in enumerate(spikes):
        for _ in range(N_DRAWS):
            moved = rng.permutation(s.shape[-1]) < max(1, s.shape[-1] // 2)
            direction, same, layer = ([np.zeros(x.shape) for x in spikes] for _ in range(3))
            rest = [rng.standard_normal(x.shape) for x in spikes]
            direction[i] = rng.standard_normal(s.shape) * moved
            for k in {i}.union(*(pair for pair in again.items() if i in pair)):
                same[k] = rng.standard_normal(s.shape) * moved
                layer[k], rest[k] = rest[k] * ~moved, np.zeros(s.shape)
            for where, weights in (("same", same), ("layer", layer), ("rest", rest)):
                s0, d, w = (list(map(jnp.asarray, part)) for part in (spikes, direction, weights))
                found = _along(problem, s0, d, w, jnp.asarray(float(where == "rest")))
                derivative, quotients, scale = (np.asarray(x, float) for x in found)
                ratio, verdict = judged(float(derivative), quotients, float(scale), eps)
                ratios[where] += [ratio] * (verdict in ("differs", "cut"))
    ratio = min(ratios["same"], key=abs, default=float("nan"))
    coupled = bool(ratios["layer"]) and weighs_stopped(problem)
    return OwnPath(ratio, bool(ratios["same"]) and not (ratios["rest"] or coupled))


def silenced(problem: Problem, spikes: list[Array]) -> list[int]:
    """Find layers behind whose spikes every derivative is 0, though flipping them matters.

    As behind ``jnp.where(s > 0.5, 1.0, 0.0)``, which no small step of a finite difference shows.
    What is behind a layer: the potentials of other layers, and the loss.
    """
    found = []
    for i in range(len(spikes)):
        slope, change, scale = map(float, _behind(problem, spikes, i))
        if slope == 0 and change > 100 * epsilon(spikes) * max(scale, 1e-30):
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


def weighs_stopped(problem: Problem) -> bool:
    """Tell whether what is behind a `stop_gradient` enters a product with weights in its step."""
    run = lambda p, q: problem.program(p, q, Given(reset=through))  # noqa: E731
    traced = jax.make_jaxpr(run)(problem.params, Constant())
    return any(map(_weighs, (traced.jaxpr, *_inner(traced.jaxpr))))


def _inner(jaxpr: Any) -> Iterator[Any]:
    for eqn in equations_in(jaxpr):
        yield from jaxprs_in(eqn)


def _weighs(jaxpr: Any) -> bool:
    stopped: set[Any] = set()
    for eqn in jaxpr.eqns:
        name, found = eqn.primitive.name, stopped & {v for v in eqn.invars if isinstance(v, Var)}
        if found and name in PRODUCTS:
            return True
        same = found and all(out.aval.shape == next(iter(found)).aval.shape for out in eqn.outvars)
        if name == "stop_gradient" or same:
            stopped |= set(eqn.outvars)
    return False


@jax.jit
def _along(
    problem: Problem,
    spikes: list[Array],
    direction: list[Array],
    weights: list[Array],
    weight_of_loss: Array,
) -> tuple[Array, Array, Array]:
    """Return the derivative by JAX, quotients at all `STEPS`, and the size of the function."""

    def value(step: Array) -> Array:
        moved = [s + (step * d).astype(s.dtype) for s, d in zip(spikes, direction, strict=True)]
        run = problem.program(problem.params, Uniforms(tuple(moved)), Given(reset=through))
        sites = [
            jnp.sum(jnp.where(jnp.isfinite(layer.v), w * layer.v, 0.0))
            for w, layer in zip(weights, run.trace, strict=True)
        ]
        # A loss may be infinite where a spike is moved: what is not read must not count.
        return sum(sites) + jnp.where(weight_of_loss > 0, run.loss, 0.0)

    return jax.grad(value)(jnp.zeros(())), *central(value)
