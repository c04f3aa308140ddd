"""What single trials show: spikes, errors back in time, and the surrogate gradient by array."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import jax
import numpy as np
from jax import Array

from snn.surrogate import SurrogateDerivative
from snn.types import LayerTrace
from snn_tools.comparison.groups import leaves_of
from snn_tools.comparison.problem import Problem
from snn_tools.doctor.probe import Trials
from snn_tools.doctor.shape import Shape

ALWAYS = 0.95
"""A neuron that fires in more than this share of its steps is saturated."""


@dataclasses.dataclass(frozen=True)
class Layer:
    """A spiking layer in the trials that were run.

    Attributes:
        index: its place in the trace.
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
    """

    index: int
    neurons: int
    rate: float
    silent: float
    saturated: float
    within: float
    passes: float
    bad: int
    error: tuple[float, ...]
    growth: float


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
        largest: largest size of a number in any trial.
    """

    name: str
    size: int
    norm: float
    variance: float
    bad: int
    largest: float


def layers_of(
    trials: Trials,
    shapes: Sequence[Shape],
    derivatives: Sequence[SurrogateDerivative],
    time_axis: int | None,
) -> tuple[Layer, ...]:
    """Measure what each layer did; axes of arrays are trial, those of the sites, neuron."""
    found = []
    for i, (layer, shape) in enumerate(zip(trials.run.trace, shapes, strict=True)):
        s, v, (low, high) = np.asarray(layer.s, float), np.asarray(layer.v), shape.middle
        slope = np.asarray(_slopes(derivatives[i], layer), float)[np.isfinite(v)]
        known = slope.size and shape.measured.peak
        passes = np.abs(slope).mean() / abs(shape.measured.peak) if known else np.nan
        rates = s.reshape(-1, s.shape[-1]).mean(axis=0)
        error, growth = (), float("nan")
        if time_axis is not None and trials.error and s.ndim > 2:
            delta = np.moveaxis(np.asarray(trials.error[i], float), 1 + time_axis, 0)
            error = np.sqrt((delta.reshape(len(delta), -1) ** 2).mean(axis=1))
            first, second = (part.max() for part in np.array_split(error, 2))
            growth = float(first / second) if second > 0 else float("nan")
        found.append(
            Layer(
                i,
                s.shape[-1],
                float(rates.mean()),
                float((rates == 0).mean()),
                float((rates > ALWAYS).mean()),
                float(((low < v) & (v < high)).mean()),
                float(passes),
                int(np.isnan(v).sum()),
                tuple(map(float, error)),
                growth,
            )
        )
    return tuple(found)


@jax.jit
def _slopes(derivative: SurrogateDerivative, layer: LayerTrace) -> Array:
    return jax.vmap(lambda own: derivative(own.v, own.s, own.escape))(layer)


def arrays_of(problem: Problem, trials: Trials) -> tuple[Leaf, ...]:
    """Measure the gradient of each array of parameters."""
    found = []
    for group, leaf in zip(leaves_of(problem.params), jax.tree.leaves(trials.grad), strict=True):
        g = np.asarray(leaf, float).reshape(len(leaf), -1)
        bad = ~np.isfinite(g)
        g = np.where(bad, 0.0, g)
        spread = g.var(axis=0, ddof=1).sum()
        squared = (g.mean(axis=0) ** 2).sum() - spread / len(g)
        found.append(
            Leaf(
                group.name,
                g.shape[1],
                float(np.sqrt((g**2).sum(axis=1).mean())),
                float(spread / squared) if squared > 0 else float("nan"),
                int(bad.any(axis=0).sum()),
                float(np.abs(g).max(initial=0.0)),
            )
        )
    return tuple(found)
