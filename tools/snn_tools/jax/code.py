"""Code of a JAX network at given spikes, for the comparison with finite differences."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from snn.estimators.base import equations_in
from snn.noise import Uniforms
from snn_tools.jax.probe import GivenSpike, timed
from snn_tools.jax.problem import Problem, leaves_of
from snn_tools.shared.gradient_check import Check, Moves, Source, Weights, check_code


def check(problem: Problem, spikes: list[Array]) -> tuple[Check, ...]:
    """Compare derivatives with finite differences: by each array, and by each layer's spikes.

    Args:
        problem: program and parameters.
        spikes: spikes of a trial, without the axis of trials.
    """
    try:
        with jax.enable_x64(True):
            fine, wide = _widened((problem, spikes))
            return check_code(JaxCode(fine, wide))
    except (TypeError, ValueError):  # the code insists on its types
        return check_code(JaxCode(problem, spikes))


@jax.jit
def _values(leaves: tuple[Any, list[Array]], program: Any, weights: list[Array]) -> Array:
    """Return the loss, and weighted sums of the potentials of each layer."""
    params, spikes = leaves
    run = program(params, Uniforms(tuple(spikes)), GivenSpike())
    # A refractory neuron is at minus infinity, whatever its parameters.
    sums = [
        jnp.sum(jnp.where(jnp.isfinite(layer.v), weight * layer.v, 0.0))
        for weight, layer in zip(weights, run.trace, strict=True)
    ]
    return jnp.stack([run.loss, *sums])


@jax.jit
def _gradient(leaves: Any, program: Any, weights: list[Array], on: Array) -> Any:
    return jax.grad(lambda x: jnp.where(on, _values(x, program, weights), 0.0).sum())(leaves)


class JaxCode:
    """Code of a JAX network, see `Code`."""

    def __init__(self, problem: Problem, spikes: list[Array]) -> None:
        self.program, params = problem
        self.spikes = spikes
        self.leaves, self.structure = jax.tree.flatten((params, spikes))
        self.arrays = [leaf.name for leaf in leaves_of(params)]
        self.layers = [f"layer {i}" for i in range(len(spikes))]
        pairs = zip(spikes, timed(problem), strict=True)
        self.shapes = [s.shape[1:] if steps else s.shape for s, steps in pairs]
        traced = jax.make_jaxpr(_values)((params, spikes), self.program, spikes)
        types = {var.aval.dtype for eqn in equations_in(traced.jaxpr) for var in eqn.outvars}
        self.eps = max(float(jnp.finfo(t).eps) for t in types if jnp.issubdtype(t, jnp.floating))

    def source(self, source: Source) -> np.ndarray:
        return np.asarray(self.leaves[self._index(source)], float).reshape(-1)

    def values(self, moves: Moves, weights: Weights) -> np.ndarray:
        return np.asarray(_values(self._moved(moves), self.program, self._wide(weights)), float)

    def derivative(
        self, source: Source, moves: Moves, weights: Weights, on: np.ndarray
    ) -> np.ndarray:
        tree = self._moved(moves)
        gradient = _gradient(tree, self.program, self._wide(weights), jnp.asarray(on))
        return np.asarray(jax.tree.leaves(gradient)[self._index(source)], float).reshape(-1)

    def _moved(self, moves: Moves) -> Any:
        leaves = list(self.leaves)
        for source, move in moves.items():
            k = self._index(source)
            moved = np.asarray(leaves[k], float) + move.reshape(leaves[k].shape)
            leaves[k] = jnp.asarray(moved, leaves[k].dtype)
        return jax.tree.unflatten(self.structure, leaves)

    def _index(self, source: Source) -> int:
        return source[1] + (len(self.arrays) if source[0] == "layer" else 0)

    def _wide(self, weights: Weights) -> list[Array]:
        pairs = zip(weights, self.spikes, strict=True)
        return [jnp.asarray(np.broadcast_to(w, s.shape), s.dtype) for w, s in pairs]


def _widened(tree: Any) -> Any:
    """Convert floating-point numbers to float64."""

    def wide(leaf: Any) -> Any:
        if isinstance(leaf, Array | np.ndarray) and jnp.issubdtype(leaf.dtype, jnp.floating):
            # NumPy converts without compiling.
            return jax.device_put(np.asarray(leaf).astype(np.float64))
        return leaf

    return jax.tree.map(wide, tree)
