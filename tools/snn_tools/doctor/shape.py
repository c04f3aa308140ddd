"""The surrogate derivative by itself, as a function of the potential, beside the noise's slope."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from snn.escape import EscapeNoise
from snn.surrogate import SurrogateDerivative
from snn.value_object import as_pytree
from snn_tools.doctor.observed import GRID, Shape


@jax.jit
def _values(derivative: SurrogateDerivative, v: Array, escape: EscapeNoise) -> Array:
    return derivative(v, (v > 0).astype(v.dtype), escape)


def shape_of(derivative: SurrogateDerivative, escape: EscapeNoise) -> Shape:
    """Measure a derivative, for spikes where the potential is above threshold, in float32."""
    derivative = as_pytree("derivative", derivative)
    return Shape.of(
        lambda v: np.asarray(_values(derivative, jnp.asarray(v, jnp.float32), escape), float)
    )


def distance(a: SurrogateDerivative, b: SurrogateDerivative, escape: EscapeNoise) -> float:
    """Return the largest difference over the larger peak; infinite where not finite."""
    x = jnp.asarray(GRID, jnp.float32)
    f, g = (np.asarray(_values(derivative, x, escape), float) for derivative in (a, b))
    if not (np.isfinite(f).all() and np.isfinite(g).all()):
        return 0.0 if np.array_equal(f, g, equal_nan=True) else np.inf
    return float(np.abs(f - g).max() / max(np.abs(f).max(), np.abs(g).max(), 1e-30))
