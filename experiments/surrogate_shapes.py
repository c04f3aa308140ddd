"""Surrogate derivatives that are compared at one width: shapes the core lacks, and the widths."""

import math
from typing import Any

import jax.numpy as jnp
from jax import Array

import snn
from snn.value_object import value_object

# Full widths at half maximum, times the slope parameter.
SIGMOID_WIDTH = 4 * math.log(1 + math.sqrt(2))
SUPERSPIKE_WIDTH = 2 * (math.sqrt(2) - 1)
# Full width at half maximum of a normal density, over its standard deviation.
NORMAL_WIDTH = 2 * math.sqrt(2 * math.log(2))


@value_object
class Gaussian:
    """Surrogate derivative with the shape of a normal density, integral 1.

    Attributes:
        sigma: standard deviation, potential.
    """

    sigma: Any

    def __call__(self, v: Array, s: Array, escape: snn.escape.EscapeNoise | None) -> Array:
        return snn.escape.Gaussian(self.sigma).slope(v)


@value_object
class Box:
    """Surrogate derivative that is constant near threshold and 0 elsewhere, integral 1.

    Attributes:
        width: where it is not 0, potential.
    """

    width: Any

    def __call__(self, v: Array, s: Array, escape: snn.escape.EscapeNoise | None) -> Array:
        return jnp.where(jnp.abs(v) < self.width / 2, 1 / self.width, 0.0)
