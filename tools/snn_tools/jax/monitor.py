"""Monitor of a training loop: spikes, reach of the surrogate and sizes of gradients."""

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from snn.estimators.surrogate import Surrogate
from snn.program import Program, draw_noise, run_fixed
from snn.spikes import Spike
from snn.types import Params
from snn_tools.jax.plain import as_called, with_loops, with_operands
from snn_tools.jax.probe import observe
from snn_tools.jax.problem import Problem, leaves_of
from snn_tools.jax.single_trials import shape_of
from snn_tools.shared.monitor import layer_numbers


class Monitor:
    """Numbers of every fiftieth step, as a dictionary for any logger.

    ::

        monitor = doctor.Monitor(surrogate, every=50)
        for step in range(n_steps):
            params, state = update(params, state, key)
            if numbers := monitor(step, program, params, key):
                writer.add_scalars("snn", numbers, step)   # or wandb.log(numbers, step)
    """

    def __init__(self, surrogate: Surrogate | None = None, every: int = 50) -> None:
        """Make a monitor.

        Args:
            surrogate: the surrogate gradient of the training.
            every: number of steps from one measurement to the next.
        """
        self.surrogate, self.every = surrogate or Surrogate(), every
        self.middles: list[tuple[float, float]] = []
        self.prepared: tuple[Any, Any] | None = None

    def __call__(self, step: int, program: Program, params: Params, key: Array) -> dict[str, float]:
        """Return the numbers of a step, from one trial; an empty dictionary if none are due."""
        if step % self.every:
            return {}
        problem = self._prepared(program, params)
        spike = self.surrogate.spike(problem.program)
        if not self.middles:
            self.middles = self._middles(problem)
        numbers = jax.device_get(_numbers(problem, spike, key, tuple(self.middles)))
        return {name: float(value) for name, value in numbers.items()}

    def _prepared(self, program: Program, params: Params) -> Problem:
        """Return the problem; a network of the same structure is prepared once."""
        structure = jax.tree.structure(program.network)
        if self.prepared is None or self.prepared[0] != structure:
            whole = with_operands(with_loops(Problem(program, params))).program.network
            # None: the network is examined as it is.
            changed = jax.tree.structure(whole) != structure
            self.prepared = structure, whole if changed else None
        if (network := self.prepared[1]) is None:
            return Problem(program, params)
        return Problem(replace(program, network=network), params)

    def _middles(self, problem: Problem) -> list[tuple[float, float]]:
        own, trace = as_called(problem), jax.jit(run_fixed)(*problem).trace
        middles = []
        for k, layer in enumerate(trace):
            escape = jax.tree.map(lambda leaf: np.asarray(leaf).reshape(-1)[0], layer.escape)
            derivative = self.surrogate.derivative
            if own:
                derivative = own[k if len(own) == len(trace) else 0].derivative
            middles.append(shape_of(derivative, escape).middle)
        return middles


@jax.jit
def _numbers(problem: Problem, spike: Spike, key: Array, middles: Any) -> dict[str, Array]:
    trials = observe(problem, spike, draw_noise(*problem, key, 1))
    numbers = {"loss": trials.run.loss[0]}
    for k, layer in enumerate(trials.run.trace):
        timed = layer.v.ndim > 2  # without time there is one step

        def first(x: Array, timed: bool = timed) -> Array:
            x = x[0] if timed else x
            return x.reshape(x.shape[0], -1, x.shape[-1])

        spikes = first(layer.s), first(layer.v), first(layer.p)
        error = first(trials.error[k]) if trials.error else None
        own = layer_numbers(spikes, middles[k], error, jnp)
        numbers |= {f"layer {k}/{name}": value for name, value in own.items()}
    for leaf, g in zip(leaves_of(problem.params), jax.tree.leaves(trials.grad), strict=True):
        numbers[f"gradient/{leaf.name}"] = jnp.linalg.norm(g)
    return numbers
