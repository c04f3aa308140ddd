"""The surrogate derivative by itself, as a function of the potential, beside the noise's slope."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from snn.escape import EscapeNoise
from snn.surrogate import SurrogateDerivative
from snn.value_object import as_pytree
from snn_tools.conformance.measured import FAR, Measured, measure

HALF_GRID = np.concatenate([[0.0], np.geomspace(1e-5, FAR, 1200)])
GRID = np.concatenate([-HALF_GRID[:0:-1], HALF_GRID])


@dataclasses.dataclass(frozen=True)
class Shape:
    """A function of the potential, of one layer, in float32.

    Attributes:
        measured: peak, width, integral and the like.
        middle: the two potentials between which the middle half of its integral lies. Their
            distance compares shapes of light and heavy tails; full widths do not.
        first_bad: the smallest potential in size, up to `FAR`, at which it is not finite; NaN if
            there is none.
    """

    measured: Measured
    middle: tuple[float, float]
    first_bad: float

    @property
    def half(self) -> float:
        """Width of the middle half."""
        return self.middle[1] - self.middle[0]

    @property
    def finite(self) -> bool:
        """True if it is finite everywhere up to `FAR`."""
        return bool(np.isnan(self.first_bad))

    @property
    def negative(self) -> bool:
        """True if it is negative anywhere."""
        return self.measured.lowest < 0

    @property
    def centre(self) -> float:
        """Middle of its middle half."""
        return sum(self.middle) / 2

    def about(self, noise: Shape) -> bool:
        """Return whether threshold or centre of the noise lie in its middle half."""
        return any(self.middle[0] <= at <= self.middle[1] for at in (0.0, noise.centre))

    @property
    def falls_off(self) -> bool:
        """Return whether it comes down to half its peak on both sides."""
        return 0 < self.measured.width < np.inf


@jax.jit
def _values(derivative: SurrogateDerivative, v: Array, escape: EscapeNoise) -> Array:
    return derivative(v, (v > 0).astype(v.dtype), escape)


def shape_of(derivative: SurrogateDerivative, escape: EscapeNoise) -> Shape:
    """Measure a derivative, for spikes where the potential is above threshold."""
    derivative = as_pytree("derivative", derivative)

    def values(v: np.ndarray) -> np.ndarray:
        return np.asarray(_values(derivative, jnp.asarray(v, jnp.float32), escape), float)

    on_grid = values(GRID)
    finite = np.isfinite(on_grid)
    first_bad = float(np.abs(GRID[~finite]).min()) if not finite.all() else float("nan")
    on_grid = np.where(finite, on_grid, 0.0)
    return Shape(measure(values), _middle(np.maximum(on_grid, 0.0)), first_bad)


def distance(a: SurrogateDerivative, b: SurrogateDerivative, escape: EscapeNoise) -> float:
    """Return the largest difference over the larger peak; infinite where not finite."""
    x = jnp.asarray(GRID, jnp.float32)
    f, g = (np.asarray(_values(derivative, x, escape), float) for derivative in (a, b))
    if not (np.isfinite(f).all() and np.isfinite(g).all()):
        return 0.0 if np.array_equal(f, g, equal_nan=True) else np.inf
    return float(np.abs(f - g).max() / max(np.abs(f).max(), np.abs(g).max(), 1e-30))


def _middle(values: np.ndarray) -> tuple[float, float]:
    """Find the quartiles of a function as of a density; 0 and 0 where it is 0."""
    area = np.concatenate([[0.0], np.cumsum((values[1:] + values[:-1]) / 2 * np.diff(GRID))])
    if not area[-1] > 0:
        return 0.0, 0.0
    low, high = np.interp([0.25, 0.75], area / area[-1], GRID)
    return float(low), float(high)
