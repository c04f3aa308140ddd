"""Integrates gradient fields of the step network and of the smoothed networks around the loop."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

import snn
from experiments import five_weights
from experiments.loop_integral import LoopIntegral
from snn.estimators.base import map_batched

TURN = 2 * np.pi


def compute(config: LoopIntegral, seed: None) -> dict[str, np.ndarray]:
    """Outputs in the plane and on the circle, and running and closed integrals.

    Returns:
        ``angle`` in radians, clockwise from the top; ``output`` (angle,) of the step network;
        per slope: ``smoothed_output``, ``smoothed_running``, ``sg_running`` (slope, angle);
        ``sg_loop``, ``sg_loop_error``, ``smoothed_loop``, ``naive_loop`` (slope,);
        ``jump_angles``; ``plane_axis`` and ``plane_output``, ``plane_smoothed_output`` with axes
        (direction1, direction2).
    """
    direction1, direction2 = np.array(config.direction1), np.array(config.direction2)
    circle = snn.fields.circle(np.array(config.base), direction1, direction2, config.radius)
    angle = np.linspace(0, TURN, config.n_angles)

    def on_circle(beta: float, angles: np.ndarray) -> np.ndarray:
        points = jnp.asarray(np.stack([circle(a)[0] for a in angles]))
        return np.asarray(jax.vmap(five_weights.output, (0, None))(points, beta))

    axis = np.linspace(-1.35, 1.35, config.n_plane) * config.radius
    grid = jnp.stack(jnp.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    plane = jnp.array(config.base)[None] + grid @ jnp.stack([direction1, direction2])

    def in_plane(beta: float) -> np.ndarray:
        values = map_batched(lambda theta: five_weights.output(theta, beta), plane, 65536)
        return np.asarray(values, np.float16).reshape(axis.size, axis.size)

    columns: dict[str, list[np.ndarray]] = {}
    for beta in config.beta_surrogate:
        estimator = snn.Surrogate(snn.surrogate.Sigmoid(beta), forward=snn.mean)
        field = five_weights.field_of(estimator, config.beta_forward)
        surrogate, smoothed = (
            snn.fields.line_integral(f, circle, 0.0, TURN, at=angle[1:-1], tol=config.tolerance)
            for f in (field, five_weights.field_of(snn.MeanField(), beta))
        )
        for name, column in {
            "sg_running": np.interp(angle, surrogate.t, surrogate.running),
            "sg_loop": surrogate.value,
            "sg_loop_error": surrogate.error,
            "smoothed_running": np.interp(angle, smoothed.t, smoothed.running),
            "smoothed_loop": smoothed.value,
            "smoothed_output": on_circle(beta, angle),
            "naive_loop": _naive(field, circle, config.n_naive),
            "plane_smoothed_output": in_plane(beta),
        }.items():
            columns.setdefault(name, []).append(np.asarray(column))

    return {
        "angle": angle,
        "radius": np.array(config.radius),
        "beta_surrogate": np.array(config.beta_surrogate),
        "output": on_circle(config.beta_forward, angle),
        "jump_angles": _jumps(lambda angles: on_circle(config.beta_forward, angles) > 0.5),
        "plane_axis": axis,
        "plane_output": in_plane(config.beta_forward),
    } | {name: np.stack(column) for name, column in columns.items()}


def _naive(field: snn.fields.Field, circle: snn.fields.Curve, n: int) -> float:
    """The sum of g . dtheta over equal steps, without refinement where the integrand jumps."""
    angles = np.linspace(0, TURN, n, endpoint=False)
    points, tangents = map(jnp.asarray, zip(*map(circle, angles), strict=True))
    return float(jnp.sum(jax.vmap(field)(points) * tangents) * TURN / n)


def _jumps(above_half: Callable[[np.ndarray], np.ndarray], n: int = 7201) -> np.ndarray:
    """Angles at which the output starts or stops to exceed 1/2, by bisection.

    Where both hidden neurons fall silent the output settles at 1/2 itself; there the angle is the
    one at which float64 no longer tells it from 1/2, a few tenths of a degree past the jump.
    """
    angles = np.linspace(0, TURN, n)
    above = above_half(angles)
    changes = np.flatnonzero(np.diff(above))
    before, low, high = above[changes], angles[changes], angles[changes + 1]
    for _ in range(40):
        middle = (low + high) / 2
        same = above_half(middle) == before
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return (low + high) / 2
