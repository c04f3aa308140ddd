"""The program of the late spike."""

import dataclasses

import jax
import jax.numpy as jnp
from jax import Array

import snn
from experiments.late_spike import LateSpike


def neuron(config: LateSpike) -> snn.LIF:
    """The neuron's parameters."""
    return snn.LIF(config.tau_mem, config.tau_syn, config.dt)


def program(config: LateSpike, step: int, n_steps: int) -> snn.Program:
    """A neuron with one input that spikes in every step; the loss is its spike at ``step``."""
    network = snn.LIFNetwork((1, 1), snn.escape.Sigmoid(config.beta), neuron(config))
    return spike_at(snn.Program(network, jnp.ones((n_steps, 1)), snn.losses.Linear()), step)


def params(config: LateSpike) -> list[dict[str, Array]]:
    """The one weight."""
    return [{"w": jnp.full((1, 1), config.weight)}]


def spike_at(program: snn.Program, step: Array | int) -> snn.Program:
    """The program with its output spike at ``step`` as loss: E[loss] = P(S[step] = 1)."""
    x = program.x
    weight = jax.nn.one_hot(step, x.shape[0], dtype=x.dtype)[:, None]
    return dataclasses.replace(program, loss=snn.losses.Linear(weight))
