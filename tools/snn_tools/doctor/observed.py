"""What findings rest on: a layer's spikes and derivative, an array's gradients. Needs no JAX."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from snn_tools.conformance.measured import FAR, Measured, measure

ALWAYS = 0.95
"""A neuron that fires in more than this share of its steps is saturated."""

HALF_GRID = np.concatenate([[0.0], np.geomspace(1e-5, FAR, 1200)])
GRID = np.concatenate([-HALF_GRID[:0:-1], HALF_GRID])


@dataclasses.dataclass(frozen=True)
class Shape:
    """A function of the potential, in one layer.

    Attributes:
        measured: peak, width, integral and the like.
        middle: the two potentials between which the middle half of its integral lies, 0 and 0 of a
            function that is 0. Their distance compares shapes of light and heavy tails; full widths
            do not.
        first_bad: the smallest potential in size, up to `FAR`, at which it is not finite; NaN if
            there is none.
    """

    measured: Measured
    middle: tuple[float, float]
    first_bad: float

    @classmethod
    def of(cls, function: Callable[[np.ndarray], np.ndarray]) -> "Shape":
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
        """Width of the middle half."""
        return self.middle[1] - self.middle[0]

    @property
    def finite(self) -> bool:
        """True if it is finite everywhere up to `FAR`."""
        return bool(np.isnan(self.first_bad))

    @property
    def centre(self) -> float:
        """Middle of its middle half."""
        return sum(self.middle) / 2

    def about(self, noise: "Shape") -> bool:
        """Return whether threshold or centre of the noise lie in its middle half."""
        return any(self.middle[0] <= at <= self.middle[1] for at in (0.0, noise.centre))

    @property
    def falls_off(self) -> bool:
        """Return whether it comes down to half its peak on both sides."""
        return 0 < self.measured.width < np.inf


@dataclasses.dataclass(frozen=True)
class Layer:
    """A spiking layer in the trials that were run.

    Attributes:
        index: its place in the trace; of a module, its name.
        neurons: number of neurons, the last axis of its sites.
        rate: spikes per neuron and step.
        silent: share of neurons that never fired.
        saturated: share of neurons that fired in more than `ALWAYS` of their steps.
        within: share of potentials in the middle half of the surrogate derivative's integral.
        passes: mean size of the surrogate derivative at the potentials, over its peak.
        bad: potentials that are NaN; minus infinity is that of a refractory neuron.
        error: root mean square of dL/dv over trials and neurons, by time step; empty without time
            or where it was not measured.
        growth: largest error of the first half of the trial over that of the second; NaN without.
        excess: largest error over what one of a true gradient can be, the range of the losses times
            the peak of the noise's slope; NaN without.
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
    """Measure a layer by its spikes and potentials, whose last axis is that of neurons.

    Args:
        index: its place or name.
        s: spikes.
        v: potentials minus threshold.
        slope: the surrogate derivative at the potentials.
        shape: that derivative by itself.
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
        name: of the array.
        size: number of parameters.
        norm: root mean square over trials of its norm.
        variance: of one trial over the squared norm of the mean, freed from noise; NaN where the
            mean is lost in it.
        bad: parameters that were not finite in some trial.
    """

    name: str
    size: int
    norm: float
    variance: float
    bad: int
