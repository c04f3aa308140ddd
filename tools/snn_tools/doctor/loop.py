"""Test whether a mean surrogate gradient is a gradient, by its integral around a loop."""

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import numpy as np
from jax import Array

from snn.estimators.base import AnyEstimator, Oracle
from snn.estimators.surrogate import Surrogate
from snn.fields import circle, gradient_field
from snn_tools.budget import Clock
from snn_tools.comparison.problem import Problem, leaves_of, noise_and_key
from snn_tools.doctor.grid import mean_of


@dataclasses.dataclass(frozen=True)
class Loop:
    r"""Line integral of the mean surrogate gradient around a closed loop.

    Attributes:
        plane: the two arrays of parameters that are varied together.
        integral: :math:`\oint E[g] \cdot d\theta`; 0 for any gradient.
        se: standard error of the integral; 0 for an exact mean. The quadrature has `N_POINTS`
            points, which is coarse for a network without noise, whose gradient jumps.
        relative: the integral over :math:`\oint |E[g]| |d\theta|` in the plane, at most 1 in size.
    """

    plane: tuple[str, str]
    integral: float
    se: float
    relative: float


N_POINTS = 32
N_LOOPS = 8
RADIUS = 0.3
"""Radius of the loop, relative to the norms of the two arrays."""


def around(problem: Problem, surrogate: Surrogate, key: Array, clock: Clock) -> Loop | str | None:
    """Make the closed-loop test in the plane of the first and the last array, along the gradient.

    The gradient of the first array depends on the last array and vice versa: a field that differs
    from every gradient is most likely to show in this plane.

    Returns:
        The loop. A text with the reason if the surrogate gradient is 0 or not finite; None if
        Ctrl-C left too few loops for a standard error.
    """
    first, last = (leaves_of(problem.params)[i] for i in (0, -1))
    estimator, exact = mean_of(problem, surrogate)
    trials = max(2, min(64, problem.at_once()))
    theta, _ = gradient_field(estimator, *problem)
    start = np.asarray(_field(estimator, problem, key, trials)(theta), float)
    if not np.isfinite(start).all():
        return "a gradient that is not finite"
    directions = plane_of(start, theta.astype(float), [first.index, last.index])
    if directions is None:
        return "a gradient of 0"
    curve = circle(theta, directions[1], directions[0], 1.0)
    points, tangents = curve(2 * np.pi * np.arange(N_POINTS) / N_POINTS)
    loops = []
    try:
        for own in jax.random.split(key, 1 if exact else N_LOOPS):
            if len(loops) > 1 and clock.left() < 0:
                break
            clock.show(f"closed loop {len(loops) + 1} of {N_LOOPS}")
            field = _field(estimator, problem, own, trials)
            loops.append([np.asarray(field(p), float) for p in points.astype(theta.dtype)])
    except KeyboardInterrupt:
        clock.interrupted = True
        if len(loops) < 2:
            return None
    fields = np.array(loops)
    if not np.isfinite(fields).all():
        return "a gradient that is not finite"
    within = [fields[..., leaf.index] for leaf in (first, last)]
    return Loop((first.name, last.name), *integrated(fields, tangents, within, exact))


def _field(
    estimator: AnyEstimator, problem: Problem, key: Array, trials: int
) -> Callable[[np.ndarray], Any]:
    """Return the mean gradient as a function of flat parameters, with the same noise everywhere."""
    if isinstance(estimator, Oracle):
        # The direction has compiled the oracle before, as a function of structured parameters.
        return partial(_exact, estimator, problem)
    noise, _ = noise_and_key(*problem, key, trials)
    return gradient_field(estimator, *problem, noise)[1]


def _exact(estimator: Oracle, problem: Problem, theta: np.ndarray) -> np.ndarray:
    """Return an exact gradient at flat parameters; in NumPy, which needs no compilation."""
    leaves, structure = jax.tree.flatten(problem.params)
    parts = np.split(theta, np.cumsum([*map(np.size, leaves)])[:-1])
    params = [
        part.reshape(np.shape(leaf)).astype(jax.numpy.result_type(leaf))
        for part, leaf in zip(parts, leaves, strict=True)
    ]
    grad = estimator(problem.program, jax.tree.unflatten(structure, params)).grad
    return np.concatenate([np.ravel(np.asarray(leaf, float)) for leaf in jax.tree.leaves(grad)])


def integrated(
    fields: np.ndarray, tangent: np.ndarray, within: list[np.ndarray], exact: bool
) -> tuple[float, float, float]:
    """Integrate over the loops, and return `Loop.integral`, `Loop.se` and `Loop.relative`.

    Args:
        fields: gradients, ``(loop, point, parameter)``.
        tangent: derivative of the parameters with respect to the angle, ``(point, parameter)``.
        within: gradients of the two arrays of the plane.
        exact: whether the gradients have no sampling error.
    """
    step = 2 * np.pi / N_POINTS
    integrals = step * np.einsum("ltp,tp->l", fields, tangent)
    sizes = np.hypot(*(np.linalg.norm(part.mean(axis=0), axis=1) for part in within))
    se = 0.0 if exact else float(integrals.std(ddof=1) / len(integrals) ** 0.5)
    value = float(integrals.mean())
    most = float(step * (sizes * np.linalg.norm(tangent, axis=1)).sum())
    return value, se, value / most if most else 0.0


def plane_of(gradient: np.ndarray, theta: np.ndarray, parts: list) -> list[np.ndarray] | None:
    """Return two orthogonal directions; for a single array, gradient and weights across it."""
    directions = []
    for n, index in enumerate(parts):
        direction = np.zeros_like(theta)
        direction[index] = gradient[index]
        if n == 1 and np.array_equal(parts[0], parts[1]):
            direction[index] = theta[index]
            first = directions[0]
            direction -= first * (direction @ first) / (first @ first)
        norm = np.linalg.norm(direction)
        if norm < 1e-30:
            return None
        size = np.linalg.norm(theta[index]) or len(index) ** 0.5
        directions.append(direction / norm * RADIUS * size)
    return directions
