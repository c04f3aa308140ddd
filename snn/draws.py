"""Random numbers of an array, drawn as one row: the same numbers, compiled up to ten times as fast.

JAX's generator counts sites along every axis of an array; XLA takes 2 s for the counts of three
axes, 0.2 s for those of one (jax 0.10.1 on a CPU).
"""

from collections.abc import Callable
from functools import partial
from math import prod
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jax.core import Tracer

from snn.deprecated import former_names


def draw_numbers(
    distribution: Callable[..., Array], key: Array, shape: tuple[int, ...], dtype: Any = None
) -> Array:
    """Draw what ``distribution(key, shape, dtype)`` draws.

    Args:
        distribution: `jax.random.uniform` or another whose numbers are independent.
        key: a JAX random key.
        shape: shape of the array.
        dtype: of the numbers; by default JAX's own.
    """
    dtype = jnp.result_type(float) if dtype is None else dtype
    return distribution(key, (prod(shape),), dtype).reshape(shape)


FEW, MANY = 2**18, 2**24
"""The least numbers drawn at once, and the most for which more are drawn than are wanted."""


def uniform(key: Array, shape: tuple[int, ...]) -> Array:
    """Draw as `jax.random.uniform` does; outside of `jit`, one program serves many shapes.

    It takes longer to compile than to run, unless numbers are many. The first of a partitionable
    generator do not depend on how many are drawn, so that powers of two suffice.

    Args:
        key: a JAX random key.
        shape: shape of the array.
    """
    dtype, n = jnp.result_type(float), prod(shape)
    settings: Any = jax.config
    if isinstance(key, Tracer) or n > MANY or not settings.jax_threefry_partitionable:
        return draw_numbers(jax.random.uniform, key, shape)
    many = jax.random.uniform(key, (max(FEW, 1 << (n - 1).bit_length()),), dtype)
    return _first(many, shape)


@partial(jax.jit, static_argnames="shape")
def _first(numbers: Array, shape: tuple[int, ...]) -> Array:
    return numbers[: prod(shape)].reshape(shape)


__getattr__ = former_names(__name__, {"drawn": "draw_numbers"})
