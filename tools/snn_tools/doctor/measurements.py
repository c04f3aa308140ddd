"""What single trials show: spikes, errors back in time, and the surrogate gradient by array."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import numpy as np
from jax import Array

from snn.surrogate import SurrogateDerivative
from snn.types import LayerTrace
from snn_tools.comparison.groups import leaves_of
from snn_tools.comparison.problem import Problem
from snn_tools.doctor.observed import Layer, Leaf, Shape, layer_of
from snn_tools.doctor.probe import Trials


def layers_of(
    trials: Trials,
    shapes: Sequence[tuple[Shape, Shape]],
    derivatives: Sequence[SurrogateDerivative],
    time_axis: int | None,
) -> tuple[Layer, ...]:
    """Measure what each layer did; axes of arrays are trial, those of the sites, neuron."""
    found, losses = [], np.asarray(trials.run.loss, float)
    for i, (layer, (shape, noise)) in enumerate(zip(trials.run.trace, shapes, strict=True)):
        s, v = np.asarray(layer.s, float), np.asarray(layer.v)
        slope = np.asarray(_slopes(derivatives[i], layer), float)
        error, growth, excess = (), float("nan"), float("nan")
        if time_axis is not None and trials.error and s.ndim > 2:
            delta = np.moveaxis(np.asarray(trials.error[i], float), 1 + time_axis, 0)
            error = np.sqrt((delta.reshape(len(delta), -1) ** 2).mean(axis=1))
            first, second = (part.max() for part in np.array_split(error, 2))
            growth = float(first / second) if second > 0 else float("nan")
            most = np.ptp(losses) * noise.measured.peak
            excess = float(error.max() / most) if most > 0 else float("nan")
        late = tuple(map(float, error)), growth, excess
        found.append(layer_of(i, s, v, slope, shape, *late))
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
            )
        )
    return tuple(found)
