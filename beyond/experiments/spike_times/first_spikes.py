r"""A first-spike code on random curves: the class of an input is the output that spikes first.

Each class has a random smooth curve. The coordinate x of a sample is uniform in [0, 1], and channel
c of the class spikes once, at a time that is linear in

.. math:: f_c(x) = \sum_{k=1}^{4} \frac{a_{ck}}{k + 1} \sin 2\pi (k\, b_{ck}\, x + \theta_{ck})

with a, b and theta uniform in [0, 1]. The loss is the cross-entropy of the scores
:math:`-t_j / \tau`, where :math:`t_j` is the first spike of output j. A silent output has the time
of the trial's end. A spike exactly at the end therefore costs nothing, and the boundary term of the
pathwise gradient is zero.

Reference: Zenke and Vogels, "The remarkable robustness of surrogate gradient learning for
instilling complex function in spiking neural networks", Neural Computation 33(4), 2021; Göltz et
al., "Fast and energy-efficient neuromorphic deep learning with first-spike times", 2021.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from beyond.experiments.spike_times.learning_tasks import (
    DURATION,
    N_CHANNELS,
    N_HIDDEN,
    WIDTH,
    active,
)
from beyond.experiments.spike_times.stepped import Spikes, Trial, arrivals

FIRST = "first_spikes"
N_CLASSES, N_FREQUENCIES = 4, 4
N_SAMPLES, BATCH = 64, 16
"""Samples of the training set and of the test set; samples of an update."""
TAU = 2.0
"""Time constant of the scores, ms."""


class Sample(NamedTuple):
    """An input with its class.

    Attributes:
        inputs: Effects of input spikes on potential and current, each ``(step, channel)``.
        label: Class.
    """

    inputs: tuple[Array, Array]
    label: Array

    def loss(self, trial: Trial, dt: float) -> Array:
        """Return the cross-entropy of a trial's first spikes."""
        return -jax.nn.log_softmax(-first_times(trial.outputs) / TAU)[self.label]

    def right(self, trial: Trial) -> Array:
        """Return 1 if the output of the class spikes before all others, else 0."""
        first = first_times(trial.outputs)
        own, is_own = first[self.label], jnp.arange(N_CLASSES) == self.label
        others = jnp.where(is_own, jnp.inf, first)
        return (own < others.min()).astype(own.dtype)


class FirstSpikes(NamedTuple):
    """A draw of the task.

    Attributes:
        params: Initial weights.
        train: Training samples, with a first axis ``sample``.
        test: Test samples, with the same axis.
        JUDGED: Trials of a test sample for a judged loss.
    """

    params: dict[str, Array]
    train: Sample
    test: Sample

    JUDGED = 2

    def over_batch(self, function: Callable[[Sample, Array], Any], key: Array) -> Any:
        """Return the means of a function's results over a random batch of training samples."""
        own, other = jax.random.split(key)
        which = jax.random.choice(own, N_SAMPLES, (BATCH,), replace=False)
        batch = jax.tree.map(lambda values: values[which], self.train)
        each = jax.vmap(function)(batch, jax.random.split(other, BATCH))
        return jax.tree.map(lambda values: values.mean(axis=0), each)

    def over_tests(self, function: Callable[[Sample, Array], Any], key: Array) -> Any:
        """Return the means of a function's results over all test samples."""
        each = jax.vmap(function)(self.test, jax.random.split(key, N_SAMPLES))
        return jax.tree.map(lambda values: values.mean(axis=0), each)


def first_times(spikes: Spikes) -> Array:
    """Return the time of each neuron's first spike, ms; the end of the trial without one.

    The time without a spike is added up. Without the factor of a step in which a neuron spikes, the
    product goes on to the next spike: the derivative with respect to `fired` is the effect of a
    spike that is removed, or inserted.

    Args:
        spikes: Spikes of a layer in all steps, ``(step, neuron)``.
    """
    silent = jnp.cumprod(1 - spikes.fired, axis=0)
    before = jnp.concatenate([jnp.ones_like(silent[:1]), silent[:-1]])
    return jnp.sum(before * spikes.part, axis=0)


def draw(key: Array, dt: float) -> FirstSpikes:
    """Draw curves, samples and initial weights, which are those of an active network."""
    n_steps = round(DURATION / dt)
    keys = jax.random.split(key, 3)
    times, label = curves(keys[0])
    inputs = jax.vmap(lambda t: arrivals(t[:, None], dt, n_steps))(times)
    hidden = 1 + jax.random.normal(keys[1], (N_HIDDEN, N_CHANNELS))
    output = 1 + jax.random.normal(keys[2], (N_CLASSES, N_HIDDEN))
    parts = (slice(None, N_SAMPLES), slice(N_SAMPLES, None))
    train, test = (jax.tree.map(lambda x, p=p: x[p], Sample(inputs, label)) for p in parts)
    params = active(hidden, output, dt, lambda f: jax.vmap(lambda *sample: f(sample))(*inputs))
    return FirstSpikes(params, train, test)


def curves(key: Array) -> tuple[Array, Array]:
    """Return times of input spikes, ms, ``(sample, channel)``, and classes, which take turns."""
    keys = jax.random.split(key, 4)
    shape = (N_CLASSES, N_CHANNELS, N_FREQUENCIES)
    a, b, theta = (jax.random.uniform(k, shape) for k in keys[:3])
    label = jnp.arange(2 * N_SAMPLES) % N_CLASSES
    x = jax.random.uniform(keys[3], label.shape)[:, None, None]
    k = jnp.arange(1, N_FREQUENCIES + 1)[None, None]
    waves = jnp.sin(2 * jnp.pi * (k * b[label] * x + theta[label]))
    f = jnp.sum(a[label] / (k + 1) * waves, axis=-1)
    low, high = f.min(axis=0, keepdims=True), f.max(axis=0, keepdims=True)
    return WIDTH * (f - low) / (high - low), label
