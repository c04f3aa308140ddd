"""Spike sites of all layers, numbered through: as one vector, found again, and flipped.

Sites are in order of layer, time step and neuron.
"""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float, Int

from snn.noise import FIRE, SILENT, Override
from snn.types import Noise


def flatten_sites(layers: Sequence[Float[Array, "..."]]) -> Float[Array, " site"]:
    """One number per site, from one array per layer."""
    return jnp.concatenate([jnp.ravel(layer) for layer in layers])


def locate(
    sizes: Sequence[int], site: Int[Array, "..."]
) -> tuple[Int[Array, "..."], Int[Array, "..."]]:
    """The layer of a site, and its position among the sites of the layer.

    Args:
        sizes: number of sites of each layer.
        site: sites, numbered through all layers.
    """
    ends = np.cumsum(sizes)
    layer = jnp.searchsorted(jnp.asarray(ends), site, side="right")
    return layer, site - jnp.asarray(ends - np.asarray(sizes))[layer]


def flipped(noise: Noise, layer: Array, index: Array, s: Array) -> Override:
    """The noise of a trial, but for one site, which is forced to the other outcome.

    Args:
        noise: the noise of the trial.
        layer: the site's layer.
        index: the site's position in the layer, as `locate` gives it.
        s: the site's spike in the trial.
    """
    return Override(noise, layer, index, jnp.where(s > 0.5, SILENT, FIRE))
