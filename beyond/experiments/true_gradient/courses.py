"""Tasks whose losses are the same on spikes, and take another course between them."""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

import snn
from beyond.experiments.true_gradient.lif_task import LIFTask, Tasks
from snn.program import Program
from snn.types import Noise, Params, Run
from snn.value_object import value_object


@value_object
class HiddenBetween(Program):
    """A program with another course of its loss between the hidden spikes.

    Attributes:
        gamma: times half the sum over hidden spikes of s^2 - s, which is 0 on spikes.
    """

    gamma: Any = 0.0

    def __call__(self, params: Params, noise: Noise, spike: Any) -> Run:
        run = Program.__call__(self, params, noise, spike)
        beside = sum((layer.s**2 - layer.s).sum() for layer in run.trace[:-1])
        return run._replace(loss=run.loss + self.gamma / 2 * beside)


def between(tasks: Tasks, lam: float) -> Tasks:
    """Return the tasks with another course of their distance between spikes."""

    def one(program: LIFTask, lam: Array) -> Program:
        return Program(program.network, program.x, snn.losses.Between(program.loss, lam))

    # An argument: tasks of all lambda are one program.
    lams = jnp.full(len(tasks.seeds), lam)
    return tasks._replace(programs=jax.vmap(one)(tasks.programs, lams))


def hidden(tasks: Tasks, gamma: float) -> Tasks:
    """Return the tasks with another course of their loss between hidden spikes."""

    def one(program: Program) -> HiddenBetween:
        return HiddenBetween(program.network, program.x, program.loss, jnp.asarray(gamma))

    return tasks._replace(programs=jax.vmap(one)(tasks.programs))
