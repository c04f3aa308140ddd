"""Run single trials of a network and measure them, without the exact gradient."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from snn.escape import EscapeNoise
from snn.estimators.surrogate import Surrogate
from snn.noise import Constant
from snn.program import draw_noise
from snn.spikes import Spike, threshold
from snn.surrogate import Matched, SurrogateDerivative, Zero
from snn.types import Trace
from snn.value_object import as_pytree
from snn_tools.jax.probe import Trials, observe, timed
from snn_tools.jax.problem import Problem, leaves_of
from snn_tools.shared.observed import Layer, Leaf, layer_of, leaf_of
from snn_tools.shared.rules import Case
from snn_tools.shared.shape import Shape

N_TRIALS = 64
"""Number of single trials, if the memory has room for them."""


def run_trials(problem: Problem, surrogate: Surrogate, key: Array) -> Trials:
    """Run single trials, and differentiate each."""
    noise = draw_noise(*problem, key, min(N_TRIALS, problem.at_once()))
    return jax.block_until_ready(observe(problem, surrogate.spike(problem.program), noise))


def measured(problem: Problem, trials: Trials, derivative: SurrogateDerivative) -> dict[str, Any]:
    """Measure single trials and a forward pass without noise.

    Returns:
        Values of a `Report`, by name.
    """
    still, losses = _without_noise(*problem), np.asarray(trials.run.loss)
    return {
        "sites": problem.sites(),
        "layers": layers_of(trials, still, derivative, timed(problem)),
        "arrays": arrays_of(problem, trials),
        "trials": len(losses),
        "array_trials": len(losses),
        "bad_losses": int((~np.isfinite(losses)).sum()),
        "cases": {"redrawn": [Case(where=f"layer {i}, {j}") for i, j in redrawn(trials)]},
    }


def escapes_of(trace: Trace) -> list[Any]:
    """Return the escape noise of each layer, which its first trial and neuron represent."""
    first = partial(jax.tree.map, lambda leaf: np.asarray(leaf).reshape(-1)[0])
    return [first(layer.escape) for layer in trace]


@jax.jit
def _without_noise(program: Any, params: Any) -> list[Array]:
    run = program(params, Constant(), Spike(threshold, Zero()))
    return [layer.v for layer in run.trace]


def layers_of(
    trials: Trials,
    still: Sequence[Array],
    derivative: SurrogateDerivative,
    timed: Sequence[bool],
) -> tuple[Layer, ...]:
    """Measure each layer. Arrays have the axes trial, time if the layer is timed, ..., neuron."""
    layers, losses, trace = [], np.asarray(trials.run.loss, float), trials.run.trace
    for i, (layer, escape) in enumerate(zip(trace, escapes_of(trace), strict=True)):
        spikes = layer.s, layer.v, _slopes(derivative, layer)
        s, v, slope = (np.asarray(x, float) for x in spikes)
        error = np.asarray(trials.error[i], float)
        error = np.moveaxis(error, 1, 0) if timed[i] else error[None]
        shapes = shape_of(derivative, escape), shape_of(Matched(), escape)
        quiet = np.asarray(still[i], float)
        layers.append(layer_of(str(i), shapes, quiet, (s, v, slope), error, losses))
    return tuple(layers)


@jax.jit
def _slopes(derivative: SurrogateDerivative, layer: Any) -> Array:
    return jax.vmap(lambda own: derivative(own.v, own.s, own.escape))(layer)


def arrays_of(problem: Problem, trials: Trials) -> tuple[Leaf, ...]:
    """Measure the gradient of each array of parameters."""
    pairs = zip(leaves_of(problem.params), jax.tree.leaves(trials.grad), strict=True)
    return tuple(leaf_of(g.name, np.asarray(x, float).reshape(len(x), -1)) for g, x in pairs)


def redrawn(trials: Trials) -> list[tuple[int, int]]:
    """Return pairs of layers with equal potentials, in one step or the next, and other spikes."""
    layers = [(np.asarray(x.v), np.asarray(x.s)) for x in trials.run.trace]

    def apart(a: tuple, b: tuple) -> bool:
        same = np.allclose(a[0], b[0], rtol=1e-5, atol=1e-6, equal_nan=True)
        return same and a[0].size > 0 and bool((a[1] != b[1]).mean() > 0.01)

    def shifted(a: tuple, b: tuple) -> bool:
        early, late = tuple(x[:, :-1] for x in a), tuple(x[:, 1:] for x in b)
        return a[0].ndim > 2 and a[0].shape[1] > 2 and apart(early, late)

    return [
        (i, j)
        for j, b in enumerate(layers)
        for i, a in enumerate(layers[:j])
        if a[0].shape == b[0].shape and (apart(a, b) or shifted(a, b) or shifted(b, a))
    ]


@jax.jit
def _values(derivative: SurrogateDerivative, v: Array, escape: EscapeNoise) -> Array:
    return derivative(v, (v > 0).astype(v.dtype), escape)


def shape_of(derivative: SurrogateDerivative, escape: EscapeNoise) -> Shape:
    """Measure a derivative, for spikes where the potential is above threshold, in float32."""
    derivative = as_pytree("derivative", derivative)
    return Shape.of_function(
        lambda v: np.asarray(_values(derivative, jnp.asarray(v, jnp.float32), escape), float)
    )
