r"""Tasks on spike times: targets for outputs, from an active and a silent network; first spikes.

- *Times*: each output has two target spikes. The loss is the squared difference of filtered spike
  trains, so that it changes smoothly as spikes move, and a spike at the end of the trial costs
  nothing. Hidden weights are scaled such that the median hidden neuron would reach twice the
  threshold without noise and reset; in the *silent* task such that the best-driven one reaches 0.7
  of it, and no hidden neuron spikes without noise.
- *First spikes*: samples of random curves (Zenke and Vogels, 2021), one spike a channel. The class
  is the output that spikes first. The loss is the cross-entropy of minus the times of first spikes
  over 2 ms; an output without a spike has the time of the trial's end.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from beyond.experiments.spike_times.stepped import (
    Backward,
    Settings,
    Trial,
    arrivals,
    response,
    run,
)

TIMES, SILENT, FIRST = "times", "silent", "first_spikes"
N_CHANNELS, N_HIDDEN, DURATION, N_CLASSES = 12, 12, 32.0, 4
N_OUTPUTS = {TIMES: 3, SILENT: 3, FIRST: N_CLASSES}
N_SAMPLES, BATCH = 64, 16
"""Samples of each set of the first-spike task, and of an update."""
TEMPERATURE = 2.0
"""Time that a difference of first spikes is measured by, ms."""
WIDTH = 12.0
"""Input spikes come within this time, ms."""


class Task(NamedTuple):
    """A draw of a task.

    Attributes:
        params: Initial weights.
        on_v: What input spikes add to potentials, ``(sample, step, channel)``.
        on_i: What they add to currents, same shape.
        target: Filtered target trains ``(sample, step, output)``, or the class ``(sample,)``. The
            second half of the samples tests; a times task has one sample, which does both.
    """

    params: dict[str, Array]
    on_v: Array
    on_i: Array
    target: Array


def loss_of(kind: str, trial: Trial, target: Array, dt: float) -> Array:
    """Return the loss of a trial."""
    if kind == FIRST:
        return -jax.nn.log_softmax(-trial.first / TEMPERATURE)[target]
    return jnp.mean(jnp.sum((trial.trace - target) ** 2, axis=0)) * dt / 2


def draw(kind: str, key: Array, dt: float) -> Task:
    """Draw a task: inputs, targets and initial weights."""
    n_steps = round(DURATION / dt)
    keys = jax.random.split(key, 5)
    n_samples = 2 * N_SAMPLES if kind == FIRST else 1
    if kind == FIRST:
        times, target = _curves(keys[0], n_samples)
    else:
        times = WIDTH * jax.random.uniform(keys[0], (1, N_CHANNELS, 2))
        target = _target_trains(keys[1], dt, n_steps)
    on_v, on_i = jax.vmap(lambda t: arrivals(t, dt, n_steps))(times)
    hidden = 1 + jax.random.normal(keys[2], (N_HIDDEN, N_CHANNELS))
    output = 1 + jax.random.normal(keys[3], (N_OUTPUTS[kind], N_HIDDEN))
    peaks = jax.vmap(lambda v, i: _peaks(hidden, v, i, dt))(on_v, on_i)
    active = hidden * 2 / jnp.median(peaks)
    # Outputs are scaled behind the active network: the tasks differ in hidden weights alone.
    sent = jax.vmap(lambda v, i: _output_peaks(active, output, (v, i), dt))(on_v, on_i)
    output = output * 2 / jnp.maximum(jnp.median(sent), 1e-3)
    scaled = hidden * 0.7 / jnp.max(peaks) if kind == SILENT else active
    return Task({"hidden": scaled, "output": output}, on_v, on_i, target)


def _curves(key: Array, n_samples: int) -> tuple[Array, Array]:
    """Return times of input spikes, ms, ``(sample, channel, 1)``, and classes."""
    keys = jax.random.split(key, 4)
    shape = (N_CLASSES, N_CHANNELS, 4)
    a, b, c = (jax.random.uniform(k, shape) for k in keys[:3])
    x = jax.random.uniform(keys[3], (n_samples,))
    label = jnp.arange(n_samples) % N_CLASSES
    order = jnp.arange(1, 5)
    waves = jnp.sin(2 * jnp.pi * (order * b[label] * x[:, None, None] + c[label]))
    curve = jnp.sum(a[label] / (order + 1) * waves, axis=-1)
    low, high = curve.min(axis=0), curve.max(axis=0)
    return (WIDTH * (curve - low) / (high - low))[..., None], label


def _target_trains(key: Array, dt: float, n_steps: int) -> Array:
    """Return filtered trains of two target spikes per output, ``(1, step, output)``."""
    low, high = jnp.array([6.0, 16.0]), jnp.array([13.0, 24.0])
    times = jax.random.uniform(key, (N_OUTPUTS[TIMES], 2), minval=low, maxval=high)
    lag = dt * jnp.arange(1, n_steps + 1)[:, None, None] - times
    return jnp.sum(jnp.where(lag > 0, response(jnp.maximum(lag, 0.0)), 0.0), axis=-1)[None]


def _peaks(weights: Array, on_v: Array, on_i: Array, dt: float) -> Array:
    """Return the largest potential of each neuron without spikes."""

    def advance(state: tuple, arrived: tuple) -> tuple[tuple, Array]:
        v, i = state
        v = jnp.exp(-dt / 10.0) * v + response(jnp.array(dt)) * i + weights @ arrived[0]
        i = jnp.exp(-dt / 5.0) * i + weights @ arrived[1]
        return (v, i), v

    zero = jnp.zeros(len(weights))
    return jnp.max(jax.lax.scan(advance, (zero, zero), (on_v, on_i))[1], axis=0)


def _output_peaks(hidden: Array, output: Array, inputs: tuple[Array, Array], dt: float) -> Array:
    """Return the largest potential of each output neuron without noise and reset."""
    settings = Settings(dt, float("inf"), Backward.TIMES)
    noise = jnp.ones((len(inputs[0]) + 1, len(hidden) + len(output)))
    params = {"hidden": hidden, "output": 0 * output}
    return jnp.max(run(settings, params, inputs, noise).hidden_trace @ output.T, axis=0)
