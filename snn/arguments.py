"""Types of arguments, and refusals of what would end as a wrong number without an error.

jaxtyping and beartype hold every call against its annotations in tests, and wherever `SNN_CHECK=1`
is set (`snn`). Without them most arguments of a wrong kind end in an error of JAX or Python. Some
would not, and are refused here by name: complex numbers, which a comparison or a cast makes real;
NaN in a setting, which is below every threshold; parameters that are integers; a fraction where
steps are counted, and a text, which is true, where True or False is expected.
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
"""Annotations that fields are held against: what is expected, and whether a value is that."""


def check_fields(made: Any) -> None:
    """Hold the numbers and switches of a value object against their annotations.

    Raises:
        TypeError: for one of another kind.
        ValueError: for NaN, as far as one sees: arrays are let through.
    """
    hints = _hints(type(made))
    for name, value in vars(made).items():
        expected, fits = CHECKS.get(hints.get(name), ("", lambda x: True))
        if not fits(value):
            raise (ValueError if _is_nan(value) else TypeError)(
                f"{type(made).__name__}.{name}: got {value!r}, expected {expected}."
            )


@functools.cache
def _hints(cls: type) -> Mapping[str, Any]:
    try:
        return get_type_hints(cls)
    except NameError:  # a name that is there for type checkers alone
        return {}


def check_real(owner: str, **values: Any) -> None:
    """Raise TypeError for complex numbers, in arrays or pytrees of them."""
    for name, value in values.items():
        for leaf in jax.tree.leaves(value):
            if np.iscomplexobj(leaf):
                raise TypeError(f"{owner}.{name}: got complex numbers, expected real ones.")


def check_params(params: Any) -> None:
    """Raise TypeError unless parameters are of floating point, which can be differentiated."""
    for path, leaf in jax.tree_util.tree_leaves_with_path(params):
        kind = getattr(leaf, "dtype", type(leaf))
        if not jnp.issubdtype(kind, jnp.floating):
            raise TypeError(
                f"params{jax.tree_util.keystr(path)}: got {getattr(kind, '__name__', kind)}, "
                f"expected an array of floating point numbers. What is not to be differentiated "
                f"belongs into the network."
            )
