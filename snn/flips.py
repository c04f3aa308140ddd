r"""Spike sites that stochastic AD flips: draws of n of them, and the noise with one flipped.

Site i must be drawn :math:`n q_i` times on average, however the draws depend on each other; then
the sum over draws of :math:`term_i / (n q_i)` has the sum of all terms as its mean. The three
draws here differ in variance alone:

=============== ================================================= ========================
draw            points at which the cumulated q is inverted       variance
=============== ================================================= ========================
`Independent`   n independent uniform numbers                     that of any draw, over n
`Stratified`    one uniform number in each of n equal intervals   never larger than that
`Systematic`    one uniform number, and its shifts by 1/n         often smaller still
=============== ================================================= ========================

Sites are in order of layer, time step and neuron, so that neighbours in the cumulated q are
neighbours in time: dependent draws spread over layers and time steps. With the last two a site of
:math:`q_i \geq 2/n`, or :math:`1/n`, is drawn for certain.

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
from snn.deprecated import former_names
from snn.draws import draw_numbers
from snn.noise import FIRE, SILENT, Override
from snn.types import Noise
from snn.value_object import value_object


@runtime_checkable
class Draw(Protocol):
    """Interface of a draw."""

    def __call__(self, key: Key, q: Array, n: int) -> Array:
        """Draw sites: n indices into ``q``, of which i is expected n q[i] times."""
        ...


@value_object
class Independent:
    """Every site drawn for itself, with replacement. Takes n random numbers per site."""

    def __call__(self, key: Key, q: Float[Array, " site"], n: int) -> Int[Array, " flip"]:
        # As `jax.random.categorical` does, which takes longer to compile.
        gumbel = draw_numbers(jax.random.gumbel, key, (n, q.size), q.dtype)
        # Of the type that the other draws return.
        return jnp.argmax(gumbel + jnp.log(q)[None], axis=1).astype(jnp.int32)


@value_object
class Stratified:
    """One site from each n-th of the cumulated probability."""

    def __call__(self, key: Key, q: Float[Array, " site"], n: int) -> Int[Array, " flip"]:
        return _inverse(q, (jnp.arange(n) + jax.random.uniform(key, (n,), q.dtype)) / n)


@value_object
class Systematic:
    """Equidistant points in the cumulated probability, shifted together at random."""

    def __call__(self, key: Key, q: Float[Array, " site"], n: int) -> Int[Array, " flip"]:
        return _inverse(q, (jnp.arange(n) + jax.random.uniform(key, (), q.dtype)) / n)


def _inverse(q: Array, points: Array) -> Array:
    """Return the site in which each point of [0, 1) falls when sites have widths q."""
    ends = jnp.cumsum(q)
    # Rounding may leave the last end a little below the last point.
    site = jnp.searchsorted(ends / ends[-1], points, side="right")
    return jnp.minimum(site, q.size - 1)


def importance_probabilities(weight: Float[Array, "..."]) -> Float[Array, " site"]:
    """Probabilities of sites, nine tenths in proportion to the size of their weights.

    A tenth of uniform draws keeps every probability positive, hence estimates unbiased and 1/q
    bounded.
    """
    size = jnp.abs(jnp.ravel(weight))
    total = jnp.sum(size)
    share = jnp.where(total > 0, size / jnp.where(total > 0, total, 1.0), 1 / size.size)
    return 0.9 * share + 0.1 / size.size


def flatten_sites(layers: Sequence[Float[Array, "..."]]) -> Float[Array, " site"]:
    """One number per site, from one array per layer."""
    return jnp.concatenate([jnp.ravel(layer) for layer in layers])


def locate(
    sizes: Sequence[int], site: Int[Array, "..."]
) -> tuple[Int[Array, "..."], Int[Array, "..."]]:
    """Return the layer of a site, and its position among the sites of the layer.

    Args:
        sizes: number of sites of each layer.
        site: sites, numbered through all layers.
    """
    ends = np.cumsum(sizes)
    layer = jnp.searchsorted(jnp.asarray(ends), site, side="right")
    return layer, site - jnp.asarray(ends - np.asarray(sizes))[layer]


def flipped(noise: Noise, layer: Array, index: Array, s: Array) -> Override:
    """Return the noise of a trial, but for one site, which is forced to the other outcome.

    Args:
        noise: the noise of the trial.
        layer: the site's layer.
        index: the site's position in the layer, as `locate` gives it.
        s: the site's spike in the trial.
    """
    return Override(noise, layer, index, jnp.where(s > 0.5, SILENT, FIRE))


__getattr__ = former_names(__name__, {"by_importance": "importance_probabilities"})
