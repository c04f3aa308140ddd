"""Types of arguments, and checks for values that would silently give wrong numbers.

In tests, and with `SNN_CHECK=1` in the environment, jaxtyping and beartype check the types of every
call. Without them, JAX or Python raise an error for most arguments of a wrong type. This module
checks the cases in which they do not:

- complex numbers, which a comparison or a cast makes real;
- NaN in a setting, which compares as false;
- integer parameters, which have no derivative;
- a fraction as a number of steps, and a string as a switch, where every string counts as true.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, get_type_hints

import jax
import jax.numpy as jnp
import jaxtyping
import numpy as np
from jax import Array
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


def _is_nan(value: Any) -> bool:
    return isinstance(value, float | np.floating) and bool(np.isnan(value))


def _is_integer(value: Any) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


CHECKS: Mapping[Any, tuple[str, Callable[[Any], bool]]] = {
    Real: ("a real number", lambda x: isinstance(x, Real) and not _is_nan(x)),
    int: ("an integer", _is_integer),
    int | None: ("an integer or None", lambda x: x is None or _is_integer(x)),
    bool: ("True or False", lambda x: isinstance(x, bool | np.bool_)),
    Array: ("real numbers", lambda x: not np.iscomplexobj(x)),
}
"""Expected value in words, and a test for it, by annotation."""


def check_fields(owner: Any) -> None:
    """Check that the numbers and switches of a value object match their annotations.

    Args:
        owner: the value object.

    Raises:
        TypeError: if a field has the wrong type.
        ValueError: if a number is NaN. The values of arrays are not checked.
    """
    hints = _hints(type(owner))
    for name, value in vars(owner).items():
        expected, fits = CHECKS.get(hints.get(name), ("", lambda x: True))
        if not fits(value):
            raise (ValueError if _is_nan(value) else TypeError)(
                f"{type(owner).__name__}.{name}: got {value!r}, expected {expected}."
            )


@functools.cache
def _hints(cls: type) -> Mapping[str, Any]:
    try:
        return get_type_hints(cls)
    except NameError:  # a name that only type checkers import
        return {}


def check_real(owner: str, **values: Any) -> None:
    """Raise TypeError if an array or pytree contains complex numbers.

    Args:
        owner: name of the function or class, for the message.
        **values: arrays or pytrees by name.

    Raises:
        TypeError: if one of them is complex.
    """
    for name, value in values.items():
        for leaf in jax.tree.leaves(value):
            if np.iscomplexobj(leaf):
                raise TypeError(f"{owner}.{name}: got complex numbers, expected real ones.")


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
