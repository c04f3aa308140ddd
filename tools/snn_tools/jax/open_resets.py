"""Differentiate a smoothed loss without the `stop_gradient` of each reset."""

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from jax import Array

import snn.spikes
from snn.noise import Constant
from snn.spikes import Spike
from snn.surrogate import Matched
from snn.types import Params
from snn_tools.jax.flow import Flow, Function
from snn_tools.jax.problem import Problem

SMOOTH = Spike(snn.spikes.mean, Matched(), snn.spikes.through)
"""Probabilities in place of spikes, with matched derivatives and differentiated resets."""


def traced_at(problem: Problem) -> Any:
    """Trace the smoothed loss; parameters and input are its arguments, all else is constant."""
    program = problem.program

    def run(params: Params, x: Any) -> Array:
        return dataclasses.replace(program, x=x)(params, Constant(), SMOOTH).loss

    return jax.make_jaxpr(run)(problem.params, program.x)


def gradient_without_stops(
    problem: Problem, flow: Flow, eps: float, smoothed: Params | None = None
) -> Callable[[Params], Params] | None:
    """Return the gradient of the smoothed loss without the stops of its resets.

    Args:
        problem: program and parameters.
        flow: stops of the traced program, as `snn_tools.jax.flow.follow` returns them.
        eps: relative rounding error of the coarsest numbers in the code.
        smoothed: gradient of the smoothed loss with its stops, computed here if None.

    Returns:
        The gradient as a function of the parameters. None if the program has no such stops, or if a
        suspect stop changes the gradient: that stop belongs to no reset.
    """
    program, params = problem

    def gradient(function: Function) -> Callable[[Params], Params]:
        return jax.jit(jax.grad(lambda p: function(*jax.tree.leaves((p, program.x)))[0]))

    if flow.opened is None:
        return None
    if flow.without_suspects is not None:
        if smoothed is None:
            smoothed = jax.jit(jax.grad(lambda p: program(p, Constant(), SMOOTH).loss))(params)
        if not _alike(smoothed, gradient(flow.without_suspects)(params), eps**0.5):
            return None
    return gradient(flow.opened)


def _alike(a: Params, b: Params, tolerance: float) -> bool:
    """Return whether two gradients agree in every array, relative to the norm of the array."""

    def close(x: Array, y: Array) -> bool:
        difference = np.asarray(x, float) - np.asarray(y, float)
        return bool(np.linalg.norm(difference) <= tolerance * np.linalg.norm(x))

    return all(map(close, jax.tree.leaves(a), jax.tree.leaves(b)))
