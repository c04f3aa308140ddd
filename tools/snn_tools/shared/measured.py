"""Peak, width and integral of a derivative, from its values alone."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

FAR = 1e4
SIZE = 1024  # of every evaluation: one compilation in JAX

_SCALES = np.logspace(-7, 4, SIZE // 2)
GRID = np.concatenate([-_SCALES[::-1], _SCALES])
"""Potentials from -1e4 to 1e4, dense about 0, without 0 itself."""


@dataclass(frozen=True)
class Measured:
    """The shape of a derivative.

    Attributes:
        peak: The value of largest magnitude, with its sign.
        peak_at: Where: the place nearest to threshold, if it is taken at several.
        width: Full width at half maximum about the peak; infinite if one side never falls to half.
        integral: Over all potentials; infinite for tails that fall no faster than 1/v.
        lowest: The smallest value.
    """

    peak: float
    peak_at: float
    width: float
    integral: float
    lowest: float


def measure(derivative: Callable[[np.ndarray], np.ndarray]) -> Measured:
    """Measure a derivative; values that are not finite count as 0.

    Args:
        derivative: Of float64 arrays of `SIZE` numbers.
    """

    def g(v: np.ndarray) -> np.ndarray:
        return np.nan_to_num(np.asarray(derivative(v), np.float64), posinf=0.0, neginf=0.0)

    values = g(GRID)
    at_zero = float(g(np.zeros(SIZE))[0])
    peak_at, peak = _peak(g, values, at_zero)
    sides = [_half(g, peak_at, peak, side) for side in (-1, 1)]
    tails = [_tail(g, side) for side in (-1, 1)]
    return Measured(
        peak,
        peak_at,
        sum(sides) if peak else 0.0,
        _integral(g, [peak_at - sides[0], 0.0, peak_at, peak_at + sides[1]], tails),
        float(min(values.min(), at_zero)),
    )


Function = Callable[[np.ndarray], np.ndarray]


def _peak(g: Function, values: np.ndarray, at_zero: float) -> tuple[float, float]:
    """Return place and value of the extremum; among equal values, the place nearest to 0."""
    places, heights = np.append(GRID, 0.0), np.append(values, at_zero)
    largest = np.abs(heights).max()
    equal = np.flatnonzero(np.abs(heights) >= largest * (1 - 1e-6))
    best = min(equal, key=lambda i: abs(places[i]))
    place, peak = places[best], heights[best]
    if abs(place) <= 1e-6:
        return 0.0, float(peak)
    for spread in (0.05, 1e-3, 1e-5):  # a peak aside of threshold
        near = np.clip(place * (1 + spread * np.linspace(-1, 1, SIZE)), -FAR, FAR)
        heights = g(near)
        if np.abs(heights).max() > abs(peak) * (1 + 1e-9):
            place, peak = near[np.abs(heights).argmax()], heights[np.abs(heights).argmax()]
    return float(place), float(peak)


def _half(g: Function, place: float, peak: float, side: int) -> float:
    """Return the distance from the peak to half of the peak, on one side."""
    distances = np.logspace(-7, np.log10(FAR), SIZE)
    for _ in range(4):
        below = g(place + side * distances) / peak < 0.5 if peak else np.zeros(SIZE, bool)
        if not below.any():
            return float("inf")
        first = int(below.argmax())
        distances = np.linspace(distances[max(first - 1, 0)], distances[first], SIZE)
    return float(distances.mean())


def _tail(g: Function, side: int) -> float:
    """Return the exponent n of a tail ~ 1/v^n, from the last decade."""
    near, far = np.abs(g(side * FAR * np.resize([0.1, 1.0], SIZE)))[:2]
    return float(np.log10(near / far)) if far > 0 and near > 0 else float("inf")


def _integral(g: Function, breaks: list[float], tails: list[float]) -> float:
    """Integrate by the midpoint rule, with small steps near kinks, and add the tails."""
    if min(tails) < 1.05:
        return float("inf")
    ends = np.unique([-FAR, *(b for b in breaks if abs(b) < FAR), FAR])
    halves = np.diff(ends) / 2
    t = (np.arange(4 * SIZE) + 0.5) / (4 * SIZE)
    total = 0.0
    for kink, way in zip([*ends[:-1], *ends[1:]], [*halves, *-halves], strict=True):
        steepness = np.log(max(abs(way), 1e-9) * 1e7 + 1)
        places = kink + way * np.expm1(steepness * t) / np.expm1(steepness)
        values = np.concatenate([g(part) for part in np.split(places, 4)])
        steps = steepness * np.exp(steepness * t) / np.expm1(steepness) / (4 * SIZE)
        total += abs(way) * float(values @ steps)
    for side, tail in zip((-1, 1), tails, strict=True):
        if np.isfinite(tail):
            total += FAR * float(g(np.full(SIZE, side * FAR))[0]) / (tail - 1)
    return total
