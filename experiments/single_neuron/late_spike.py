"""Late spike of a driven neuron: a spike whose derivative depends on the neuron's past."""

import dataclasses
from typing import Annotated

import jax
import jax.numpy as jnp
from jax import Array
from pydantic import Field

import snn
from experiments.engine.experiment import Experiment, Positive, param


class LateSpike(Experiment):
    """Late spike of a leaky integrate-and-fire neuron with an input spike in every step.

    A larger weight makes the neuron fire earlier; the reset then keeps it from firing at the late
    step.
    """

    beta: Positive = param(10.0, "slope of escape noise and surrogate", unit="1/potential")
    tau_mem: Positive = param(10e-3, "membrane time constant", unit="s")
    tau_syn: Positive = param(5e-3, "synaptic time constant", unit="s")
    dt: Positive = param(1e-3, "time step", unit="s")
    weight: float = param(1.0, "weight of the input that spikes in every step")
    late_step: Annotated[int, Field(ge=2, le=12)] = param(7, "step of the late spike")


def neuron(config: LateSpike) -> snn.LIF:
    """Return the neuron's parameters."""
    return snn.LIF(config.tau_mem, config.tau_syn, config.dt)


def program(config: LateSpike, step: int, n_steps: int) -> snn.Program:
    """Return a neuron driven in every step; its spike at ``step`` is the loss.

    Args:
        config: The experiment's parameters.
        step: Step of the spike that is the loss, from 0 on.
        n_steps: Number of steps.
    """
    network = snn.LIFNetwork((1, 1), snn.escape.Sigmoid(config.beta), neuron(config))
    return spike_at(snn.Program(network, jnp.ones((n_steps, 1)), snn.losses.Linear()), step)


def params(config: LateSpike) -> list[dict[str, Array]]:
    """Return the only weight."""
    return [{"w": jnp.full((1, 1), config.weight)}]


def spike_at(program: snn.Program, step: Array | int) -> snn.Program:
    """Return the program with its output spike at ``step`` as loss: E[loss] = P(S[step] = 1)."""
    x = program.x
    weight = jax.nn.one_hot(step, x.shape[0], dtype=x.dtype)[:, None]
    return dataclasses.replace(program, loss=snn.losses.Linear(weight))
