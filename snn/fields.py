r"""Gradient fields: line integrals and curl, to tell gradients of a function from other fields.

A field maps parameters, as a flat vector, to a gradient estimate. If it is the gradient of a loss,
its line integral :math:`\int g \cdot d\theta` along a closed curve vanishes and so does its curl.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias, cast

import jax
import numpy as np
from jax import Array
from jax.flatten_util import ravel_pytree
from jax.tree_util import Partial

from snn.arguments import Key
from snn.estimators.base import Estimator
from snn.program import Program
from snn.quadrature import N_POINTS, gauss_kronrod, points
from snn.types import Noise, Params

Field: TypeAlias = Callable[[Array | np.ndarray], Array]
"""Parameters ``(p,)`` to a gradient ``(..., p)``; leading axes hold several fields at once."""

Curve: TypeAlias = Callable[[Any], tuple[np.ndarray, np.ndarray]]
"""Curve parameters ``(...)`` to points and their tangents, both ``(..., p)``."""


def gradient_field(
    estimator: Estimator,
    program: Program,
    params: Params,
    noise: Noise | None = None,
    key: Key | None = None,
) -> tuple[np.ndarray, Field]:
    """Return the gradient estimate as a function of flat parameters.

    Args:
        estimator: any estimator; with sampled ones the noise is held fixed along the field.
        program: the program.
        params: parameters that give the structure and the starting point.
        noise: handed to the estimator.
        key: handed to the estimator.

    Returns:
        The flat starting point, and the field: a pytree, so that it can be an argument of a
        compiled function, which is then the same for all numbers in it.
    """
    leaves = jax.tree.leaves(params)
    # NumPy has no type for float16 and bfloat16 together.
    start = np.concatenate([*map(np.ravel, leaves)], dtype=jax.numpy.result_type(*leaves))
    return start, Partial(_gradient, estimator, program, params, noise, key)


@jax.jit
def _gradient(
    estimator: Estimator,
    program: Program,
    params: Params,
    noise: Noise | None,
    key: Key | None,
    theta: Array,
) -> Array:
    _, unflatten = ravel_pytree(params)
    # Oracles take no noise.
    estimate = estimator(program, unflatten(theta), cast(Noise, noise), key)
    return ravel_pytree(estimate.grad)[0]


class LineIntegral(NamedTuple):
    """A line integral that was refined until it converged.

    Attributes:
        value: the integral over the whole curve, leading axes of the field.
        error: bound on its absolute error, as the quadrature estimates it.
        t: curve parameters at which the running integral is known, increasing.
        running: integral from the start to each t, ``(t, ...)``.
        n_evaluations: evaluations of the field.
    """

    value: np.ndarray
    error: float
    t: np.ndarray
    running: np.ndarray
    n_evaluations: int


def line_integral(
    field: Field,
    curve: Curve,
    start: float = 0.0,
    stop: float = 1.0,
    *,
    at: np.ndarray | None = None,
    tol: float = 1e-10,
    max_intervals: int = 20_000,
) -> LineIntegral:
    r"""Adaptive line integral :math:`\int g(\theta(t)) \cdot \theta'(t)\, dt` along a curve.

    Gauss-Kronrod quadrature (21 points) that bisects the intervals with the largest errors, so
    that jumps of the integrand are closed in upon. A jump narrower than the spacing of the first
    pass can be missed: give enough points in ``at``, and compare with a finer choice.

    Args:
        field: the gradient field.
        curve: the curve; closed or open.
        start: first curve parameter.
        stop: last curve parameter.
        at: curve parameters between the two where the running integral is wanted.
        tol: absolute tolerance, in units of the integral.
        max_intervals: gives up refining beyond this many intervals.

    Raises:
        ValueError: if the curve does not give a point for each of an array of parameters, and for
            a tolerance that is NaN.
        RuntimeError: if the tolerance was not met within ``max_intervals``.
    """
    if np.isnan(tol):
        raise ValueError(f"line_integral.tol: got {tol}, expected a tolerance, such as 1e-10.")
    edges = np.concatenate([[start], np.sort([] if at is None else at), [stop]])
    # Largest error first, which SciPy's cubature (1.17) misses; points at once, unlike quad_vec.
    intervals = _over(field, curve, edges)
    heapq.heapify(intervals)
    n_evaluations = len(intervals) * N_POINTS
    # To an eighth: what is to be less than the tolerance is then clearly less.
    while (error := -math.fsum(minus_error for minus_error, *_ in intervals)) > tol / 8:
        if len(intervals) >= max_intervals:
            raise RuntimeError(
                f"line_integral: got an error estimate of {error:.2g} after {len(intervals)} "
                f"intervals, expected at most tol={tol:.2g}. Allow more intervals, or a larger tol."
            )
        _, low, high, _ = heapq.heappop(intervals)
        for half in _over(field, curve, np.array([low, (low + high) / 2, high])):
            heapq.heappush(intervals, half)
        n_evaluations += 2 * N_POINTS
    intervals.sort(key=lambda interval: interval[1])
    values = np.stack([value for *_, value in intervals])
    running = np.cumsum(np.concatenate([np.zeros_like(values[:1]), values]), axis=0)
    t = np.append([low for _, low, *_ in intervals], stop)
    return LineIntegral(np.asarray(running[-1]), error, t, running, n_evaluations)


def _over(
    field: Field, curve: Curve, edges: np.ndarray
) -> list[tuple[float, float, float, np.ndarray | np.floating]]:
    """Return minus the error, the ends, and the integral of each interval between edges."""
    low, high = edges[:-1], edges[1:]
    t = points(low, high)
    thetas, tangents = curve(t.ravel())
    if len(thetas) != t.size:
        raise ValueError(
            f"line_integral: curve: got {len(thetas)} points from {t.size} parameters, expected as "
            f"many. Let it take an array of parameters, as circle(...) does."
        )
    # Of `gradient_field` at once, of others one by one.
    at_once = isinstance(field, Partial)
    g = _vectorised(field, thetas) if at_once else [field(theta) for theta in thetas]
    f = np.einsum("t...p,tp->t...", np.asarray(g), tangents)
    values, error = gauss_kronrod(low, high, f.reshape(*t.shape, *f.shape[1:]))
    return list(zip((-error).tolist(), low.tolist(), high.tolist(), values, strict=True))


_vectorised = jax.jit(lambda field, thetas: jax.vmap(field)(thetas))


def circle(
    base: np.ndarray, direction1: np.ndarray, direction2: np.ndarray, radius: float
) -> Curve:
    """Return a circle in a plane of parameter space, clockwise from the top.

    theta(t) = base + radius (sin t direction1 + cos t direction2), t from 0 to 2 pi.
    """

    def curve(t: Any) -> tuple[np.ndarray, np.ndarray]:
        sin, cos = np.sin(t)[..., None], np.cos(t)[..., None]
        points = base + radius * (sin * direction1 + cos * direction2)
        return points, radius * (cos * direction1 - sin * direction2)

    return curve


def segment(a: np.ndarray, b: np.ndarray) -> Curve:
    """Return the straight line from a (t = 0) to b (t = 1)."""

    def curve(t: Any) -> tuple[np.ndarray, np.ndarray]:
        points = a + np.asarray(t)[..., None] * (b - a)
        return points, np.broadcast_to(b - a, points.shape)

    return curve


class Curl(NamedTuple):
    """Curl of a field in a plane, and an estimate of its error; leading axes of the field."""

    value: np.ndarray
    error: np.ndarray


def curl(
    field: Field,
    theta: np.ndarray,
    direction1: np.ndarray,
    direction2: np.ndarray,
    step: float = 1e-3,
) -> Curl:
    r"""Curl in the plane of two directions, :math:`\partial_1 g_2 - \partial_2 g_1`.

    Central differences with one Richardson extrapolation. The error is the size of the
    extrapolation's correction, large where the field is not smooth on the scale of ``step``.

    Args:
        field: the gradient field.
        theta: the point, ``(p,)``.
        direction1: first direction, unit length.
        direction2: second direction, unit length, orthogonal to the first.
        step: the larger of the two step lengths used.
    """

    def central(h: float) -> np.ndarray | np.floating:
        def difference(along: np.ndarray, component: np.ndarray) -> np.ndarray | np.floating:
            ahead, behind = (np.asarray(field(theta + sign * h * along)) for sign in (1, -1))
            return (ahead - behind) @ component / (2 * h)

        return difference(direction1, direction2) - difference(direction2, direction1)

    coarse, fine = central(step), central(step / 2)
    correction = (fine - coarse) / 3
    return Curl(np.asarray(fine + correction), np.asarray(np.abs(correction)))
