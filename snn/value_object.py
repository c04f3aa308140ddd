"""Frozen dataclasses that are pytrees, the form of all objects of this package.

With `jax.tree_util.register_dataclass`, and with `flax.struct.dataclass` which uses it, the tree
structures of two classes with equal fields compare equal (in jax 0.10.2 and 0.12.0). The cache of
`jax.jit` can then run the compiled code of another estimator. Structures registered here compare
the classes, too.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any, TypeVar, dataclass_transform

import jax
from jax.tree_util import Partial

T = TypeVar("T")


def static(**kwargs: Any) -> Any:
    """Declare a hashable field that is not a leaf: a new value recompiles."""
    return dataclasses.field(metadata={"static": True}, **kwargs)


@dataclass_transform(frozen_default=True, field_specifiers=(dataclasses.field, static))
def value_object(cls: type[T]) -> type[T]:
    """Make a class a frozen dataclass and a pytree.

    All fields except `static` ones are leaves. ``__post_init__`` runs when a caller makes an
    object. It does not run when JAX rebuilds the object from leaves, which may be placeholders.
    """
    decorated: Any = dataclasses.dataclass(frozen=True)(cls)
    fields = dataclasses.fields(decorated)
    leaves = [f.name for f in fields if not f.metadata.get("static")]
    statics = [f.name for f in fields if f.metadata.get("static")]

    def flatten(obj: T) -> tuple[tuple, tuple]:
        return tuple(getattr(obj, name) for name in leaves), tuple(
            getattr(obj, name) for name in statics
        )

    def flatten_with_keys(obj: T) -> tuple[tuple, tuple]:
        children, structure = flatten(obj)
        return tuple(zip(map(jax.tree_util.GetAttrKey, leaves), children, strict=True)), structure

    def unflatten(structure: tuple, children: Iterable[Any]) -> T:
        # Without __init__, whose checks would fail on JAX's placeholders.
        obj = object.__new__(cls)
        for name, value in zip((*leaves, *statics), (*children, *structure), strict=True):
            object.__setattr__(obj, name, value)
        return obj

    jax.tree_util.register_pytree_with_keys(cls, flatten_with_keys, unflatten, flatten)
    return decorated


def as_pytree(what: str, function: Any) -> Any:
    """Wrap a plain function as a pytree, and return other callables unchanged.

    Args:
        what: name of the argument, for the error message.
        function: the function or callable object.

    Raises:
        TypeError: if it is a class, or cannot be called.
    """
    if isinstance(function, type) or not callable(function):
        raise TypeError(
            f"{what}: got {function!r}, expected a function or an object that is called like one"
            + (f": {function.__name__}(...) makes it." if isinstance(function, type) else ".")
        )
    return Partial(function) if jax.tree_util.all_leaves([function]) else function
