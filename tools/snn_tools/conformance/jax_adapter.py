"""Adapter for spike functions in JAX: any callable of one array."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

Function = Callable[[jax.Array], jax.Array]


class JaxFunction:
    """Spike function ``v -> s`` in JAX."""

    def __init__(self, function: Function) -> None:
        self.function = function

    def spikes(self, v: np.ndarray) -> np.ndarray:
        """Return the spikes."""
        return _in_double(self.function, v)

    def gradient(self, v: np.ndarray) -> np.ndarray:
        """Return the derivative, in reverse mode."""
        return _in_double(self._slope, v)

    def second(self, v: np.ndarray) -> np.ndarray:
        """Return the derivative of the derivative."""
        return _in_double(jax.grad(lambda x: self._slope(x).sum()), v)

    def mapped(self, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return spikes and gradient under ``vmap`` over the first axis."""
        return _in_double(jax.vmap(self.function), v), _in_double(jax.vmap(self._slope), v)

    def _slope(self, x: jax.Array) -> jax.Array:
        return jax.grad(lambda x: self.function(x).sum())(x)


def _in_double(function: Function, v: np.ndarray) -> np.ndarray:
    with jax.enable_x64(True):
        return np.asarray(function(jnp.asarray(v, jnp.float64)))
