"""Peak, width and integral of a derivative, from its values alone."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

FAR = 1e4
"""Largest size of a potential at which a derivative is measured."""

HALF_GRID = np.concatenate([[0.0], np.geomspace(1e-6, FAR, 2000)])
GRID = np.concatenate([-HALF_GRID[:0:-1], HALF_GRID])
"""Potentials from -1e4 to 1e4, dense about 0. Functions are evaluated at so many at once."""

ASIDE = 0.25
"""Largest distance of a centre from the spike, in widths of the middle half."""


@dataclass(frozen=True)
class Shape:
    """A function of the potential minus threshold; values that are not finite count as 0.

    Attributes:
        peak: value of largest magnitude, with its sign.
        peak_at: potential of the peak, the nearest to threshold of several.
        width: full width at half maximum; infinite if one side never falls to half.
        integral: over all potentials; infinite for tails that fall no faster than 1/v.
        lowest: smallest value.
        middle: potentials that enclose the middle half of the integral; 0 and 0 for a function
            that is 0. Unlike full widths, their distance compares light and heavy tails.
        first_bad: smallest size of a potential, up to `FAR`, with a value that is not finite; NaN
            if all values are finite.
    """

    peak: float
    peak_at: float
    width: float
    integral: float
    lowest: float
    middle: tuple[float, float]
    first_bad: float

    @classmethod
    def of_function(cls, function: Callable[[np.ndarray], np.ndarray]) -> "Shape":
        """Measure a function of float64 arrays in the size of `GRID`."""
        v, values = GRID, np.asarray(function(GRID), float)
        bad = ~np.isfinite(values)
        first_bad = float(np.abs(v[bad]).min()) if bad.any() else float("nan")
        values = np.where(bad, 0.0, values)

        def refine(start: float, end: float) -> None:
            nonlocal v, values
            more = np.linspace(start, end, len(GRID))
            new = np.nan_to_num(np.asarray(function(more), float), posinf=0.0, neginf=0.0)
            v, order = np.unique(np.append(v, more), return_index=True)
            values = np.append(values, new)[order]

        def half(side: int) -> int | None:
            """Return the first potential beyond the peak with less than half of the peak."""
            k = int(np.searchsorted(v, peak_at))
            less = np.flatnonzero(values[k::side] / (peak or 1.0) < 0.5)
            return k + side * int(less[0]) if len(less) else None

        k = _peak(v, values)
        refine(v[max(k - 1, 0)], v[min(k + 1, len(v) - 1)])
        k = _peak(v, values)
        peak_at, peak = float(v[k]), float(values[k])
        for side in (-1, 1):
            if (j := half(side)) is not None:
                refine(v[j - side], v[j])
        ends = [v[j] if (j := half(side)) is not None else np.inf for side in (-1, 1)]
        positive = np.maximum(values, 0.0)
        area = np.append(0.0, np.cumsum((positive[1:] + positive[:-1]) / 2 * np.diff(v)))
        middle = np.interp([0.25, 0.75], area / area[-1], v) if area[-1] > 0 else np.zeros(2)
        return cls(
            peak=peak,
            peak_at=peak_at,
            width=float(np.abs(np.array(ends) - peak_at).sum()),
            integral=_integral(v, values),
            lowest=float(values.min()),
            middle=(float(middle[0]), float(middle[1])),
            first_bad=first_bad,
        )

    @property
    def half(self) -> float:
        """Return the width of the middle half."""
        return self.middle[1] - self.middle[0]

    @property
    def finite(self) -> bool:
        """Return whether all values up to `FAR` are finite."""
        return bool(np.isnan(self.first_bad))

    @property
    def centre(self) -> float:
        """Return the centre of the middle half."""
        return sum(self.middle) / 2

    def about(self, noise: "Shape") -> bool:
        """Return whether the function is centred on the threshold or on the slope of the noise.

        The peak of a function with one heavy tail is at the spike, and its centre is not.
        """
        near = (abs(self.centre - at) <= ASIDE * self.half for at in (0.0, noise.centre))
        return any(near) or abs(self.peak_at) <= ASIDE * self.half

    @property
    def falls_off(self) -> bool:
        """Return whether the function falls to half of its peak on both sides."""
        return 0 < self.width < np.inf


def _peak(v: np.ndarray, values: np.ndarray) -> int:
    """Return the index of the largest size; of equal ones, the nearest to threshold."""
    sizes = np.abs(values)
    equal = np.flatnonzero(sizes >= sizes.max() * (1 - 1e-6))
    return int(equal[np.abs(v[equal]).argmin()])


def _integral(v: np.ndarray, values: np.ndarray) -> float:
    """Integrate by the trapezoid rule, and add tails ~ 1/v^n with n of the last decade."""
    total = float(((values[1:] + values[:-1]) / 2 * np.diff(v)).sum())
    for side in (-1, 1):
        near, far = np.interp([0.1 * side * FAR, side * FAR], v, values)
        if near * far > 0:
            n = np.log10(near / far)
            if n < 1.05:
                return float("inf")
            total += FAR * far / (n - 1)
    return total
