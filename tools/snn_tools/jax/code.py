"""Derivatives of a JAX network's code against finite differences, at given spikes."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from snn.estimators.base import equations_in
from snn.noise import Uniforms
from snn_tools.jax.probe import GivenSpike
from snn_tools.jax.problem import Problem, leaves_of
from snn_tools.shared.budget import Clock
from snn_tools.shared.gradient_check import (
    SECONDS,
    VALUES,
    Check,
    checked,
    checked_spikes,
    looked_at,
    moved_half,
)


def check(
    problem: Problem, spikes: list[np.ndarray], time_axis: int | None, clock: Clock
) -> list[Check]:
    """Compare derivatives with finite differences: by each array, and by each layer's spikes.

    Args:
        problem: program and parameters.
        spikes: spikes of a trial, without the axis of trials.
        time_axis: axis of time of the sites.
        clock: the budget; tests are left out if time is up.
    """
    try:
        with jax.enable_x64(True):
            fine, wide = _widened((problem, spikes))
            return _check(fine, wide, time_axis, clock)
    except (TypeError, ValueError):  # the code insists on its types
        return _check(problem, list(map(jnp.asarray, spikes)), time_axis, clock)


@jax.jit
def _value(
    leaves: tuple[Any, list[Array]], program: Any, weights: list[Array], of_loss: Array
) -> Array:
    params, spikes = leaves
    run = program(params, Uniforms(tuple(spikes)), GivenSpike())
    # A refractory neuron is at minus infinity, whatever its parameters.
    sites = [
        jnp.sum(jnp.where(jnp.isfinite(layer.v), weight * layer.v, 0.0))
        for weight, layer in zip(weights, run.trace, strict=True)
    ]
    return of_loss * run.loss + sum(sites)


_gradient = jax.jit(jax.grad(_value))


def _check(
    problem: Problem, spikes: list[Array], time_axis: int | None, clock: Clock
) -> list[Check]:
    program, params = problem
    rng, checks = np.random.default_rng(0), []
    axis = -1 if time_axis is None else time_axis
    axes = [axis if axis >= 0 and s.ndim > 1 else s.ndim for s in spikes]
    shapes = [(*s.shape[:k], *s.shape[k + 1 :]) for s, k in zip(spikes, axes, strict=True)]
    traced = jax.make_jaxpr(_value)((params, spikes), program, spikes, jnp.ones(()))
    types = {var.aval.dtype for eqn in equations_in(traced.jaxpr) for var in eqn.outvars}
    eps = max(float(jnp.finfo(t).eps) for t in types if jnp.issubdtype(t, jnp.floating))

    def spread(x: np.ndarray, s: Array) -> Array:
        """Repeat an array of one step over all steps."""
        x = np.expand_dims(x, axis) if axis >= 0 and s.ndim > 1 else x
        return jnp.asarray(np.broadcast_to(x, s.shape), s.dtype)

    leaves, structure = jax.tree.flatten((params, spikes))

    def function(k: int, weights: list[Any], of_loss: float) -> tuple:
        """Return derivative by the k-th leaf of parameters and spikes, and value of its changes."""
        arrays = [jnp.asarray(w, s.dtype) for w, s in zip(weights, spikes, strict=True)]
        more = program, arrays, jnp.asarray(of_loss, spikes[0].dtype)
        leaf = np.asarray(leaves[k], float)

        def value(move: np.ndarray) -> float:
            moved = jnp.asarray(leaf + move.reshape(leaf.shape), leaves[k].dtype)
            changed = [*leaves[:k], moved, *leaves[k + 1 :]]
            return float(_value(jax.tree.unflatten(structure, changed), *more))

        gradient = jax.tree.leaves(_gradient((params, spikes), *more))[k]
        return np.asarray(gradient, float).reshape(-1), value

    def size(k: int) -> float:
        return float(np.linalg.norm(np.asarray(leaves[k], float))) or np.size(leaves[k]) ** 0.5

    def time_left() -> bool:
        return clock.elapsed() < max(clock.budget, SECONDS)

    everywhere = [rng.standard_normal(s.shape) for s in spikes]
    arrays = leaves_of(params)
    for k, leaf in enumerate(arrays):
        if time_left():
            derivative, value = function(k, everywhere, 1.0)
            checks.append(checked((leaf.name, VALUES), derivative, value, size(k), eps))
    for i, s in enumerate(spikes):
        looks = [spread(w, x) for w, x in zip(looked_at(rng, shapes, i), spikes, strict=True)]
        half = np.asarray(spread(moved_half(shapes[i]) * 1.0, s)).reshape(-1) > 0
        far = np.where(half, 1 - 2 * np.asarray(s, float).reshape(-1), 0.0)

        def of_targets(chosen: np.ndarray, i: int = i, half=half, looks=looks) -> tuple:
            weights = [on * look for on, look in zip(chosen, looks, strict=True)]
            derivative, value = function(len(arrays) + i, weights, 0.0)
            return np.where(half, derivative, 0.0), value

        if time_left():
            names = [f"layer {j}" for j in range(len(spikes))]
            length = size(len(arrays) + i)
            checks += checked_spikes(f"layer {i}", names, of_targets, length, eps, far)
    return checks


def _widened(tree: Any) -> Any:
    """Convert floating-point numbers to float64."""

    def wide(leaf: Any) -> Any:
        if isinstance(leaf, Array | np.ndarray) and jnp.issubdtype(leaf.dtype, jnp.floating):
            # NumPy converts without compiling.
            return jax.device_put(np.asarray(leaf).astype(np.float64))
        return leaf

    return jax.tree.map(wide, tree)
