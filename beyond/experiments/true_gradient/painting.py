"""Figure 6's picture as the target of LIF tasks, in its noise and with its kernel."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np

import snn
from beyond.experiments.true_gradient.lif_task import LIFTask, Tasks
from experiments.spike_timing.picture import read, target
from experiments.spike_timing.task import PUBLISHED_KERNEL

ROTUNDA = "rotunda"
DENSITY = 0.274
"""Share of spikes in the picture."""
STEEPER = 10.0
"""Slope of the output noise over that of the hidden noise, as in figure 6."""


def picture(n_outputs: int, steps: int) -> np.ndarray:
    """Return the picture as spikes, ``(time, neuron)``."""
    return target(ROTUNDA, n_outputs, steps, DENSITY, read(ROTUNDA)).T


def painting(tasks: Tasks, spikes: np.ndarray, beta: float) -> Tasks:
    """Return the tasks with the picture as target and figure 6's output noise."""
    distance = snn.losses.VanRossum(jnp.asarray(spikes), **PUBLISHED_KERNEL)
    noise = tuple(snn.escape.Sigmoid(slope) for slope in (beta, STEEPER * beta))

    def one(program: LIFTask) -> LIFTask:
        return replace(program, network=replace(program.network, escape=noise), loss=distance)

    return tasks._replace(programs=jax.vmap(one)(tasks.programs))
