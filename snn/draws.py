"""Random arrays that compile up to ten times as fast.

JAX's generator counts along every axis of an array. XLA compiles the counts of three axes in 2 s,
and of one axis in 0.2 s (jax 0.10.1 on a CPU). The functions here draw one row and reshape it,
which gives equal numbers.
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
    """Draw the numbers of ``distribution(key, shape, dtype)``.

    Args:
        distribution: `jax.random.uniform` or another whose numbers are independent.
        key: a JAX random key.
        shape: shape of the array.
        dtype: type of the numbers; by default JAX's default type.

    Returns:
        The numbers, an array of the given shape.
    """
    dtype = jnp.result_type(float) if dtype is None else dtype
    return distribution(key, (prod(shape),), dtype).reshape(shape)


FEW, MANY = 2**18, 2**24
"""Smallest number of draws, and the largest that is rounded up to a power of two."""


def uniform(key: Array, shape: tuple[int, ...]) -> Array:
    """Draw the numbers of `jax.random.uniform`, with fewer compilations.

    Outside of `jit`, the number of draws is rounded up to a power of two, so that one compiled
    function serves many shapes. With a partitionable generator, the first numbers do not depend on
    how many are drawn.

    Args:
        key: a JAX random key.
        shape: shape of the array.

    Returns:
        Numbers in [0, 1), an array of the given shape.
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
