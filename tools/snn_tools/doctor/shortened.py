"""Shorten a long trial for the tests of the code, which run the network some hundred times."""

from dataclasses import replace
from typing import Any

import jax
from jax import Array

from snn.noise import Constant, Uniforms
from snn.spike_function import Steps
from snn.spikes import FIXED
from snn_tools.comparison.problem import Problem
from snn_tools.doctor.single_trials import SingleTrials

MANY_SITES = 20_000
"""Largest number of spike sites of a trial that is not shortened."""

FEWEST_STEPS = 16


def shortened(
    single: SingleTrials, noise: Uniforms, spikes: list[Array]
) -> tuple[Problem, Uniforms, list[Array], int]:
    """Return a problem over the first steps of the input, if there are many spike sites.

    Only a network of `snn.Steps` can be shortened, whose input has time as its first axis. The loss
    must accept the shorter output.

    Args:
        single: the network and its single trials.
        noise: noise of one trial.
        spikes: spikes of the same trial.

    Returns:
        Problem, noise and spikes, and the number of steps; 0 steps if nothing was shortened.
    """
    problem, unchanged = single.problem, (single.problem, noise, spikes, 0)
    program, sites = problem.program, problem.sites()
    if not (isinstance(program.network, Steps) and single.steps and sites > MANY_SITES):
        return unchanged
    steps = max(FEWEST_STEPS, single.steps * MANY_SITES // sites)
    if steps >= single.steps:
        return unchanged

    def cut(tree: Any) -> Any:
        return jax.tree.map(lambda leaf: leaf[:steps], tree)

    short = problem._replace(program=replace(program, x=cut(program.x)))
    try:
        jax.eval_shape(lambda p, q: p(q, Constant(), FIXED), *short)
    except (TypeError, ValueError, IndexError):  # the loss expects all steps
        return unchanged
    return short, cut(noise), cut(spikes), steps
