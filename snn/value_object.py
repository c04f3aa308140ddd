"""Frozen dataclasses that are pytrees: the form of every object of this package.

Not `jax.tree_util.register_dataclass`, nor `flax.struct.dataclass` which is built on it: tree
structures of two such classes with equal fields compare equal (seen with jax 0.10.2 and 0.12.0),
so that the cache of `jax.jit` can answer for one estimator with the compiled code of another.
Structures of nodes registered here compare their types.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any, TypeVar, dataclass_transform

import jax
from jax.tree_util import Partial

from snn.arguments import check_fields

T = TypeVar("T")


def static(**kwargs: Any) -> Any:
    """Declare a field of the structure, not a leaf: hashable, and a new value recompiles."""
    return dataclasses.field(metadata={"static": True}, **kwargs)


@dataclass_transform(frozen_default=True, field_specifiers=(dataclasses.field, static))
def value_object(cls: type[T]) -> type[T]:
    """Make a class a frozen dataclass and a pytree whose leaves are its fields, `static` aside.

    What a caller passes is seen by ``__post_init__``, and its numbers are held against their
    annotations (`snn.arguments`); what JAX puts in place of leaves is neither.
    """
    made: Any = cls
    own = getattr(cls, "__post_init__", None)

    def __post_init__(self: T) -> None:
        # A class says better than an annotation what it needs: it comes first.
        if own is not None:
            own(self)
        check_fields(self)

    made.__post_init__ = __post_init__
    made = dataclasses.dataclass(frozen=True)(cls)
    fields = dataclasses.fields(made)
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
        obj = object.__new__(cls)
        for name, value in zip((*leaves, *statics), (*children, *structure), strict=True):
            object.__setattr__(obj, name, value)
        return obj

    jax.tree_util.register_pytree_with_keys(cls, flatten_with_keys, unflatten, flatten)
    return made


def as_pytree(what: str, function: Any) -> Any:
    """Return a callable that is no pytree, wrapped as one; anything else as it is.

    Raises:
        TypeError: for a class, and for what cannot be called.
    """
    if isinstance(function, type) or not callable(function):
        raise TypeError(
            f"{what}: got {function!r}, expected a function or an object that is called like one"
            + (f": {function.__name__}(...) makes it." if isinstance(function, type) else ".")
        )
    return Partial(function) if jax.tree_util.all_leaves([function]) else function
