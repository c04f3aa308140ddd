"""What findings in single trials rest on: a layer's spikes, an array's gradients."""

from __future__ import annotations

import dataclasses

ALWAYS = 0.95
"""A neuron that fires in more than this share of its steps is saturated."""


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
    error: tuple[float, ...]
    growth: float
    excess: float = float("nan")


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
