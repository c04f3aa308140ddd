"""Parameters by name: their places in the flat gradient, array by array and in groups of arrays."""

from __future__ import annotations

import jax
import numpy as np

from snn.types import Params
from snn_tools.comparison.batches import Group, grouped


def leaves_of(params: Params) -> list[Group]:
    """List each array of parameters, in the order of the flat gradient."""
    found, start = [], 0
    for path, leaf in jax.tree_util.tree_leaves_with_path(params):
        found.append(Group(_path(path), np.arange(start, start + np.size(leaf)), (len(found),)))
        start += np.size(leaf)
    return found


def groups_of(params: Params) -> list[Group]:
    """List all parameters, those of each top entry, and every array of an entry of several."""
    leaves = leaves_of(params)
    return grouped(leaves, [leaf.name.split("/")[0] for leaf in leaves])


def _path(path: tuple) -> str:
    keys = [getattr(k, "key", getattr(k, "idx", getattr(k, "name", k))) for k in path]
    return "/".join(map(str, keys)) or "params"
