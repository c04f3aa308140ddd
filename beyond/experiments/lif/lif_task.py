"""Task of figure 9: a network of LIF neurons has to fire target spike trains."""

from collections.abc import Iterator
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

import snn
from beyond.experiments.batches import pick
from experiments.neurons import NEURONS
from snn.draws import draw_numbers
from snn.types import Params
from snn.value_object import value_object

DT = 1e-3
"""Time step, s."""

RATE = 50.0
"""Rate of the Poisson inputs and of the Poisson targets, Hz."""
# The seed of a task is its key; the key of the noise is derived with this number.
NOISE = 0x5EED


@value_object
class LIFTask(snn.Program):
    """Program of a network of LIF neurons with the van Rossum distance as loss."""

    network: snn.LIFNetwork
    loss: snn.losses.VanRossum


class Tasks(NamedTuple):
    """Tasks; every leaf has a leading axis of tasks.

    Attributes:
        seeds: seeds of the tasks.
        programs: network, input and target.
        params: weights before training.
    """

    seeds: Array
    programs: LIFTask
    params: Params

    @property
    def one(self) -> tuple[snn.Program, Params]:
        """Program and weights of the first task."""
        return jax.tree.map(lambda leaf: leaf[0], (self.programs, self.params))

    def subset(self, indices: np.ndarray) -> "Tasks":
        """Return some of the tasks."""
        return pick(self, indices)

    def each(self) -> Iterator[tuple[snn.Program, Params, Array]]:
        """Iterate over programs, weights and keys; a task's own key is used up."""
        for i, seed in enumerate(np.asarray(self.seeds)):
            program, params = jax.tree.map(lambda leaf, i=i: leaf[i], (self.programs, self.params))
            yield program, params, jax.random.fold_in(jax.random.key(seed), NOISE)


def lif_task(
    key: Array,
    sizes: tuple[int, ...],
    n_steps: int,
    beta: float = 10.0,
    recurrence: float = 0.0,
    neuron: str = "LIF",
    input_rate: float = RATE,
) -> tuple[LIFTask, Params]:
    """Return a task: Poisson inputs and targets, van Rossum loss, fluctuation-driven weights.

    Args:
        key: a JAX random key; decides inputs, target and initial weights.
        sizes: number of inputs, then of neurons in each layer.
        n_steps: time steps of 1 ms.
        beta: slope of the sigmoid escape noise, 1/theta.
        recurrence: share of the recurrent input in the variance of the free potential; layers are
            recurrent if it is above 0.
        neuron: a key of `experiments.neurons.NEURONS`.
        input_rate: rate of the inputs, Hz; initial weights are scaled for `RATE`.

    Returns:
        The program, and its parameters before any training.
    """
    escape = snn.escape.Sigmoid(beta)
    network = snn.LIFNetwork(sizes, escape, NEURONS[neuron](DT), recurrent=recurrence > 0)
    inputs, target, weights = jax.random.split(key, 3)
    x = _poisson(inputs, n_steps, sizes[0], input_rate)
    loss = snn.losses.VanRossum(_poisson(target, n_steps, sizes[-1], RATE), dt=DT)
    params = network.init(weights, RATE, split=1 - recurrence)
    return LIFTask(network, x, loss), params


def _poisson(key: Array, n_steps: int, n: int, rate: float) -> Array:
    """Return Poisson spikes, ``(time, neuron)``."""
    dtype = jnp.result_type(float)
    return (draw_numbers(jax.random.uniform, key, (n_steps, n)) < rate * DT).astype(dtype)
