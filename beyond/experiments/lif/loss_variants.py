"""LIF tasks with variants of the loss: other values between spikes, or a picture."""

from dataclasses import replace
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

import snn
from beyond.experiments.lif.lif_task import LIFTask, Tasks
from experiments.spike_timing.picture import read, target
from experiments.spike_timing.task import PUBLISHED_KERNEL
from snn.program import Program

ROTUNDA = Path(__file__).with_name("rotunda.png")
"""Picture that was figure 6's when these tasks were trained; figure 6's has been drawn anew."""
DENSITY = 0.274
"""Share of spikes in the picture."""
OUTPUT_SLOPE_FACTOR = 10.0
"""Slope of the output noise over that of the hidden noise, as in figure 6."""


def between(tasks: Tasks, lam: float) -> Tasks:
    """Return the tasks with other values of the distance between output spikes."""

    def one(program: LIFTask, lam: Array) -> Program:
        return Program(program.network, program.x, snn.losses.Between(program.loss, lam))

    # Lambda is an argument: all lambda share a compiled program.
    lams = jnp.full(len(tasks.seeds), lam)
    return tasks._replace(programs=jax.vmap(one)(tasks.programs, lams))


def picture(n_outputs: int, steps: int) -> np.ndarray:
    """Return the picture as spikes, ``(time, neuron)``."""
    return target(ROTUNDA, n_outputs, steps, DENSITY, read(ROTUNDA)).T


def painting(tasks: Tasks, spikes: np.ndarray, beta: float) -> Tasks:
    """Return the tasks with the picture as target and figure 6's output noise.

    Args:
        tasks: the tasks.
        spikes: the picture, ``(time, neuron)``.
        beta: slope of the hidden noise, 1/potential.
    """
    distance = snn.losses.VanRossum(jnp.asarray(spikes), **PUBLISHED_KERNEL)
    noise = tuple(snn.escape.Sigmoid(slope) for slope in (beta, OUTPUT_SLOPE_FACTOR * beta))

    def one(program: LIFTask) -> LIFTask:
        return replace(program, network=replace(program.network, escape=noise), loss=distance)

    return tasks._replace(programs=jax.vmap(one)(tasks.programs))
