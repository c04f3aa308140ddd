"""Run single trials of a network and measure them, without the true gradient."""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from snn.escape import EscapeNoise
from snn.estimators.base import equations_in
from snn.estimators.surrogate import Surrogate
from snn.noise import Uniforms
from snn.program import draw_noise, run_fixed
from snn.surrogate import Matched, SurrogateDerivative
from snn.types import LayerTrace
from snn.value_object import as_pytree
from snn_tools.budget import Clock, Cost
from snn_tools.check import force_spikes, forced_noise, refuse_foreign_noise
from snn_tools.comparison.problem import Problem, leaves_of
from snn_tools.doctor.as_called import Called, as_called, in_code
from snn_tools.doctor.observed import GRID, Layer, Leaf, Shape, layer_of
from snn_tools.doctor.probe import Trials, observe

CODE = "within the code"
SHORT = jnp.dtype("float16"), jnp.dtype("bfloat16")

N_TRIALS = 64
"""Number of single trials, if the memory has room for them."""

_COMPILED: dict[Any, float] = {}
"""Compile time of the trials in seconds, by the structure of the network."""


class SingleTrials(NamedTuple):
    """Single trials and their measurements.

    Attributes:
        problem: program and parameters.
        declared: the surrogate gradient that the user declares.
        surrogate: the surrogate gradient that is examined; an adopted network has its own
            derivatives.
        own: spike functions in the network's code.
        noise: noise of the trials.
        trials: spikes, losses, gradients and errors of the trials.
        cost: compile and run time.
        escapes: escape noise of each layer.
        shapes: surrogate derivative and slope of the noise in each layer.
        layers: spikes and errors in each layer.
        arrays: the surrogate gradient of each array.
        steps: number of time steps; None without time.
    """

    problem: Problem
    declared: Surrogate
    surrogate: Surrogate
    own: tuple[Called, ...]
    noise: Uniforms
    trials: Trials
    cost: Cost
    escapes: list[EscapeNoise]
    shapes: tuple[tuple[Shape, Shape], ...]
    layers: tuple[Layer, ...]
    arrays: tuple[Leaf, ...]
    steps: int | None

    @property
    def n_trials(self) -> int:
        """Return the number of trials."""
        return len(self.trials.run.loss)

    @property
    def bad_losses(self) -> int:
        """Count the trials whose loss is not finite."""
        return int((~np.isfinite(np.asarray(self.trials.run.loss))).sum())

    @property
    def types(self) -> dict[str, np.dtype]:
        """Return the types of all parameters and potentials, by name.

        The name `CODE` has the type of 16-bit numbers in between, if there are any.
        """
        leaves = jax.tree.leaves(self.problem.params)
        names = (group.name for group in leaves_of(self.problem.params))
        types = dict(zip(names, map(jnp.result_type, leaves), strict=True))
        types |= {f"layer {i}": x.v.dtype for i, x in enumerate(self.trials.run.trace)}
        traced = jax.make_jaxpr(run_fixed)(*self.problem).jaxpr
        outs = (out.aval for eqn in equations_in(traced) for out in eqn.outvars)
        used = {aval.dtype for aval in outs if hasattr(aval, "dtype")} - set(types.values())
        if short := used.intersection(SHORT):
            types[CODE] = max(short, key=str)
        return types

    @property
    def finite(self) -> bool:
        """Return whether all losses and gradients are finite."""
        return not (self.bad_losses or any(leaf.bad for leaf in self.arrays))


def run_trials(
    problem: Problem, declared: Surrogate, key: Array, time_axis: int | None, clock: Clock
) -> SingleTrials:
    """Run single trials and measure them.

    A first run compiles, and forces spikes at random, which shows whether the network uses the
    noise of its own sites.

    Raises:
        ValueError: if a spike follows the noise of another layer, step or neuron.
    """
    n = min(N_TRIALS, problem.at_once())
    noise = draw_noise(*problem, key, n)
    own, surrogate = as_called(problem), in_code(problem, declared)
    spike, forced = surrogate.spike(problem.program), forced_noise(noise)
    times, observed = [], []
    for xi in (forced, noise):
        before = clock.elapsed()
        observed.append(jax.block_until_ready(observe(problem, spike, xi)))
        times.append(clock.elapsed() - before)
    of_forced, trials = observed
    if surrogate.depends_only_on_spikes:
        refuse_foreign_noise(of_forced.run.trace, forced)
    else:  # Noise forces sampled spikes alone.
        force_spikes(*problem, forced)
    # A network that was compiled before for single trials may yet need to be compiled for the rest.
    structure = jax.tree.structure(problem), tuple(map(jnp.shape, jax.tree.leaves(problem)))
    _COMPILED[structure] = max(times[0] - times[1], _COMPILED.get(structure, 0.0))
    trace = trials.run.trace
    # The escape noise of the first trial and neuron represents the layer.
    first = partial(jax.tree.map, lambda leaf: np.asarray(leaf).reshape(-1)[0])
    escapes = [first(layer.escape) for layer in trace]
    derivatives = [surrogate.derivative] * len(trace)
    if own:  # the derivatives of the network's own spike functions
        one_each = len(own) == len(trace)
        derivatives = [own[i if one_each else 0].derivative for i in range(len(trace))]
    shapes = _shapes_of(derivatives, escapes)
    return SingleTrials(
        problem=problem,
        declared=declared,
        surrogate=surrogate,
        own=own,
        noise=noise,
        trials=trials,
        cost=Cost(_COMPILED[structure], times[1] / n),
        escapes=escapes,
        shapes=shapes,
        layers=layers_of(trials, shapes, derivatives, time_axis),
        arrays=arrays_of(problem, trials),
        steps=None if time_axis is None else trace[0].v.shape[1 + time_axis],
    )


def _shapes_of(
    derivatives: Sequence[SurrogateDerivative], escapes: Sequence[EscapeNoise]
) -> tuple[tuple[Shape, Shape], ...]:
    """Measure the derivative and the slope of the noise in each layer, equal pairs only once."""
    measured: dict[Any, Shape] = {}

    def shape(derivative: SurrogateDerivative, escape: EscapeNoise) -> Shape:
        leaves, structure = jax.tree.flatten((as_pytree("derivative", derivative), escape))
        arrays = map(np.asarray, leaves)
        key = structure, *((str(x.dtype), x.shape, x.tobytes()) for x in arrays)
        if key not in measured:
            measured[key] = shape_of(derivative, escape)
        return measured[key]

    pairs = zip(derivatives, escapes, strict=True)
    return tuple((shape(d, e), shape(Matched(), e)) for d, e in pairs)


def layers_of(
    trials: Trials,
    shapes: Sequence[tuple[Shape, Shape]],
    derivatives: Sequence[SurrogateDerivative],
    time_axis: int | None,
) -> tuple[Layer, ...]:
    """Measure each layer. Arrays have the axes trial, axes of the sites, neuron."""
    layers, losses = [], np.asarray(trials.run.loss, float)
    for i, (layer, (shape, noise)) in enumerate(zip(trials.run.trace, shapes, strict=True)):
        s, v = np.asarray(layer.s, float), np.asarray(layer.v)
        slope = np.asarray(_slopes(derivatives[i], layer), float)
        error, growth, excess = (), float("nan"), float("nan")
        if time_axis is not None and trials.error and s.ndim > 2:
            delta = np.moveaxis(np.asarray(trials.error[i], float), 1 + time_axis, 0)
            error = np.sqrt((delta.reshape(len(delta), -1) ** 2).mean(axis=1))
            # A trial of one step has no second half.
            first, second = (part.max(initial=0.0) for part in np.array_split(error, 2))
            growth = float(first / second) if second > 0 else float("nan")
            most = np.ptp(losses) * noise.measured.peak
            excess = float(error.max() / most) if most > 0 else float("nan")
        late = tuple(map(float, error)), growth, excess
        layers.append(layer_of(i, s, v, slope, shape, *late))
    return tuple(layers)


@jax.jit
def _slopes(derivative: SurrogateDerivative, layer: LayerTrace) -> Array:
    return jax.vmap(lambda own: derivative(own.v, own.s, own.escape))(layer)


def arrays_of(problem: Problem, trials: Trials) -> tuple[Leaf, ...]:
    """Measure the gradient of each array of parameters."""
    leaves = []
    for group, leaf in zip(leaves_of(problem.params), jax.tree.leaves(trials.grad), strict=True):
        g = np.asarray(leaf, float).reshape(len(leaf), -1)
        bad = ~np.isfinite(g)
        g = np.where(bad, 0.0, g)
        spread = g.var(axis=0, ddof=1).sum()
        squared = (g.mean(axis=0) ** 2).sum() - spread / len(g)
        norm = float(np.sqrt((g**2).sum(axis=1).mean()))
        variance = float(spread / squared) if squared > 0 else float("nan")
        leaves.append(Leaf(group.name, g.shape[1], norm, variance, int(bad.any(axis=0).sum())))
    return tuple(leaves)


@jax.jit
def _values(derivative: SurrogateDerivative, v: Array, escape: EscapeNoise) -> Array:
    return derivative(v, (v > 0).astype(v.dtype), escape)


def shape_of(derivative: SurrogateDerivative, escape: EscapeNoise) -> Shape:
    """Measure a derivative, for spikes where the potential is above threshold, in float32."""
    derivative = as_pytree("derivative", derivative)
    return Shape.of_function(
        lambda v: np.asarray(_values(derivative, jnp.asarray(v, jnp.float32), escape), float)
    )


def distance(a: SurrogateDerivative, b: SurrogateDerivative, escape: EscapeNoise) -> float:
    """Return the largest difference over the larger peak, or infinity if values are not finite."""
    x = jnp.asarray(GRID, jnp.float32)
    f, g = (np.asarray(_values(derivative, x, escape), float) for derivative in (a, b))
    if not (np.isfinite(f).all() and np.isfinite(g).all()):
        return 0.0 if np.array_equal(f, g, equal_nan=True) else np.inf
    return float(np.abs(f - g).max() / max(np.abs(f).max(), np.abs(g).max(), 1e-30))
