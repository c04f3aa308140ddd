"""Monitor of a training loop: spikes, reach of the surrogate and sizes of gradients."""

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from snn.estimators.surrogate import Surrogate
from snn.program import Program, draw_noise, run_fixed
from snn.spikes import Spike
from snn.types import Params
from snn_tools.jax.plain import Plain, as_loop, is_adopted, slope_in_code, with_operands
from snn_tools.jax.probe import observe
from snn_tools.jax.problem import Problem, leaves_of
from snn_tools.jax.single_trials import escapes_of, shape_of
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
        self.network: Any = None

    def __call__(self, step: int, program: Program, params: Params, key: Array) -> dict[str, float]:
        """Return the numbers of a step, from one trial; an empty dictionary if none are due."""
        if step % self.every:
            return {}
        problem, surrogate = Problem(program, params), self.surrogate
        if self.network is None:  # prepared once, so that JAX compiles once
            self.network = with_operands(as_loop(problem)).program.network
        if isinstance(self.network, Plain):
            problem = problem._replace(program=replace(program, network=self.network))
        if is_adopted(problem):
            surrogate = replace(surrogate, derivative=slope_in_code)
        spike = surrogate.spike(problem.program)
        if not self.middles:
            for escape in escapes_of(jax.jit(run_fixed)(*problem).trace):
                self.middles.append(shape_of(surrogate.derivative, escape).middle)
        numbers = jax.device_get(_numbers(problem, spike, key, tuple(self.middles)))
        return {name: float(value) for name, value in numbers.items()}


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
        error = first(trials.error[k])
        own = layer_numbers(spikes, middles[k], error, jnp)
        numbers |= {f"layer {k}/{name}": value for name, value in own.items()}
    for leaf, g in zip(leaves_of(problem.params), jax.tree.leaves(trials.grad), strict=True):
        numbers[f"gradient/{leaf.name}"] = jnp.linalg.norm(g)
    return numbers
