"""What single trials of a network show, before anything is compared with a true gradient."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from snn.escape import EscapeNoise
from snn.estimators.base import equations_in
from snn.estimators.surrogate import Surrogate
from snn.noise import Constant, Uniforms
from snn.program import draw_noise
from snn.spikes import FIXED
from snn.surrogate import Matched, SurrogateDerivative
from snn_tools.comparison.groups import leaves_of
from snn_tools.comparison.problem import Problem
from snn_tools.doctor.as_called import Called, as_called, in_code
from snn_tools.doctor.clock import Clock, Cost
from snn_tools.doctor.measurements import Layer, Leaf, arrays_of, layers_of
from snn_tools.doctor.observed import Shape
from snn_tools.doctor.probe import Trials, observe
from snn_tools.doctor.shape import shape_of

CODE = "within the code"
SHORT = jnp.dtype("float16"), jnp.dtype("bfloat16")

N_TRIALS = 64
"""Single trials that are looked at, if the memory has room for them."""


class Seen(NamedTuple):
    """Single trials and what they show.

    Attributes:
        problem: program and parameters.
        declared: the surrogate gradient that the user names.
        surrogate: the one that is examined, with the derivatives that an adopted network has.
        own: spike functions in the network's code.
        noise: of the trials.
        trials: what happened in them.
        cost: what they took.
        escapes: escape noise of each layer.
        shapes: surrogate derivative and slope of the noise in each layer.
        layers: spikes and errors in each layer.
        arrays: the surrogate gradient of each array.
        steps: time steps; None without time.
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
        """Number of trials."""
        return len(self.trials.run.loss)

    @property
    def bad_losses(self) -> int:
        """Trials whose loss was not finite."""
        return int((~np.isfinite(np.asarray(self.trials.run.loss))).sum())

    @property
    def types(self) -> dict[str, np.dtype]:
        """Types of all arrays of parameters and all layers' potentials; short ones in between."""
        leaves = jax.tree.leaves(self.problem.params)
        names = (group.name for group in leaves_of(self.problem.params))
        found = dict(zip(names, map(jnp.result_type, leaves), strict=True))
        found |= {f"layer {i}": x.v.dtype for i, x in enumerate(self.trials.run.trace)}
        traced = jax.make_jaxpr(lambda p, q: p(q, Constant(), FIXED))(*self.problem).jaxpr
        outs = (out.aval for eqn in equations_in(traced) for out in eqn.outvars)
        used = {aval.dtype for aval in outs if hasattr(aval, "dtype")} - set(found.values())
        if short := used.intersection(SHORT):
            found[CODE] = max(short, key=str)
        return found

    @property
    def finite(self) -> bool:
        """True if all losses and gradients are finite."""
        return not (self.bad_losses or any(leaf.bad for leaf in self.arrays))


def look(
    problem: Problem, declared: Surrogate, key: Array, time_axis: int | None, clock: Clock
) -> Seen:
    """Run single trials and measure them, twice, to tell what compiling takes."""
    n = min(N_TRIALS, problem.at_once())
    noise = draw_noise(*problem, key, n)
    own, surrogate = as_called(problem), in_code(problem, declared)
    spike = surrogate.spike(problem.program)
    times = []
    for _ in range(2):
        before = clock.elapsed()
        trials = jax.block_until_ready(observe(problem, spike, noise))
        times.append(clock.elapsed() - before)
    trace = trials.run.trace
    escapes = [_one_of(layer.escape) for layer in trace]
    derivatives = _derivatives(surrogate, own, len(trace))
    pairs = zip(derivatives, escapes, strict=True)
    shapes = tuple((shape_of(d, e), shape_of(Matched(), e)) for d, e in pairs)
    return Seen(
        problem=problem,
        declared=declared,
        surrogate=surrogate,
        own=own,
        noise=noise,
        trials=trials,
        cost=Cost.of(problem, times, n),
        escapes=escapes,
        shapes=shapes,
        layers=layers_of(trials, shapes, derivatives, time_axis),
        arrays=arrays_of(problem, trials),
        steps=None if time_axis is None else trace[0].v.shape[1 + time_axis],
    )


def _one_of(escapes: EscapeNoise) -> EscapeNoise:
    """Take that of the first trial and neuron."""
    return jax.tree.map(lambda leaf: np.asarray(leaf).reshape(-1)[0], escapes)


def _derivatives(
    surrogate: Surrogate, own: tuple[Called, ...], n_layers: int
) -> list[SurrogateDerivative]:
    """List the derivative in each layer: the network's own, or else the one that is declared."""
    if not own:
        return [surrogate.derivative] * n_layers
    return [own[i if len(own) == n_layers else 0].derivative for i in range(n_layers)]
