"""Run single trials of a network and measure them, without the exact gradient."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from snn.escape import EscapeNoise
from snn.estimators.surrogate import Surrogate
from snn.noise import Constant, Uniforms
from snn.program import draw_noise
from snn.spikes import Spike, threshold
from snn.surrogate import Matched, SurrogateDerivative, Zero
from snn.types import Trace
from snn.value_object import as_pytree
from snn_tools.jax.plain import is_adopted, slope_in_code
from snn_tools.jax.probe import GivenSpike, Trials, observe
from snn_tools.jax.problem import Problem, leaves_of
from snn_tools.shared.budget import Clock
from snn_tools.shared.observed import Layer, Leaf, layer_of, leaf_of, still_of
from snn_tools.shared.shape import Shape

N_TRIALS = 64
"""Number of single trials, if the memory has room for them."""


class SingleTrials(NamedTuple):
    """Single trials and their measurements.

    Attributes:
        problem: program and parameters.
        declared: the surrogate gradient that the user declares.
        surrogate: the surrogate gradient that is examined; an adopted network has its own
            derivatives.
        trials: spikes, losses, gradients and errors of the trials.
        compiled: seconds to compile the gradient of single trials.
        escapes: escape noise of each layer.
        shapes: surrogate derivative and slope of the noise in each layer.
        layers: spikes and errors in each layer.
        arrays: the surrogate gradient of each array.
    """

    problem: Problem
    declared: Surrogate
    surrogate: Surrogate
    trials: Trials
    compiled: float
    escapes: list[EscapeNoise]
    shapes: tuple[tuple[Shape, Shape], ...]
    layers: tuple[Layer, ...]
    arrays: tuple[Leaf, ...]


def run_trials(
    problem: Problem, declared: Surrogate, key: Array, time_axis: int | None, clock: Clock
) -> SingleTrials:
    """Run and measure single trials, and a forward pass without noise.

    Raises:
        ValueError: if a spike follows the noise of another layer, step or neuron.
    """
    n = min(N_TRIALS, problem.at_once())
    noise = draw_noise(*problem, key, n)
    refuse_foreign_noise(problem, noise)
    surrogate, before = declared, clock.elapsed()
    if is_adopted(problem):
        surrogate = replace(declared, derivative=slope_in_code)
    trials = jax.block_until_ready(observe(problem, surrogate.spike(problem.program), noise))
    compiled = clock.elapsed() - before
    still = [np.asarray(v, float) for v in _without_noise(*problem)]
    # The escape noise of the first trial and neuron represents the layer.
    first = partial(jax.tree.map, lambda leaf: np.asarray(leaf).reshape(-1)[0])
    escapes = [first(layer.escape) for layer in trials.run.trace]
    shapes = _shapes_of(surrogate.derivative, escapes)
    return SingleTrials(
        problem=problem,
        declared=declared,
        surrogate=surrogate,
        trials=trials,
        compiled=compiled,
        escapes=escapes,
        shapes=shapes,
        layers=layers_of(trials, still, shapes, surrogate.derivative, time_axis),
        arrays=arrays_of(problem, trials),
    )


def refuse_foreign_noise(problem: Problem, noise: Uniforms) -> None:
    """Refuse a program whose spikes do not follow the noise of their own sites.

    Raises:
        ValueError: if a spike follows the noise of another layer, step or neuron.
    """
    given = jax.tree.map(lambda xi: (xi[0] < 0.5).astype(xi.dtype), noise)
    message = (
        "expected each spike with the numbers of its own layer and step, unchanged: "
        "s = spike(escape, v, noise.draw(layer, t, v.shape)), with t the step or None."
    )
    try:
        trace = _given_run(*problem, given)
        wrong = [int((layer.s != s).sum()) for layer, s in zip(trace, given.values, strict=True)]
    except (TypeError, ValueError) as error:
        raise ValueError(f"network: got {error}; {message}") from error
    for k, n in enumerate(wrong):
        if n:
            raise ValueError(f"trace[{k}]: got {n} spikes that its noise did not give, {message}")


@jax.jit
def _given_run(program: Any, params: Any, given: Uniforms) -> Trace:
    return program(params, given, GivenSpike()).trace


@jax.jit
def _without_noise(program: Any, params: Any) -> list[Array]:
    run = program(params, Constant(), Spike(threshold, Zero()))
    return [layer.v for layer in run.trace]


def _shapes_of(
    derivative: SurrogateDerivative, escapes: Sequence[EscapeNoise]
) -> tuple[tuple[Shape, Shape], ...]:
    """Measure the derivative and the slope of the noise in each layer, equal pairs only once."""
    measured: dict[Any, tuple[Shape, Shape]] = {}
    for escape in escapes:
        if _key(escape) not in measured:
            measured[_key(escape)] = shape_of(derivative, escape), shape_of(Matched(), escape)
    return tuple(measured[_key(escape)] for escape in escapes)


def _key(escape: EscapeNoise) -> Any:
    leaves, structure = jax.tree.flatten(escape)
    return structure, *(np.asarray(x).tobytes() for x in leaves)


def layers_of(
    trials: Trials,
    still: Sequence[np.ndarray],
    shapes: Sequence[tuple[Shape, Shape]],
    derivative: SurrogateDerivative,
    time_axis: int | None,
) -> tuple[Layer, ...]:
    """Measure each layer. Arrays have the axes trial, axes of the sites, neuron."""
    layers, losses = [], np.asarray(trials.run.loss, float)
    for i, layer in enumerate(trials.run.trace):
        s, v = np.asarray(layer.s, float), np.asarray(layer.v)
        slope = np.asarray(_slopes(derivative, layer), float)
        axis = time_axis if s.ndim > 2 else None
        error = np.asarray(trials.error[i], float)
        error = error[None] if axis is None else np.moveaxis(error, 1 + axis, 0)
        spikes, values = (s, v, slope), still_of(still[i])
        layers.append(layer_of(i, spikes, values, shapes[i], error, losses, axis is not None))
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
