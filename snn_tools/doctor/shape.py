"""The surrogate derivative by itself, as a function of the potential, beside the noise's slope."""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
import numpy as np

from snn.escape import EscapeNoise
from snn.surrogate import SurrogateDerivative

FAR = 1e4
"""Potentials up to which a derivative must be finite, in float32."""

HALF_GRID = np.concatenate([[0.0], np.geomspace(1e-5, FAR, 1200)])
GRID = np.concatenate([-HALF_GRID[:0:-1], HALF_GRID])


@dataclasses.dataclass(frozen=True)
class Shape:
    """A function of the potential, of one layer.

    Attributes:
        peak: its largest value.
        width: full width at half maximum.
        middle: the two potentials between which the middle half of its integral lies. Their
            distance compares shapes of light and heavy tails; full widths do not.
        integral: over all potentials from minus to plus `FAR`.
        finite: whether it is finite everywhere there, in float32.
        first_bad: the smallest potential in size at which it is not; NaN if there is none.
        negative: whether it is negative anywhere.
        falls_off: whether it comes down to half its peak on both sides.
        like_p: correlation with the firing probability on the potentials within ten widths.
    """

    peak: float
    width: float
    middle: tuple[float, float]
    integral: float
    finite: bool
    first_bad: float
    negative: bool
    falls_off: bool
    like_p: float


def shape_of(derivative: SurrogateDerivative, escape: EscapeNoise) -> Shape:
    """Evaluates a derivative on a grid, for spikes where the potential is above threshold."""
    v = jnp.asarray(GRID, jnp.float32)
    values = np.asarray(derivative(v, (v > 0).astype(v.dtype), escape), float)
    p = np.asarray(escape.prob(v), float)
    finite = np.isfinite(values)
    first_bad = np.abs(GRID[~finite]).min() if not finite.all() else np.nan
    values = np.where(finite, values, 0.0)
    peak = float(values.max())
    above = GRID[values >= 0.5 * peak] if peak > 0 else np.zeros(1)
    falls = peak > 0 and -FAR < above[0] and above[-1] < FAR
    near = np.abs(GRID) < 10 * _rise(p)
    like_p = np.corrcoef(values[near], p[near])[0, 1] if np.ptp(values[near]) > 0 else 0.0
    return Shape(
        peak,
        float(above[-1] - above[0]),
        _middle(np.maximum(values, 0.0)),
        float(np.trapezoid(values, GRID)),
        bool(finite.all()),
        float(first_bad),
        bool(values.min() < 0),
        bool(falls),
        float(like_p),
    )


def _middle(values: np.ndarray) -> tuple[float, float]:
    """Quartiles of a function that is taken for a density; 0 and 0 where it is 0."""
    area = np.concatenate([[0.0], np.cumsum((values[1:] + values[:-1]) / 2 * np.diff(GRID))])
    if not area[-1] > 0:
        return 0.0, 0.0
    low, high = np.interp([0.25, 0.75], area / area[-1], GRID)
    return float(low), float(high)


def _rise(p: np.ndarray) -> float:
    """Potentials over which a firing probability goes from a quarter to three quarters."""
    low, high = np.searchsorted(p, (0.25, 0.75))
    return float(max(GRID[min(high, len(GRID) - 1)] - GRID[low], 1e-4))
