r"""Tasks on spike times: targets for outputs, from an active and from a silent network.

Each of three outputs has two target spikes. The loss is the squared difference of filtered spike
trains. It changes smoothly as spikes move, and a spike at the end of the trial costs nothing.

Hidden weights of the *active* task are scaled such that the median hidden neuron would reach twice
the threshold without noise and reset. In the *silent* task the best-driven one reaches 0.7 of the
threshold, and no hidden neuron spikes without noise. Output weights are those of the active task.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from beyond.experiments.spike_times.stepped import (
    Backward,
    StepSettings,
    Trial,
    arrivals,
    response,
    run,
)

ACTIVE, SILENT = "active", "silent"
N_CHANNELS, N_HIDDEN, N_OUTPUTS, DURATION = 12, 12, 3, 32.0
WIDTH = 12.0
"""Input spikes come within this time, ms."""


class Task(NamedTuple):
    """A draw of a task.

    Attributes:
        params: Initial weights.
        inputs: Effects of input spikes on potential and current, each ``(step, channel)``.
        target: Filtered target trains, ``(step, output)``.
        JUDGED: Trials of an input for a judged loss.
    """

    params: dict[str, Array]
    inputs: tuple[Array, Array]
    target: Array

    JUDGED = 32

    def loss(self, trial: Trial, dt: float) -> Array:
        """Return the squared distance of filtered output trains from the targets."""
        return jnp.mean(jnp.sum((trial.trace - self.target) ** 2, axis=0) * dt / 2)

    def right(self, trial: Trial) -> Array:
        """Return NaN: no output is right or wrong."""
        return jnp.array(jnp.nan)

    def over_batch(self, function: Callable[..., Any], key: Array) -> Any:
        """Return a function of the task and the key: there is only one input."""
        return function(self, key)

    def over_tests(self, function: Callable[..., Any], key: Array) -> Any:
        """Return a function of the task and the key: the same input judges."""
        return function(self, key)


def draw(kind: str, key: Array, dt: float) -> Task:
    """Draw inputs, targets and initial weights of a task."""
    n_steps = round(DURATION / dt)
    keys = jax.random.split(key, 4)
    inputs = arrivals(WIDTH * jax.random.uniform(keys[0], (N_CHANNELS, 2)), dt, n_steps)
    hidden = 1 + jax.random.normal(keys[2], (N_HIDDEN, N_CHANNELS))
    output = 1 + jax.random.normal(keys[3], (N_OUTPUTS, N_HIDDEN))
    # Outputs are scaled behind the active network: the tasks differ in hidden weights alone.
    params = active(hidden, output, dt, lambda function: function(inputs))
    if kind == SILENT:
        params["hidden"] = hidden * 0.7 / jnp.max(hidden_peaks(hidden, inputs, dt))
    return Task(params, inputs, _target(keys[1], dt, n_steps))


def _target(key: Array, dt: float, n_steps: int) -> Array:
    """Return filtered trains of two target spikes per output, ``(step, output)``."""
    low, high = jnp.array([[6.0, 16.0]]), jnp.array([[13.0, 24.0]])
    times = jax.random.uniform(key, (N_OUTPUTS, 2), minval=low, maxval=high)
    lag = dt * jnp.arange(1, n_steps + 1)[:, None, None] - times[None]
    return jnp.sum(jnp.where(lag > 0, response(jnp.maximum(lag, 0.0)), 0.0), axis=-1)


def active(
    hidden: Array, output: Array, dt: float, of_inputs: Callable[[Callable[..., Array]], Array]
) -> dict[str, Array]:
    """Scale weights as those of an active network.

    The median largest potential, over samples and neurons, is twice the threshold in both layers.

    Args:
        hidden: Weights of the hidden layer before scaling.
        output: Weights of the output layer before scaling.
        dt: Time step, ms.
        of_inputs: Returns the results of a function for the input, or for all samples.
    """
    driven = of_inputs(lambda inputs: hidden_peaks(hidden, inputs, dt))
    hidden = hidden * 2 / jnp.median(driven)
    reached = of_inputs(lambda inputs: output_peaks(hidden, output, inputs, dt))
    return {"hidden": hidden, "output": output * 2 / jnp.maximum(jnp.median(reached), 1e-3)}


def hidden_peaks(hidden: Array, inputs: tuple[Array, Array], dt: float) -> Array:
    """Return the largest potential of each hidden neuron without noise and reset."""
    return jnp.max(responses(inputs, dt) @ hidden.T, axis=0)


def output_peaks(hidden: Array, output: Array, inputs: tuple[Array, Array], dt: float) -> Array:
    """Return the largest potential of each output neuron without noise and reset."""
    settings = StepSettings(dt, float("inf"), Backward.TIMES)
    noise = jnp.ones((len(inputs[0]) + 1, len(hidden) + len(output)))
    quiet = {"hidden": hidden, "output": 0 * output}
    return jnp.max(run(settings, quiet, inputs, noise).hidden_trace @ output.T, axis=0)


def responses(inputs: tuple[Array, Array], dt: float) -> Array:
    """Return the response to each input channel, ``(step, channel)``."""

    def advance(state: tuple, arrived: tuple) -> tuple[tuple, Array]:
        v, i = state
        v = jnp.exp(-dt / 10.0) * v + response(jnp.array(dt)) * i + arrived[0]
        return (v, jnp.exp(-dt / 5.0) * i + arrived[1]), v

    zero = jnp.zeros(inputs[0].shape[1])
    return jax.lax.scan(advance, (zero, zero), inputs)[1]
