"""Line integrals of surrogate gradients along a closed loop in weight space."""

from collections.abc import Callable
from typing import Annotated

import numpy as np
from pydantic import Field

import snn
from experiments.engine.experiment import (
    Data,
    Experiment,
    Positive,
    Quantity,
    Seed,
    Several,
    array,
    at,
    exact,
    param,
    stacked,
)
from experiments.sigmoid_network import five_weights


class LoopIntegral(Experiment):
    """Surrogate gradient of a step network, integrated around a circle in weight space."""

    beta_forward: Positive = param(1e4, "slope of the network: steps", unit="1/potential")
    beta_surrogate: Several[Positive] = param(
        [1.0, 5.0, 20.0], "slopes of the surrogate", unit="1/potential"
    )
    base: Annotated[list[float], Field(min_length=5, max_length=5)] = param(
        [0.05, 0.025, -0.1, 0.05, 0.05], "centre of the circle: w, v1, v2, u1, u2"
    )
    direction1: Annotated[list[float], Field(min_length=5, max_length=5)] = param(
        [0.0930599102, 0.5905991469, -0.3091423196, 0.4299940979, -0.6017213664],
        "first direction of the plane, of any length",
    )
    direction2: Annotated[list[float], Field(min_length=5, max_length=5)] = param(
        [-0.1493434747, 0.2501149153, 0.2617973612, -0.7879228373, -0.4751618670],
        "second direction of the plane; its part along the first is removed",
    )
    random_plane: Seed | None = param(
        None, "seed of a random plane; null: the plane of the two directions"
    )
    radius: Positive = param(1.8, "radius of the circle")
    tolerance: Positive = param(1e-10, "absolute tolerance of the integrals")
    n_angles: Annotated[int, Field(ge=9, le=1_000_000)] = param(
        361, "angles at which the running integral is shown"
    )
    n_naive: Annotated[int, Field(ge=9)] = param(
        1500, "points of the naive sum, which are too few for the integral"
    )
    n_plane: Annotated[int, Field(ge=0, le=10_000)] = param(
        151, "points along each axis of the plane; 0 leaves it out"
    )

    NEEDS_X64 = True

    ARRAYS = {
        "angle": array("angle", "along the circle, clockwise from the top", unit="rad"),
        "radius": array("", "radius of the circle"),
        "beta_surrogate": array("slope", "slopes of the surrogate", unit="1/potential"),
        "output": array("angle", "y of the step network along the circle"),
        "jump_angles": array("jump", "angles at which this output jumps", unit="rad"),
        "plane_axis": array("position", "positions along both directions of the plane"),
        "plane_output": array("direction1, direction2", "y of the step network in the plane"),
        "plane_smoothed_output": array(
            "slope, direction1, direction2", "y of the smoothed networks in the plane"
        ),
        "sg_running": array("slope, angle", "integral of the surrogate gradient from the top on"),
        "sg_loop": array("slope", "integral of the surrogate gradient over the whole circle"),
        "sg_loop_error": array("slope", "estimated error of the integral over the whole circle"),
        "smoothed_running": array(
            "slope, angle", "integral of the smoothed network's own gradient"
        ),
        "smoothed_loop": array(
            "slope", "integral of the smoothed network's own gradient over the whole circle"
        ),
        "smoothed_output": array("slope, angle", "y of the smoothed network along the circle"),
        "naive_loop": array("slope", "integral by a sum over equal steps, without refinement"),
        "base": array("weight", "centre of the circle"),
        "directions": array("direction, weight", "the two directions of the plane"),
    }

    def check(self) -> None:
        """Check that the two directions span a plane."""
        five_weights.plane(self.direction1, self.direction2, self.random_plane)

    def compute(self, seed: None) -> Data:
        """Return outputs in the plane and on the circle, and running and closed integrals."""
        directions = five_weights.plane(self.direction1, self.direction2, self.random_plane)
        circle = snn.fields.circle(np.array(self.base), *directions, self.radius)
        angle = np.linspace(0, TURN, self.n_angles)

        def on_circle(beta: float, angles: np.ndarray) -> np.ndarray:
            return np.asarray(five_weights.outputs(circle(angles)[0], beta))

        axis = np.linspace(-1.35, 1.35, self.n_plane) * self.radius
        grid = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
        plane = np.array(self.base) + grid @ np.stack(directions)

        def in_plane(beta: float) -> np.ndarray:
            values = five_weights.outputs(plane, beta)
            return np.asarray(values, np.float16).reshape(axis.size, axis.size)

        rows = []
        for beta in self.beta_surrogate:
            estimator = snn.Surrogate(snn.surrogate.Sigmoid(beta), forward=snn.mean)
            field = five_weights.field_of(estimator, self.beta_forward)
            surrogate, smoothed = (
                snn.fields.line_integral(f, circle, 0.0, TURN, at=angle[1:-1], tol=self.tolerance)
                for f in (field, five_weights.field_of(snn.MeanField(), beta))
            )
            rows.append(
                {
                    "sg_running": np.interp(angle, surrogate.t, surrogate.running),
                    "sg_loop": surrogate.value,
                    "sg_loop_error": surrogate.error,
                    "smoothed_running": np.interp(angle, smoothed.t, smoothed.running),
                    "smoothed_loop": smoothed.value,
                    "smoothed_output": on_circle(beta, angle),
                    "naive_loop": _naive(field, circle, self.n_naive),
                    "plane_smoothed_output": in_plane(beta),
                }
            )
        return {
            "angle": angle,
            "radius": np.array(self.radius),
            "beta_surrogate": np.array(self.beta_surrogate),
            "output": on_circle(self.beta_forward, angle),
            "jump_angles": _jumps(lambda angles: on_circle(self.beta_forward, angles) > 0.5),
            "plane_axis": axis,
            "plane_output": in_plane(self.beta_forward),
        } | stacked(rows)

    def pooled(self, data: Data) -> Data:
        """Return the plane: its ``base`` (weight,) and two ``directions`` (direction, weight)."""
        directions = five_weights.plane(self.direction1, self.direction2, self.random_plane)
        return {"base": np.array(self.base), "directions": np.array(directions)}

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return closed-loop integrals, the output's jumps and a naive sum."""
        quantities = {
            at("jump_degrees", i): exact(angle, rtol=1e-5)
            for i, angle in enumerate(np.rad2deg(data["jump_angles"]))
        }
        for i, beta in enumerate(self.beta_surrogate):
            quantities |= {
                at("sg_loop", beta): exact(data["sg_loop"][i], rtol=1e-8),
                at("sg_loop_error", beta): exact(data["sg_loop_error"][i], 0, self.tolerance),
                at("smoothed_loop", beta): exact(data["smoothed_loop"][i], 0, 1e-14),
                at("naive_sg_loop", beta): exact(data["naive_loop"][i], rtol=1e-6),
            }
        return quantities


TURN = 2 * np.pi


def _naive(field: snn.fields.Field, circle: snn.fields.Curve, n: int) -> float:
    """Sum g . dtheta over equal steps, without refinement where the integrand jumps."""
    angles = np.linspace(0, TURN, n, endpoint=False)
    points, tangents = circle(angles)
    return float(np.sum(np.asarray(five_weights.gradients(field, points)) * tangents) * TURN / n)


def _jumps(above_half: Callable[[np.ndarray], np.ndarray], n: int = 7201) -> np.ndarray:
    """Return angles at which the output crosses 1/2, by bisection.

    If both hidden neurons fall silent, the output tends to 1/2. The angle returned is then a few
    tenths of a degree past the jump, where float64 rounds the output to 1/2.
    """
    angles = np.linspace(0, TURN, n)
    above = above_half(angles)
    changes = np.flatnonzero(np.diff(above))
    if not changes.size:
        return np.empty(0)
    before, low, high = above[changes], angles[changes], angles[changes + 1]
    for _ in range(40):
        middle = (low + high) / 2
        same = above_half(middle) == before
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return (low + high) / 2
