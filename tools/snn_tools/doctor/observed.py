"""Measure layers and surrogate derivatives with NumPy alone, without JAX."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from snn_tools.conformance.measured import FAR, Measured, measure

ALWAYS = 0.95
"""Largest share of steps with a spike for a neuron that is not saturated."""

HALF_GRID = np.concatenate([[0.0], np.geomspace(1e-5, FAR, 1200)])
GRID = np.concatenate([-HALF_GRID[:0:-1], HALF_GRID])


@dataclasses.dataclass(frozen=True)
class Shape:
    """A function of the potential, in one layer.

    Attributes:
        measured: peak, width, integral and the like.
        middle: potentials that enclose the middle half of the integral; 0 and 0 for a function
            that is 0. Unlike full widths, their distance compares light and heavy tails.
        first_bad: smallest size of a potential, up to `FAR`, with a value that is not finite; NaN
            if all values are finite.
    """

    measured: Measured
    middle: tuple[float, float]
    first_bad: float

    @classmethod
    def of_function(cls, function: Callable[[np.ndarray], np.ndarray]) -> "Shape":
        """Measure a function of float64 arrays."""
        values = function(GRID)
        finite = np.isfinite(values)
        first_bad = float("nan") if finite.all() else float(np.abs(GRID[~finite]).min())
        values = np.maximum(np.where(finite, values, 0.0), 0.0)
        area = np.concatenate([[0.0], np.cumsum((values[1:] + values[:-1]) / 2 * np.diff(GRID))])
        middle = np.interp([0.25, 0.75], area / area[-1], GRID) if area[-1] > 0 else np.zeros(2)
        return cls(measure(function), (float(middle[0]), float(middle[1])), first_bad)

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
        """Return whether the middle half contains the threshold or the centre of the noise."""
        return any(self.middle[0] <= at <= self.middle[1] for at in (0.0, noise.centre))

    @property
    def falls_off(self) -> bool:
        """Return whether the function falls to half of its peak on both sides."""
        return 0 < self.measured.width < np.inf


@dataclasses.dataclass(frozen=True)
class Layer:
    """A spiking layer in the trials that were run.

    Attributes:
        index: place in the trace, or name of the module.
        neurons: number of neurons, the last axis of its sites.
        rate: spikes per neuron and step.
        silent: share of neurons that never fired.
        saturated: share of neurons that fired in more than `ALWAYS` of their steps.
        within: share of potentials in the middle half of the surrogate derivative's integral.
        passes: mean size of the surrogate derivative at the potentials, over its peak.
        bad: number of potentials that are NaN; a refractory neuron has minus infinity.
        error: root mean square of dL/dv over trials and neurons, by time step; empty if there is
            no time or no measurement.
        growth: largest error of the first half of the trial over the largest error of the second;
            NaN without errors.
        excess: largest error over the largest possible error of a true gradient, which is the range
            of the losses times the peak of the noise's slope; NaN without errors.
    """

    index: int | str
    neurons: int
    rate: float
    silent: float
    saturated: float
    within: float
    passes: float
    bad: int
    error: tuple[float, ...] = ()
    growth: float = float("nan")
    excess: float = float("nan")


def layer_of(
    index: int | str, s: np.ndarray, v: np.ndarray, slope: np.ndarray, shape: Shape, *late: Any
) -> Layer:
    """Measure a layer from spikes and potentials; neurons are the last axis.

    Args:
        index: place or name of the layer.
        s: spikes.
        v: potentials minus threshold.
        slope: the surrogate derivative at the potentials.
        shape: the surrogate derivative as a function of the potential.
        late: ``error``, ``growth`` and ``excess``.
    """
    (low, high), peak, slope = shape.middle, shape.measured.peak, slope[np.isfinite(v)]
    rates = s.reshape(-1, s.shape[-1]).mean(axis=0)
    return Layer(
        index,
        s.shape[-1],
        float(rates.mean()),
        float((rates == 0).mean()),
        float((rates > ALWAYS).mean()),
        float(((low < v) & (v < high)).mean()),
        float(np.abs(slope).mean() / abs(peak)) if slope.size and peak else float("nan"),
        int(np.isnan(v).sum()),
        *late,
    )


@dataclasses.dataclass(frozen=True)
class Leaf:
    """The surrogate gradient of an array of parameters, in single trials.

    Attributes:
        name: name of the array.
        size: number of parameters.
        norm: root mean square of the norm over trials.
        variance: variance of one trial over the squared norm of the mean, corrected for noise; NaN
            if noise hides the mean.
        bad: number of parameters that are not finite in some trial.
    """

    name: str
    size: int
    norm: float
    variance: float
    bad: int
