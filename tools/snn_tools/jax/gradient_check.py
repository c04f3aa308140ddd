r"""Compare the derivatives of a network's code with finite differences, without noise, in float64.

Two tests are made. *Given its spikes*, a network is an ordinary function of its parameters. JAX
differentiates all potentials and the loss, which must agree with finite differences. A wrong
derivative here is also wrong in every estimate of the true gradient that differentiates the code.

*With probabilities in place of spikes* (`snn.mean`), the whole network is an ordinary function; the
derivative is the matched one, and the reset is differentiated. This test shows a derivative that is
cut or scaled between layers. It also shows a reset that is detached by hand, which is not a fault:
the derivative is right without the `stop_gradient` of the reset (`snn_tools.jax.open_resets`).

Both tests go array by array, along the derivative itself and along a random direction. In low noise
and over time the second function bends within small distances: finite differences count only where
three neighbouring distances agree.
"""

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from snn.estimators.base import equations_in
from snn.noise import FIRE, SILENT, Uniforms
from snn.program import Program
from snn.spikes import FIXED
from snn.types import Params
from snn_tools.jax.flow import follow
from snn_tools.jax.open_resets import SMOOTH, gradient_without_stops, traced_at
from snn_tools.jax.problem import Problem, leaves_of
from snn_tools.shared.budget import Clock
from snn_tools.shared.gradient_check import (
    OPENED,
    SMOOTHED,
    STEPS,
    TESTS,
    Check,
    judged,
    worst,
)

N_FAR = 8
"""Number of random changes of an array with derivative 0, each as large as the array."""

SECONDS = 60.0
"""Seconds that the tests of the code may use, even if the budget is smaller."""


class CodeTest(NamedTuple):
    """Results of the tests of a network's code.

    Attributes:
        checks: derivatives against finite differences, array by array.
        comparisons: names of the primitives that compare spikes, round or cast them to integers.
        counted: whether the result of a comparison becomes a number, as in ``(s > 0.5).sum()``.
        untested: names of the arrays that were not tested for lack of time.
    """

    checks: tuple[Check, ...] = ()
    comparisons: tuple[str, ...] = ()
    counted: bool = False
    untested: tuple[str, ...] = ()


Trial: TypeAlias = tuple[Program, Uniforms, Uniforms, list[Array]]
"""Arguments of the two functions: program, noise, forced spikes, and weights of the sites."""


def check(
    problem: Problem, noise: Uniforms, spikes: list[Array], key: Array, clock: Clock
) -> CodeTest:
    """Make both tests with the noise and spikes of a single trial, without trial axis.

    If the second test finds a difference, it is repeated without the stops of resets. Arrays are
    tested as long as ``clock`` has time for the tests of the code.
    """
    program, params = problem
    forced = Uniforms(
        tuple(
            jax.device_put(np.where(np.asarray(s) > 0.5, FIRE, SILENT).astype(xi.dtype))
            for xi, s in zip(noise.values, spikes, strict=True)
        )
    )
    rng = np.random.default_rng(np.asarray(jax.random.bits(key, (4,))))
    weights = [jax.device_put(rng.standard_normal(s.shape).astype(s.dtype)) for s in spikes]
    traced = traced_at(problem)
    flow = follow(traced)
    types = {var.aval.dtype for eqn in equations_in(traced.jaxpr) for var in eqn.outvars}
    types = {t for t in types if jnp.issubdtype(t, jnp.floating)} or {jnp.result_type(float)}
    eps = max(float(jnp.finfo(t).eps) for t in types)  # of the coarsest numbers in the code
    trial = program, noise, forced, weights
    checks = [c for test in TESTS for c in _tested(test, trial, eps, params, rng, _gradient, clock)]
    wrong = any(c.test == SMOOTHED and c.verdict in ("cut", "differs") for c in checks)
    smoothed = _gradient(params, trial, SMOOTHED) if wrong else None
    if wrong and (gradient := gradient_without_stops(problem, flow, eps, smoothed)):
        again = _tested(SMOOTHED, trial, eps, params, rng, lambda p, *_: gradient(p), clock)
        checks += [dataclasses.replace(c, test=OPENED) for c in again]
        # Without time for the second look, a difference may be no more than a detached reset.
        looked = {c.leaf for c in again}
        checks = [
            dataclasses.replace(c, verdict="undecided")
            if c.test == SMOOTHED and c.verdict in ("cut", "differs") and c.leaf not in looked
            else c
            for c in checks
        ]
    complete = [{c.leaf for c in checks if c.test == test} for test in TESTS]
    names = (leaf.name for leaf in leaves_of(params))
    untested = tuple(name for name in names if any(name not in tested for tested in complete))
    return CodeTest(tuple(checks), flow.comparisons, flow.counted, untested)


# The value, the gradient and the quotients share a trace of the network, hence `jit` here.
@partial(jax.jit, static_argnums=2)
def _value(params: Params, trial: Trial, test: str) -> Array:
    program, noise, forced, weights = trial
    if test == SMOOTHED:
        return program(params, noise, SMOOTH).loss
    run = program(params, forced, FIXED)
    # A refractory neuron is at minus infinity, whatever its parameters.
    sites = [
        jnp.sum(jnp.where(jnp.isfinite(layer.v), weight * layer.v, 0.0))
        for weight, layer in zip(weights, run.trace, strict=True)
    ]
    return run.loss + sum(sites)


_gradient = jax.jit(jax.grad(_value), static_argnums=2)


@partial(jax.jit, static_argnames="test")
def _quotients(params: Params, direction: Params, trial: Trial, test: str) -> tuple[Array, ...]:
    """Return central quotients along a direction, the function's size, and its range nearby."""

    def at(step: Array) -> Array:
        moved = jax.tree.map(lambda p, d: p + step.astype(p.dtype) * d, params, direction)
        return _value(moved, trial, test)

    h = jnp.asarray(STEPS, jnp.result_type(float))
    values = jax.lax.map(at, jnp.concatenate([h, -h, jnp.zeros(1, h.dtype)]))
    n = len(STEPS)
    nearby = jnp.concatenate([values[n // 2 : n], values[n + n // 2 :]])
    return (values[:n] - values[n:-1]) / (2 * h), jnp.abs(values[-1]), jnp.ptp(nearby)


def _tested(
    test: str,
    trial: Trial,
    eps: float,
    params: Params,
    rng: np.random.Generator,
    gradient: Callable[..., Params],
    clock: Clock,
) -> list[Check]:
    derivatives = [np.asarray(g, float) for g in jax.tree.leaves(gradient(params, trial, test))]
    arrays, structure = jax.tree.flatten(params)
    zeros = [np.zeros(np.shape(array), jnp.result_type(array)) for array in arrays]
    checks = []
    for k, (name, index, _) in enumerate(leaves_of(params)):
        if clock.elapsed() > max(clock.budget, SECONDS):
            break
        derivative = derivatives[k].reshape(-1)
        size = float(np.linalg.norm(np.asarray(arrays[k], float))) or len(index) ** 0.5
        directions = [rng.standard_normal(len(index))]
        if derivative.any() and np.isfinite(derivative).all():
            directions.append(derivative)
        no_derivative = not derivative.any()
        constant, changes, verdicts = True, False, []
        for part in directions:
            direction = part / np.linalg.norm(part) * size
            along = direction.reshape(zeros[k].shape).astype(zeros[k].dtype)
            moves = jax.tree.unflatten(structure, [*zeros[:k], along, *zeros[k + 1 :]])
            quotients, scale, spread = _quotients(params, moves, trial, test)
            constant = constant and float(spread) == 0
            changes = changes or bool(np.nan_to_num(np.asarray(quotients, float)).any())
            along_it = float(derivative @ direction)
            verdicts.append(judged(along_it, np.asarray(quotients, float), float(scale), eps))
        ratio, verdict = worst(verdicts)
        zero = no_derivative and constant
        jumps = no_derivative and (changes or _changes_far(params, k, size, trial, test))
        checks.append(Check(test, name, ratio, verdict, zero, jumps))
    return checks


def _changes_far(params: Params, k: int, size: float, trial: Trial, test: str) -> bool:
    """Return whether the function changes if array ``k`` changes by its own norm, at random."""
    arrays, structure = jax.tree.flatten(params)
    array = np.asarray(arrays[k])
    rng = np.random.default_rng(0)

    def at(move: np.ndarray) -> float:
        moved = (array + move.reshape(array.shape)).astype(array.dtype)
        changed = jax.tree.unflatten(structure, [*arrays[:k], moved, *arrays[k + 1 :]])
        return float(_value(changed, trial, test))

    here = at(np.zeros(array.size))
    moves = rng.standard_normal((N_FAR, array.size))
    return any(at(size * move / np.linalg.norm(move)) != here for move in moves)


def widened(tree: Any, dtype: Any) -> Any:
    """Convert floating-point numbers to a wider type, unless their type is wider already."""

    def wide(leaf: Any) -> Any:
        if isinstance(leaf, Array) and jnp.issubdtype(leaf.dtype, jnp.floating):
            # NumPy converts without compiling.
            return jax.device_put(np.asarray(leaf).astype(jnp.promote_types(leaf.dtype, dtype)))
        return leaf

    return jax.tree.map(wide, tree)
