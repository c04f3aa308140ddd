"""Take fewer examples and fewer steps of a large network, so that a budget suffices.

A part is taken only if the smaller program is what its author would have written for a smaller
batch or a shorter input. The targets must therefore belong to the program, as in
``Partial(loss, targets)``. A constant in the code that has the old number of examples or steps
could otherwise meet the wrong examples: JAX does not refuse an index outside of an array.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import numpy as np
from jax.extend.core import Literal

from snn.estimators.base import equations_in
from snn.interop.spike_function import Recorded, Steps
from snn.noise import Constant, Uniforms
from snn.program import Program, site_shapes
from snn.spikes import FIXED
from snn_tools.jax.problem import Problem
from snn_tools.jax.truth import ENUMERABLE
from snn_tools.shared.budget import GRADIENT, PILOT, Clock, Cost

MANY_SITES = 20_000
"""Largest number of spike sites of a trial for the tests of the code."""

SITES_OF_TRIALS, SITES_PER_SECOND = 1_000_000, 20_000
"""Largest number of spike sites of a single trial: for any budget, and per second of the budget."""

RUNS, MARGIN = 12_000, 5
"""Cost of the pilot and of eight turns, in gradients of single trials, and a factor for a part.

The factor is for what does not shrink with a part: compiling, and steps of few neurons.
"""


def part_of(problem: Problem, most: float | int) -> tuple[Problem, str]:
    """Take the first examples of the batch, and then the first steps, of a large network.

    The network must be a `snn.Steps`, whose input has the axes time and batch, or a plain function,
    whose input has the batch as its first axis.

    Args:
        problem: program and parameters.
        most: number of spike sites of a trial that the part should not exceed.

    Returns:
        The part, and its description, such as "the first 2 of 64 examples". The description is
        empty if the problem is small enough, or cannot be made smaller.
    """
    words, timed = [], isinstance(problem.program.network, Steps)
    axes = {"examples": 1, "steps": 0} if timed else {"examples": 0}
    if not isinstance(problem.program.network, Steps | Recorded):
        return problem, ""
    for name, axis in axes.items():
        fewest, fewer = FEWER[name]
        sites = problem.sites()
        lengths = {np.shape(leaf)[axis : axis + 1] for leaf in jax.tree.leaves(problem.program.x)}
        if sites <= most or len(lengths) != 1 or () in lengths:
            continue
        ((length,),) = lengths
        if name == "examples" and _is_ambiguous(problem, length):
            continue
        n = max(fewest, int(length * most / sites))
        if n < length and (part := _checked(problem, fewer(problem.program, length, n), length)):
            problem = part
            words.append(f"the first {n} of {length} {name}")
    return problem, " and ".join(words)


def _is_ambiguous(problem: Problem, length: int) -> bool:
    """Return whether an array of the loss may have an entry per class, not one per example.

    It may if the network has a layer of as many neurons as there are examples, and if more than one
    array of the loss has that length, as labels and weights of classes do.
    """
    loss, params = map(jax.tree.leaves, (problem.program.loss, problem.params))
    return sum(length in np.shape(leaf) for leaf in loss) > 1 and any(
        length in np.shape(leaf) for leaf in params
    )


def _fewer_examples(program: Program, length: int, n: int) -> Program:
    """Take the first examples of input, states and targets."""
    network, loss = program.network, jax.tree.map(_first(length, n), program.loss)
    if not isinstance(network, Steps):
        return replace(program, x=jax.tree.map(lambda leaf: leaf[:n], program.x), loss=loss)
    x = jax.tree.map(lambda leaf: leaf[:, :n], program.x)
    network = replace(network, state=jax.tree.map(_first(length, n), network.state))
    return replace(program, network=network, x=x, loss=loss)


def _fewer_steps(program: Program, length: int, n: int) -> Program:
    """Take the first steps of input and targets."""
    loss = jax.tree.map(_first(length, n), program.loss)
    return replace(program, x=jax.tree.map(lambda leaf: leaf[:n], program.x), loss=loss)


def _first(length: int, n: int) -> Callable[[Any], Any]:
    """Return a function that shortens the first axis of length ``length`` to ``n``."""

    def cut(leaf: Any) -> Any:
        if length not in np.shape(leaf):
            return leaf
        return leaf[(slice(None),) * np.shape(leaf).index(length) + (slice(n),)]

    return cut


FEWER = {"examples": (2, _fewer_examples), "steps": (16, _fewer_steps)}
"""Smallest number of examples and of steps of a part, and the functions that take a part."""


def _checked(problem: Problem, program: Program, length: int) -> Problem | None:
    """Return the smaller problem, or None if its code still has something of the old length."""
    part = problem._replace(program=program)
    try:
        traced = jax.make_jaxpr(lambda p, q: p(q, Constant(), FIXED).loss)(*part)
        fewer = part.sites() < problem.sites()
    except (TypeError, ValueError, IndexError):  # the loss expects all examples, or all steps
        return None
    constants = [np.shape(const) for const in traced.consts]
    for equation in equations_in(traced.jaxpr):
        constants += [np.shape(x.val) for x in equation.invars if isinstance(x, Literal)]
        if equation.primitive.name == "iota":  # as jnp.arange
            constants += [equation.params["shape"]]
    return part if fewer and not any(length in shape for shape in constants) else None


def part_for_direction(problem: Problem, cost: Cost, clock: Clock) -> tuple[Problem, Cost, str]:
    """Take as much of a large network as leaves time for the pilot and the first turns.

    Returns:
        The problem or a part of it, the cost of its single trials, and the part's description.
    """
    sites = problem.sites()
    remaining = clock.left() - (PILOT + GRADIENT) * cost.compiled
    if sites <= ENUMERABLE or cost.run * RUNS <= remaining:
        return problem, cost, ""
    part, words = part_of(problem, max(1.0, sites * remaining / (MARGIN * cost.run * RUNS)))
    return part, cost._replace(run=cost.run * part.sites() / sites), words


def cut_sites(smaller: Problem, values: Any) -> Any:
    """Cut noise or spikes of one trial to the sites of a smaller problem, layer by layer."""
    arrays = values.values if isinstance(values, Uniforms) else values
    pairs = zip(arrays, site_shapes(*smaller), strict=True)
    cut = [array[tuple(map(slice, shape))] for array, shape in pairs]
    return Uniforms(tuple(cut)) if isinstance(values, Uniforms) else cut
