"""Which outputs of a traced function are the same expression of its inputs."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
from jax.extend.core import Literal


def same_expressions(traced: Any, n: int) -> list[int]:
    """One number for each of the first outputs, equal where they are computed alike.

    Value numbering: inputs and constants are numbered, and equal operations on equal numbers with
    equal parameters get one number. Operations that hold functions are taken to be all different.

    Args:
        traced: what `jax.make_jaxpr` returns.
        n: number of outputs that are looked at.
    """
    jaxpr, table = traced.jaxpr, {}

    def number(key: Any) -> int:
        return table.setdefault(key, len(table))

    of = {var: number(("input", k)) for k, var in enumerate(jaxpr.invars)}
    of |= {
        var: number(("constant", id(const)))
        for var, const in zip(jaxpr.constvars, traced.consts, strict=True)
    }

    def value(atom: Any) -> int:
        if not isinstance(atom, Literal):
            return of[atom]
        return number(("literal", atom.aval, np.asarray(atom.val).tobytes()))

    for eqn in jaxpr.eqns:
        key = (eqn.primitive, tuple(sorted(eqn.params.items())), *map(value, eqn.invars))
        try:
            hash(key)
        except TypeError:
            key = (id(eqn),)
        for k, var in enumerate(eqn.outvars):
            of[var] = number((key, k))
    return [value(atom) for atom in jaxpr.outvars[:n]]


def constant_outputs(traced: Any, n: int) -> list[Any]:
    """Those of the first outputs that are no expression of the inputs, but found elsewhere."""
    consts = dict(zip(traced.jaxpr.constvars, traced.consts, strict=True))
    outputs = traced.jaxpr.outvars[:n]
    return [consts[var] for var in outputs if not isinstance(var, Literal) and var in consts]


def names(traced: Any) -> set[str]:
    """Names that `jax.ad_checkpoint.checkpoint_name` has given to values, at any depth."""
    found, jaxprs = set(), [traced.jaxpr]
    while jaxprs:
        for eqn in jaxprs.pop().eqns:
            if eqn.primitive.name == "name":
                found.add(eqn.params["name"])
            for leaf in jax.tree.leaves(eqn.params, is_leaf=lambda x: hasattr(x, "eqns")):
                inner = getattr(leaf, "jaxpr", leaf)
                if hasattr(inner, "eqns"):
                    jaxprs.append(inner)
    return found
