"""Program at its parameters: sites, memory, and names of the arrays."""

from typing import NamedTuple

import jax
import numpy as np

from snn.noise import n_sites
from snn.program import Program, site_shapes
from snn.types import Params
from snn_tools.shared.batches import Group, grouped

MEMORY = 2**28
"""Estimated bytes for all trials that run at once."""


class Problem(NamedTuple):
    """A program at its parameters."""

    program: Program
    params: Params

    def sites(self) -> int:
        """Count the spike sites."""
        return n_sites(site_shapes(*self))

    def at_once(self, runs: int = 1) -> int:
        """Return how many trials of ``runs`` forward passes each fit into `MEMORY`, at least 2.

        A trial keeps about eight numbers per spike site and forward pass for the reverse pass, and
        three gradients.
        """
        parameters = sum(np.size(leaf) for leaf in jax.tree.leaves(self.params))
        item = np.dtype(jax.numpy.result_type(float)).itemsize
        return max(2, MEMORY // (item * (8 * self.sites() * runs + 3 * parameters)))


def leaves_of(params: Params) -> list[Group]:
    """List each array of parameters, in the order of the flat gradient."""
    groups, start = [], 0
    for path, leaf in jax.tree_util.tree_leaves_with_path(params):
        name = jax.tree_util.keystr(path, simple=True, separator="/") or "params"
        groups.append(Group(name, np.arange(start, start + np.size(leaf))))
        start += np.size(leaf)
    return groups


def groups_of(params: Params) -> list[Group]:
    """List the groups: all parameters, each top entry, and each array of an entry with several."""
    leaves = leaves_of(params)
    return grouped(leaves, [leaf.name.split("/")[0] for leaf in leaves])
