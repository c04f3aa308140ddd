"""Is it a gradient at all? The line integral of the mean surrogate gradient around a loop."""

import dataclasses
from typing import Any

import jax
import numpy as np
from jax import Array
from jax.flatten_util import ravel_pytree

from snn.estimators.base import Estimator
from snn.estimators.expected import Expected
from snn.estimators.surrogate import Surrogate
from snn.spikes import sample
from snn_tools.budget import Clock
from snn_tools.comparison.problem import Problem, leaves_of, noise_and_key
from snn_tools.comparison.truth import ENUMERABLE


@dataclasses.dataclass(frozen=True)
class Loop:
    r"""Line integral of the mean surrogate gradient around a closed loop.

    Attributes:
        plane: the two arrays of parameters that are varied together.
        integral: :math:`\oint E[g] \cdot d\theta`; that of any gradient is 0.
        se: its standard error; 0 where nothing is sampled. The quadrature has `N_POINTS` points: of
            a network without noise, whose gradient jumps, the integral is that coarse.
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

    The lower array's gradient depends on the upper weights and the other way round, so that a
    field that is no gradient shows here if anywhere. None if there was time for less than two
    loops; what is wrong if the surrogate gradient is 0 or not finite.
    """
    program, params = problem
    leaves = leaves_of(params)
    flat, unflatten = ravel_pytree(params)
    theta = np.asarray(flat, float)
    enumerated = problem.sites() <= ENUMERABLE and surrogate.forward is sample
    exact = enumerated or surrogate.forward is not sample
    estimator: Estimator = Expected(surrogate, max_sites=ENUMERABLE) if enumerated else surrogate
    trials = max(2, min(64, problem.at_once()))

    def field(point: np.ndarray, noise: Any) -> np.ndarray:
        at = unflatten(jax.numpy.asarray(point, flat.dtype))
        grad = estimator(program, at, noise).grad  # an oracle does not look at it
        return np.asarray(ravel_pytree(grad)[0], float)

    start = field(theta, noise_and_key(*problem, key, trials)[0])
    if not np.isfinite(start).all():
        return "a gradient that is not finite"
    plane = _plane(start, theta, [leaves[0].index, leaves[-1].index])
    if plane is None:
        return "a gradient of 0"
    angles = 2 * np.pi * np.arange(N_POINTS) / N_POINTS
    ahead = np.cos(angles)[:, None] * plane[0] + np.sin(angles)[:, None] * plane[1]
    tangent = -np.sin(angles)[:, None] * plane[0] + np.cos(angles)[:, None] * plane[1]
    loops = []
    try:
        for own in jax.random.split(key, 1 if exact else N_LOOPS):
            if len(loops) > 1 and clock.left() < 0:
                break
            clock.says(f"closed loop {len(loops) + 1} of {N_LOOPS}")
            noise = noise_and_key(*problem, own, trials)[0]
            loops.append([field(theta + step, noise) for step in ahead])
    except KeyboardInterrupt:
        clock.interrupted = True
    if not loops or (not exact and len(loops) < 2):
        return None
    fields = np.array(loops)
    names = leaves[0].name, leaves[-1].name
    if not np.isfinite(fields).all():
        return "a gradient that is not finite"
    within = [fields[..., leaf.index] for leaf in (leaves[0], leaves[-1])]
    return Loop(names, *integrated(fields, tangent, within, exact))


def integrated(
    fields: np.ndarray, tangent: np.ndarray, within: list[np.ndarray], exact: bool
) -> tuple[float, float, float]:
    """Integrate over the loops, and return `Loop.integral`, `Loop.se` and `Loop.relative`.

    Args:
        fields: gradients, ``(loop, point, parameter)``.
        tangent: derivative of the parameters by the angle, ``(point, parameter)``.
        within: gradients by the two arrays of the plane.
        exact: whether nothing is sampled.
    """
    step = 2 * np.pi / N_POINTS
    integrals = step * np.einsum("ltp,tp->l", fields, tangent)
    sizes = np.hypot(*(np.linalg.norm(part.mean(axis=0), axis=1) for part in within))
    se = 0.0 if exact else float(integrals.std(ddof=1) / len(integrals) ** 0.5)
    value = float(integrals.mean())
    most = float(step * (sizes * np.linalg.norm(tangent, axis=1)).sum())
    return value, se, value / most if most else 0.0


def _plane(gradient: np.ndarray, theta: np.ndarray, parts: list) -> list[np.ndarray] | None:
    """Choose two orthogonal directions; of one array, the gradient and the weights across it."""
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
