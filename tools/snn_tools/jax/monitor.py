"""Monitor of a training loop: spikes, reach of the surrogate and sizes of gradients."""

from dataclasses import replace

import jax
import numpy as np
from jax import Array

from snn.estimators.surrogate import Surrogate
from snn.program import Program, draw_noise
from snn.types import Params
from snn_tools.jax.plain import as_loop, is_adopted, slope_in_code
from snn_tools.jax.probe import observe, timed
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
        self.timed: list[bool] = []

    def __call__(self, step: int, program: Program, params: Params, key: Array) -> dict[str, float]:
        """Return the numbers of a step, from one trial; an empty dictionary if none are due."""
        if step % self.every:
            return {}
        problem, surrogate = as_loop(Problem(program, params)), self.surrogate
        if is_adopted(problem):
            surrogate = replace(surrogate, derivative=slope_in_code)
        noise = draw_noise(*problem, key, 1)
        trials = observe(problem, surrogate.spike(problem.program), noise)
        trace = trials.run.trace
        if not self.middles:
            shapes = (shape_of(surrogate.derivative, escape) for escape in escapes_of(trace))
            self.middles, self.timed = [shape.middle for shape in shapes], timed(problem)
        numbers = {"loss": float(trials.run.loss[0])}
        for k, (layer, error) in enumerate(zip(trace, trials.error, strict=True)):
            arrays = (np.asarray(x) for x in (layer.s, layer.v, layer.p, error))
            # Without time, the trial is the only step.
            s, v, p, error = (x[0] if self.timed[k] else x for x in arrays)
            own = layer_numbers(s, v, p, self.middles[k], error)
            numbers |= {f"layer {k}/{name}": value for name, value in own.items()}
        for leaf, g in zip(leaves_of(params), jax.tree.leaves(trials.grad), strict=True):
            numbers[f"gradient/{leaf.name}"] = float(np.linalg.norm(np.asarray(g)))
        return numbers
