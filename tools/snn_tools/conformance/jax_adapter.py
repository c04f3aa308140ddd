"""Adapter for spike functions in JAX: any callable of one array."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from snn_tools.conformance.black_box import Framework, Typed


class JaxFunction(Framework):
    """A JAX spike function, ``v -> s``."""

    def spikes(self, v: np.ndarray, dtype: str) -> Typed:
        with jax.enable_x64(True):
            return _typed(self.function(_cast(v, dtype)))

    def gradient(self, v: np.ndarray, dtype: str, cotangent: np.ndarray | None = None) -> Typed:
        with jax.enable_x64(True):
            out, pullback = jax.vjp(self.function, _cast(v, dtype))
            like = jnp.ones_like(out) if cotangent is None else jnp.asarray(cotangent, out.dtype)
            return _typed(pullback(like)[0])

    def second(self, v: np.ndarray, dtype: str) -> Typed:
        with jax.enable_x64(True):
            return _typed(jax.grad(lambda x: _slope(self.function, x).sum())(_cast(v, dtype)))

    def mapped(self, v: np.ndarray, dtype: str) -> tuple[Typed, Typed]:
        with jax.enable_x64(True):
            x = _cast(v, dtype)
            slope = jax.vmap(lambda x: _slope(self.function, x))
            return _typed(jax.vmap(self.function)(x)), _typed(slope(x))

    def reproduction(self, imports: str, call: str, v: float, dtype: str, order: int = 1) -> str:
        imports = f"import jax, jax.numpy as jnp{imports}"
        double = 'jax.config.update("jax_enable_x64", True); ' if dtype == "float64" else ""
        value = f"jnp.asarray({v!r}, jnp.{dtype})"
        function = f"jax.grad({call})" if order == 2 else call
        return f"{imports}; {double}print(jax.value_and_grad({function})({value}))"


def _cast(v: np.ndarray, dtype: str) -> jax.Array:
    return jnp.asarray(v, dtype)


def _slope(function: Callable[[jax.Array], jax.Array], x: jax.Array) -> jax.Array:
    return jax.grad(lambda x: function(x).sum())(x)


def _typed(result: jax.Array) -> Typed:
    return Typed(np.asarray(result, np.float64), result.dtype.name)
