r"""Gradient fields: line integrals and curl, which show whether a field is a gradient.

A field maps parameters, as a flat vector, to a gradient estimate. If the field is the gradient of a
loss, its line integral :math:`\int g \cdot d\theta` along any closed curve and its curl are 0.
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
from snn.estimators.base import AnyEstimator
from snn.program import Program
from snn.quadrature import N_POINTS, gauss_kronrod, points
from snn.types import Noise, Params

Field: TypeAlias = Callable[[Array | np.ndarray], Array]
"""Function from parameters ``(p,)`` to a gradient ``(..., p)``; leading axes stack fields."""

Curve: TypeAlias = Callable[[Any], tuple[np.ndarray, np.ndarray]]
"""Function from curve parameters ``(...)`` to points and tangents, both ``(..., p)``."""


def gradient_field(
    estimator: AnyEstimator,
    program: Program,
    params: Params,
    noise: Noise | None = None,
    key: Key | None = None,
) -> tuple[np.ndarray, Field]:
    """Return the gradient estimate as a function of flat parameters.

    Args:
        estimator: any estimator. A sampled one uses the same noise at all parameters.
        program: the program.
        params: parameters with the structure, and the starting point.
        noise: noise for the estimator.
        key: random key for the estimator.

    Returns:
        The flat starting point, ``(p,)``, and the field. The field is a pytree and can be an
        argument of a compiled function, without recompilation for other numbers.
    """
    # The start stays in NumPy: curves are computed there, and compile nothing.
    leaves = jax.tree.leaves(params)
    # NumPy has no type for float16 and bfloat16 together.
    start = np.concatenate([*map(np.ravel, leaves)], dtype=jax.numpy.result_type(*leaves))
    return start, Partial(_gradient, estimator, program, params, noise, key)


@jax.jit
def _gradient(
    estimator: AnyEstimator,
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
    """Result of an adaptive line integral.

    Attributes:
        value: the integral over the whole curve, leading axes of the field.
        error: estimated bound on the absolute error of ``value``.
        t: increasing curve parameters, ends of the integrated intervals, ``(t,)``.
        running: integral from the start to each t, ``(t, ...)``.
        n_evaluations: number of evaluations of the field.
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
    r"""Integrate a field along a curve, :math:`\int g(\theta(t)) \cdot \theta'(t)\, dt`.

    Gauss-Kronrod quadrature (21 points) bisects the intervals with the largest errors, which
    locates jumps of the integrand. It can miss a jump that is narrower than the spacing of the
    first pass: give enough points in ``at``, and compare with a finer choice.

    Args:
        field: the gradient field.
        curve: a closed or open curve.
        start: first curve parameter.
        stop: last curve parameter.
        at: curve parameters between start and stop, where the running integral is returned.
        tol: absolute tolerance, in units of the integral.
        max_intervals: largest number of intervals.

    Returns:
        The integral, its error and the running integral.

    Raises:
        ValueError: if the curve does not return a point for each of an array of parameters, or if
            the tolerance is NaN.
        RuntimeError: if ``max_intervals`` intervals do not meet the tolerance.
    """
    if np.isnan(tol):
        raise ValueError(f"line_integral.tol: got {tol}, expected a tolerance, such as 1e-10.")
    edges = np.concatenate([[start], np.sort([] if at is None else at), [stop]])
    # Refine the largest error first, unlike SciPy's cubature (1.17), and evaluate many points at
    # once, unlike quad_vec.
    intervals = _over(field, curve, edges)
    heapq.heapify(intervals)
    n_evaluations = len(intervals) * N_POINTS
    # The factor 1/8 leaves a margin below the tolerance.
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
    # Fields of `gradient_field` are evaluated at all points at once.
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

    Args:
        base: centre of the circle, ``(p,)``.
        direction1: unit vector towards t = pi/2, ``(p,)``.
        direction2: unit vector towards t = 0, ``(p,)``, orthogonal to the first.
        radius: radius, in units of the parameters.
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
    r"""Compute the curl in the plane of two directions, :math:`\partial_1 g_2 - \partial_2 g_1`.

    The method is central differences with one Richardson extrapolation. The error is the size of
    the extrapolation's correction, and large if the field is not smooth on the scale of ``step``.

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
