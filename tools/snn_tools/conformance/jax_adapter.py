"""Adapter for spike functions in JAX: any callable of one array, or of an array and a key."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from snn_tools.conformance.black_box import Framework, NotOffered, Typed


class JaxFunction(Framework):
    """A JAX spike function, ``v -> s``, or ``(v, key) -> s`` with ``random``."""

    def __call__(self, v: jax.Array) -> jax.Array:
        """Return the spikes."""
        return self.function(v, jax.random.key(self.seed)) if self.random else self.function(v)

    def spikes(self, v: np.ndarray, dtype: str) -> Typed:
        with jax.enable_x64(True):
            return _typed(self(_cast(v, dtype)))

    def gradient(self, v: np.ndarray, dtype: str, cotangent: np.ndarray | None = None) -> Typed:
        with jax.enable_x64(True):
            out, pullback = jax.vjp(self, _cast(v, dtype))
            like = jnp.ones_like(out) if cotangent is None else jnp.asarray(cotangent, out.dtype)
            return _typed(pullback(like)[0])

    def tangent(self, v: np.ndarray, dtype: str, tangent: np.ndarray) -> Typed:
        with jax.enable_x64(True):
            try:
                return _typed(jax.jvp(self, (_cast(v, dtype),), (_cast(tangent, dtype),))[1])
            except TypeError as error:
                if "custom_vjp" in str(error):
                    raise NotOffered("custom_vjp has no forward mode") from None
                raise

    def second(self, v: np.ndarray, dtype: str) -> Typed:
        with jax.enable_x64(True):
            return _typed(jax.grad(lambda x: _slope(self, x).sum())(_cast(v, dtype)))

    def transformed(self, v: np.ndarray, dtype: str, name: str) -> tuple[Typed, Typed]:
        transform = {"jit": jax.jit, "vmap": jax.vmap}[name]
        with jax.enable_x64(True):
            x = _cast(v, dtype)
            slope = transform(lambda x: _slope(self, x))
            return _typed(transform(self)(x)), _typed(slope(x))

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
