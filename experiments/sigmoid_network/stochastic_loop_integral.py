"""Loop integral of the expected matched surrogate gradient of a stochastic network."""

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
    array,
    exact,
    param,
)
from experiments.sigmoid_network import five_weights
from experiments.sigmoid_network.loop_integral import LoopIntegral

PUBLISHED = LoopIntegral()


FIELDS = ("expected_sg", "exact")


class StochasticLoopIntegral(Experiment):
    """Expected surrogate gradient and exact gradient of the stochastic network, around a loop."""

    beta: Positive = param(5.0, "slope of escape noise and surrogate", unit="1/potential")
    base: Annotated[list[float], Field(min_length=5, max_length=5)] = param(
        [0.0] * 5, "centre of the circle: w, v1, v2, u1, u2"
    )
    direction1: Annotated[list[float], Field(min_length=5, max_length=5)] = param(
        PUBLISHED.direction1, "first direction of the plane"
    )
    direction2: Annotated[list[float], Field(min_length=5, max_length=5)] = param(
        PUBLISHED.direction2, "second direction of the plane"
    )
    random_plane: Seed | None = param(
        None, "seed of a random plane; null: the plane of the two directions"
    )
    radius: Positive = param(1.8, "radius of the circle")
    tolerance: Positive = param(1e-10, "absolute tolerance of the integrals")
    n_angles: Annotated[int, Field(ge=9, le=1_000_000)] = param(
        181, "angles at which the running integral is shown"
    )
    curl_radius: Positive = param(0.9, "radius of the inner circle on which the curl is taken")

    NEEDS_X64 = True

    ARRAYS = {
        "angle": array("angle", "along the circle, clockwise from the top", unit="rad"),
        "beta": array("", "slope of escape noise and surrogate", unit="1/potential"),
        **array(
            "angle", "integral of the expected surrogate, or of the exact gradient, from the top on"
        ).each("{}_running", FIELDS),
        **array("point", "curl in the plane at points of an inner circle").each("{}_curl", FIELDS),
    }

    def check(self) -> None:
        """Check that the two directions span a plane."""
        five_weights.plane(self.direction1, self.direction2, self.random_plane)

    def compute(self, seed: None) -> Data:
        """Return running integrals (angle,), and curls at points of a smaller circle (point,)."""
        base = np.array(self.base)
        plane = five_weights.plane(self.direction1, self.direction2, self.random_plane)
        circle = snn.fields.circle(base, *plane, self.radius)
        inner = snn.fields.circle(base, *plane, self.curl_radius)
        angle = np.linspace(0, 2 * np.pi, self.n_angles)
        data = {"angle": angle, "beta": np.array(self.beta)}
        for name, estimator in zip(FIELDS, (snn.Expected(), snn.ExactEnumeration()), strict=True):
            field = five_weights.field_of(estimator, self.beta)
            integral = snn.fields.line_integral(
                field, circle, 0.0, 2 * np.pi, at=angle[1:-1], tol=self.tolerance
            )
            data[f"{name}_running"] = np.interp(angle, integral.t, integral.running)
            data[f"{name}_curl"] = np.array(
                [
                    snn.fields.curl(field, inner(a)[0], *plane).value
                    for a in np.pi / 2 * np.arange(4)
                ]
            )
        return data

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return closed-loop integrals and curls of both fields."""
        return {
            "expected_sg_loop": exact(data["expected_sg_running"][-1], rtol=1e-9),
            "exact_loop": exact(data["exact_running"][-1], rtol=0, atol=1e-14),
            "expected_sg_curl": exact(np.abs(data["expected_sg_curl"]).max(), rtol=1e-6),
            "exact_curl": exact(np.abs(data["exact_curl"]).max(), rtol=0, atol=1e-8),
        }
