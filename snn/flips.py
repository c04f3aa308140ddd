r"""Random choice of the spike sites that stochastic AD flips.

If site i is drawn :math:`n q_i` times on average, the sum of :math:`term_i / (n q_i)` over the
draws is an unbiased estimate of the sum of all terms. Draws may depend on each other: the three
ways of drawing differ only in variance.

=============== ================================================= ==========================
draw            points where the cumulated q is inverted          variance
=============== ================================================= ==========================
`Independent`   n independent uniform numbers                     that of one draw, over n
`Stratified`    one uniform number in each of n equal intervals   never larger than that
`Systematic`    one uniform number, and its shifts by 1/n         often smaller still
=============== ================================================= ==========================

Sites are in order of layer, time step and neuron. Neighbours in the cumulated q are therefore
neighbours in time, and the last two draws spread their sites over layers and time steps. They
certainly draw each site with :math:`q_i \geq 2/n` (`Stratified`) or :math:`1/n` (`Systematic`).

Reference: Cochran, "Sampling Techniques", 3rd edition, 1977, chapters 5 and 8.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float, Int

from snn.arguments import Key
from snn.draws import draw_numbers
from snn.noise import FIRE, SILENT, Override
from snn.types import Noise, Trace
from snn.value_object import value_object


@runtime_checkable
class Draw(Protocol):
    """Interface of a way to draw sites."""

    def __call__(self, key: Key, q: Array, n: int) -> Array:
        """Draw n sites, so that site i is expected n q[i] times.

        Args:
            key: a JAX random key.
            q: probabilities of the sites, ``(site,)``, with sum 1.
            n: number of draws.

        Returns:
            Indices into ``q``, ``(n,)``.
        """
        ...


@value_object
class Independent:
    """Independent draws with replacement. They take n random numbers per site."""

    def __call__(self, key: Key, q: Float[Array, " site"], n: int) -> Int[Array, " flip"]:
        # The method of `jax.random.categorical`, which takes longer to compile.
        gumbel = draw_numbers(jax.random.gumbel, key, (n, q.size), q.dtype)
        # The other draws return int32, too.
        return jnp.argmax(gumbel + jnp.log(q)[None], axis=1).astype(jnp.int32)


@value_object
class Stratified:
    """Draws of one site from each of n equal parts of the cumulated probability."""

    def __call__(self, key: Key, q: Float[Array, " site"], n: int) -> Int[Array, " flip"]:
        return _inverse(q, (jnp.arange(n) + jax.random.uniform(key, (n,), q.dtype)) / n)


@value_object
class Systematic:
    """Equidistant points in the cumulated probability, shifted together at random."""

    def __call__(self, key: Key, q: Float[Array, " site"], n: int) -> Int[Array, " flip"]:
        return _inverse(q, (jnp.arange(n) + jax.random.uniform(key, (), q.dtype)) / n)


def _inverse(q: Array, points: Array) -> Array:
    """Return the site of each point of [0, 1), if site i has the width q_i."""
    ends = jnp.cumsum(q)
    # Rounding may leave the last end a little below the last point.
    site = jnp.searchsorted(ends / ends[-1], points, side="right")
    return jnp.minimum(site, q.size - 1)


def importance_probabilities(weight: Float[Array, "..."]) -> Float[Array, " site"]:
    """Return probabilities of sites, nine tenths of them in proportion to the absolute weights.

    The remaining tenth is uniform. It keeps every probability positive, so that estimates are
    unbiased and 1/q is bounded.

    Args:
        weight: weights of the sites, any shape.

    Returns:
        Probabilities, ``(site,)``, with sum 1.
    """
    size = jnp.abs(jnp.ravel(weight))
    total = jnp.sum(size)
    share = jnp.where(total > 0, size / jnp.where(total > 0, total, 1.0), 1 / size.size)
    return 0.9 * share + 0.1 / size.size


def flatten_sites(layers: Sequence[Float[Array, "..."]]) -> Float[Array, " site"]:
    """Concatenate one array per layer to one row with a number per site."""
    return jnp.concatenate([jnp.ravel(layer) for layer in layers])


def unflatten_sites(sites: Float[Array, " site"], trace: Trace) -> list[Array]:
    """Cut a row with a number per site into one array per layer, the inverse of `flatten_sites`."""
    sizes = [layer.v.size for layer in trace]
    rows = jnp.split(sites, np.cumsum(sizes)[:-1])
    return [row.reshape(layer.v.shape) for row, layer in zip(rows, trace, strict=True)]


def locate(
    sizes: Sequence[int], site: Int[Array, "..."]
) -> tuple[Int[Array, "..."], Int[Array, "..."]]:
    """Return the layer of a site, and its position among the sites of the layer.

    Args:
        sizes: number of sites of each layer.
        site: indices of sites, counted through all layers.

    Returns:
        Two arrays in the shape of ``site``: the layers, and the positions.
    """
    ends = np.cumsum(sizes)
    layer = jnp.searchsorted(jnp.asarray(ends), site, side="right")
    return layer, site - jnp.asarray(ends - np.asarray(sizes))[layer]


def flipped(noise: Noise, layer: Array, index: Array, s: Array) -> Override:
    """Return the noise of a trial with one spike flipped.

    Args:
        noise: the noise of the trial.
        layer: the site's layer.
        index: the site's position in the layer, as `locate` gives it.
        s: the site's spike in the trial.
    """
    return Override(noise, layer, index, jnp.where(s > 0.5, SILENT, FIRE))
