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
from snn.noise import FIRE, SILENT, Constant, Uniforms
from snn.program import draw_noise, run_fixed
from snn.spikes import FIXED, Spike, sample, threshold
from snn.surrogate import Matched, SurrogateDerivative, Zero
from snn.types import Trace
from snn.value_object import as_pytree
from snn_tools.jax.plain import Called, as_called, in_code
from snn_tools.jax.probe import Trials, observe
from snn_tools.jax.problem import Problem, leaves_of
from snn_tools.shared.budget import Clock, Cost
from snn_tools.shared.observed import GRID, Layer, Leaf, Shape, layer_of, leaf_of, still_of

CODE = "within the code"
SHORT = jnp.dtype("float16"), jnp.dtype("bfloat16")

N_TRIALS = 64
"""Number of single trials, if the memory has room for them."""


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
    noise of its own sites. One more forward pass has no noise.

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
    forced_trace = of_forced.run.trace
    if surrogate.forward is not sample:  # noise forces sampled spikes alone
        forced_trace = _forced_run(*problem, forced)
    refuse_foreign_noise(forced_trace, forced)
    still = [np.asarray(v, float) for v in _without_noise(*problem)]
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
        cost=Cost(max(times[0] - times[1], 0.0), times[1] / n),
        escapes=escapes,
        shapes=shapes,
        layers=layers_of(trials, still, shapes, derivatives, time_axis),
        arrays=arrays_of(problem, trials),
    )


def forced_noise(noise: Uniforms) -> Uniforms:
    """Return noise that forces a spike at sites with a number below 1/2, and silence elsewhere."""

    def forced(xi: Array) -> Array:
        # NumPy computes without compiling.
        return jax.device_put(np.where(np.asarray(xi) < 0.5, FIRE, SILENT).astype(xi.dtype))

    return jax.tree.map(forced, noise)


def refuse_foreign_noise(trace: Trace, forced: Uniforms) -> None:
    """Refuse a program whose trace of forced trials has other spikes than the forced ones.

    Args:
        trace: potentials and sampled spikes of trials; all arrays have a leading trial axis.
        forced: noise of these trials, from `forced_noise`.

    Raises:
        ValueError: if a spike follows the noise of another layer, step or neuron.
    """
    for k, (layer, xi) in enumerate(zip(trace, forced.values, strict=True)):
        wrong = (np.asarray(layer.s) != (np.asarray(xi) < 0.5)) & ~np.isnan(np.asarray(layer.v))
        if wrong.any():
            raise ValueError(
                f"trace[{k}]: got {int(wrong.sum())} of {xi.size} spikes that differ from the "
                f"spikes which the noise forces, expected 0. Draw each spike with the numbers of "
                f"its own layer and step: s = spike(escape, v, noise.draw({k}, t, v.shape)), with "
                f"t the step or None."
            )


@jax.jit
def _forced_run(program: Any, params: Any, forced: Uniforms) -> Trace:
    return jax.vmap(lambda xi: program(params, xi, FIXED).trace)(forced)


@jax.jit
def _without_noise(program: Any, params: Any) -> list[Array]:
    run = program(params, Constant(), Spike(threshold, Zero()))
    return [layer.v for layer in run.trace]


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
    still: Sequence[np.ndarray],
    shapes: Sequence[tuple[Shape, Shape]],
    derivatives: Sequence[SurrogateDerivative],
    time_axis: int | None,
) -> tuple[Layer, ...]:
    """Measure each layer. Arrays have the axes trial, axes of the sites, neuron."""
    layers, losses = [], np.asarray(trials.run.loss, float)
    for i, layer in enumerate(trials.run.trace):
        s, v = np.asarray(layer.s, float), np.asarray(layer.v)
        slope = np.asarray(_slopes(derivatives[i], layer), float)
        axis, error = time_axis if s.ndim > 2 else None, None
        if trials.error:
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


def distance(a: SurrogateDerivative, b: SurrogateDerivative, escape: EscapeNoise) -> float:
    """Return the largest difference over the larger peak, or infinity if values are not finite."""
    x = jnp.asarray(GRID, jnp.float32)
    f, g = (np.asarray(_values(derivative, x, escape), float) for derivative in (a, b))
    if not (np.isfinite(f).all() and np.isfinite(g).all()):
        return 0.0 if np.array_equal(f, g, equal_nan=True) else np.inf
    return float(np.abs(f - g).max() / max(np.abs(f).max(), np.abs(g).max(), 1e-30))
