"""Arguments of the wrong kind are refused by name, before they can enter a number.

Tests check shapes and types of all functions, by jaxtyping and beartype; a user has neither. These
checks everybody has: of what a value object is made with, and of the functions that are `checked`.
They hold an argument against its annotation, by kind alone: real numbers, integers, keys, functions
and objects. A text or a complex number would otherwise fail in the depths of JAX, or not at all.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from types import UnionType
from typing import Annotated, Any, NamedTuple, TypeAlias, TypeVar, Union, get_args, get_origin
from typing import get_type_hints as _resolved

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

F = TypeVar("F", bound=Callable[..., Any])


class Kind(NamedTuple):
    """What an argument may be, beyond its Python type.

    Attributes:
        words: after "expected".
        holds: whether a value is of the kind.
    """

    words: str
    holds: Callable[[Any], bool]


def _is_real(value: Any) -> bool:
    kinds = jnp.floating, jnp.integer, jnp.bool_
    return any(jnp.issubdtype(_dtype(value), kind) for kind in kinds)


def _dtype(value: Any) -> Any:
    return getattr(value, "dtype", None) or np.result_type(type(value))


def _are_real(value: Any) -> bool:
    return value is not None and all(map(_is_real, jax.tree.leaves(value)))


def _are_floats(value: Any) -> bool:
    types = map(_dtype, jax.tree.leaves(value))
    return value is not None and all(jnp.issubdtype(one, jnp.floating) for one in types)


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and bool(np.isnan(value))


def _is_number(value: Any) -> bool:
    return _is_real(value) and not _is_nan(value)


def _is_key(value: Any) -> bool:
    dtype = getattr(value, "dtype", None)
    if dtype is None:
        return False
    older = dtype == jnp.uint32 and value.ndim > 0
    return older or jnp.issubdtype(dtype, jax.dtypes.prng_key)


Real: TypeAlias = Annotated[Any, Kind("a real number, or an array of them", _is_number)]
"""A setting: a number of Python, NumPy or JAX, which may be traced. Not NaN, as far as one sees."""

Reals: TypeAlias = Annotated[Any, Kind("real numbers", _are_real)]
"""Data: an array, or a pytree of arrays, which may hold NaN."""

Floats: TypeAlias = Annotated[Any, Kind("floating point numbers", _are_floats)]
"""What can be differentiated: an array, or a pytree of arrays."""

Key: TypeAlias = Annotated[Array, Kind("a JAX random key, such as jax.random.key(0)", _is_key)]
"""A random key of either kind, or an array of them."""

PLAIN: Mapping[Any, Kind] = {
    int: Kind("an integer", lambda x: isinstance(x, int | np.integer) and not isinstance(x, bool)),
    bool: Kind("True or False", lambda x: isinstance(x, bool | np.bool_)),
    float: Kind("a real number", _is_number),
    type(None): Kind("None", lambda x: x is None),
    np.ndarray: Kind("an array of real numbers", _is_real),
    # Keys are arrays of JAX, too.
    Array: Kind("an array of real numbers", lambda x: _is_real(x) or _is_key(x)),
}


def checked(function: F) -> F:
    """Make a function raise TypeError for an argument that is not of the kind of its annotation."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        check_kinds(function, signature.bind(*args, **kwargs).arguments)
        return function(*args, **kwargs)

    return call  # pyright: ignore[reportReturnType]


def check_kinds(owner: Any, values: Mapping[str, Any], objects: bool = True) -> None:
    """Raise TypeError for a value that is not of the kind of its annotation, ValueError for NaN.

    Args:
        owner: a function or class, with annotations.
        values: values by name; those without an annotation pass.
        objects: whether objects are held against their classes and interfaces, too.
    """
    hints = _hints(owner)
    for name, value in values.items():
        if name in hints and not _fits(value, hints[name], objects):
            raise (ValueError if _is_nan(value) else TypeError)(
                f"{owner.__name__}.{name}: got {_shown(value)}, expected {_words(hints[name])}."
            )


@functools.cache
def _hints(owner: Any) -> Mapping[str, Any]:
    try:
        return _resolved(owner, include_extras=True)
    except NameError:  # a name that is there for type checkers alone
        return {}


def _fits(value: Any, hint: Any, objects: bool) -> bool:
    if kind := _kind(hint):
        # Of NaN, and of a class in place of a function, too, a class says better what it needs.
        later = not objects and _is_nan(value) and kind.holds(0.0)
        return later or kind.holds(value)
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(_fits(value, one, objects) for one in inner)
    if origin is tuple:
        same = inner[0] if inner[-1:] == (...,) else Any
        return isinstance(value, tuple) and all(_fits(x, same, objects) for x in value)
    if origin is Callable or hint is Callable:
        return callable(value) and not (objects and isinstance(value, type))
    if not objects or not isinstance(hint, type):
        return True
    if any("__call__" in vars(base) for base in hint.__mro__):
        # What is called the same way will do.
        return callable(value) and not isinstance(value, type)
    if hasattr(hint, "_fields"):
        parts = _hints(hint)
        return isinstance(value, hint) and all(
            _fits(getattr(value, name), parts[name], objects) for name in parts
        )
    try:
        return isinstance(value, hint)
    except TypeError:  # an interface that cannot be asked at run time
        return True


def _kind(hint: Any) -> Kind | None:
    if get_origin(hint) is Annotated:
        return next((one for one in hint.__metadata__ if isinstance(one, Kind)), None)
    # Arrays of jaxtyping, whose shapes tests check.
    return PLAIN.get(np.ndarray if hasattr(hint, "array_type") else hint)


def _words(hint: Any) -> str:
    if kind := _kind(hint):
        return kind.words
    if get_origin(hint) in (Union, UnionType):
        return " or ".join(map(_words, get_args(hint)))
    if get_origin(hint) is tuple:
        return f"a tuple, each of it {_words(get_args(hint)[0])}"
    if get_origin(hint) is Callable:
        return "a function"
    return f"a {hint.__module__}.{hint.__qualname__}"


def _shown(value: Any) -> str:
    if hasattr(value, "dtype"):
        return f"an array of {value.dtype}" if np.ndim(value) else f"{value} of {value.dtype}"
    text = repr(value)
    return text if len(text) < 80 else f"{text[:80]}..."
