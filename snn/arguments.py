"""Types of arguments, and checks of parameters, inputs and keys.

In tests, and with ``SNN_CHECK=1`` in the environment, jaxtyping and beartype check the types and
shapes of every call. The functions here check what a beginner gets wrong, with a message that says
what to type. Escape noises are checked in `snn.escape`, the shapes of a program by the program.
"""

from __future__ import annotations

import reprlib
from typing import TYPE_CHECKING, Any, TypeAlias

import jax
import jax.numpy as jnp
import jaxtyping
import numpy as np
from jax import Array
from jax.core import Tracer
from jaxtyping import Bool, UInt32

if TYPE_CHECKING:
    Real: TypeAlias = Any
    Key: TypeAlias = Array
else:
    Real: TypeAlias = (
        jaxtyping.Real[Array, "..."]
        | jaxtyping.Real[np.ndarray, "..."]
        | Bool[Array, "..."]
        | Bool[np.ndarray, "..."]
        | np.integer
        | np.floating
        | int
        | float
    )
    """A setting: a number of Python, NumPy or JAX, or an array, which may be traced."""

    Key: TypeAlias = jaxtyping.Key[Array, "..."] | UInt32[Array, "..."]
    """A JAX random key of either kind, or an array of them."""


def check_params(params: Any) -> None:
    """Raise TypeError unless all parameters are floating point numbers.

    Args:
        params: pytree of parameters.

    Raises:
        TypeError: if a leaf is not a floating point number; the message names the leaf.
    """
    for path, leaf in jax.tree_util.tree_leaves_with_path(params):
        kind = getattr(leaf, "dtype", type(leaf))
        if not jnp.issubdtype(kind, jnp.floating):
            raise TypeError(
                f"params{jax.tree_util.keystr(path)}: got {getattr(kind, '__name__', kind)}, "
                f"expected an array of floating point numbers. What is not to be differentiated "
                f"belongs into the network."
            )


def check_key(owner: str, key: Any) -> None:
    """Raise TypeError unless the argument is a JAX random key.

    Args:
        owner: name of the function, for the message.
        key: the argument.

    Raises:
        TypeError: if it is something else, such as the number of a seed.
    """
    kind = getattr(key, "dtype", None)
    if kind is None or not (jnp.issubdtype(kind, jax.dtypes.prng_key) or kind == jnp.uint32):
        seed = key if isinstance(key, int) else 0
        # Inside `jit` a number is traced, and its value is not known.
        got = f"numbers of type {kind}" if isinstance(key, Tracer) else reprlib.repr(key)
        raise TypeError(
            f"{owner}.key: got {got}, expected a JAX random key, such as jax.random.key({seed})."
        )


def check_array(owner: str, x: Any) -> None:
    """Raise TypeError for a list or tuple of numbers, which JAX takes for a pytree of scalars.

    Args:
        owner: name of the argument, for the message.
        x: an array, or a pytree of arrays.

    Raises:
        TypeError: if a list or a tuple contains a number of Python.
    """
    numbers = isinstance(x, list | tuple) and jax.tree.leaves(x)
    if numbers and any(isinstance(leaf, int | float | complex) for leaf in numbers):
        raise TypeError(
            f"{owner}: got {reprlib.repr(x)}, a {type(x).__name__} of numbers, expected an array: "
            f"jnp.array({reprlib.repr(x)})."
        )
