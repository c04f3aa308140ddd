"""Adapter for spike functions in JAX: any callable of one array."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from snn_tools.conformance.function import Typed

Function = Callable[[jax.Array], jax.Array]


class JaxFunction:
    """Spike function ``v -> s`` in JAX."""

    def __init__(self, function: Function) -> None:
        self.function = function

    def spikes(self, v: np.ndarray, dtype: str) -> Typed:
        return _typed(self.function, v, dtype)

    def gradient(self, v: np.ndarray, dtype: str) -> Typed:
        return _typed(self._slope, v, dtype)

    def second(self, v: np.ndarray, dtype: str) -> Typed:
        return _typed(jax.grad(lambda x: self._slope(x).sum()), v, dtype)

    def mapped(self, v: np.ndarray, dtype: str) -> tuple[Typed, Typed]:
        maps = jax.vmap(self.function), jax.vmap(self._slope)
        return _typed(maps[0], v, dtype), _typed(maps[1], v, dtype)

    def _slope(self, x: jax.Array) -> jax.Array:
        return jax.grad(lambda x: self.function(x).sum())(x)


def _typed(function: Function, v: np.ndarray, dtype: str) -> Typed:
    with jax.enable_x64(True):
        result = function(jnp.asarray(v, dtype))
        return Typed(np.asarray(result, np.float64), result.dtype.name)
