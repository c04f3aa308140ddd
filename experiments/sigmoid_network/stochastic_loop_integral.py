"""Loop integral of the expected matched surrogate gradient of a stochastic network."""

from dataclasses import dataclass

import numpy as np

import snn
from experiments.engine.declare.experiment import (
    MAX_SEED,
    Data,
    Experiment,
    Quantity,
    array,
    exact,
    param,
)
from experiments.sigmoid_network import five_weights
from experiments.sigmoid_network.loop_integral import LoopIntegral

PUBLISHED = LoopIntegral()


FIELDS = ("expected_sg", "exact")


@dataclass
class StochasticLoopIntegral(Experiment):
    """Expected surrogate gradient and exact gradient of the stochastic network, around a loop."""

    beta: float = param(5.0, "slope of escape noise and surrogate", unit="1/potential", above=0)
    base: list[float] = param([0.0] * 5, "centre of the circle: w, v1, v2, u1, u2", length=5)
    direction1: list[float] = param(PUBLISHED.direction1, "first direction of the plane", length=5)
    direction2: list[float] = param(PUBLISHED.direction2, "second direction of the plane", length=5)
    random_plane: int | None = param(
        None, "seed of a random plane; null: the plane of the two directions", low=0, high=MAX_SEED
    )
    radius: float = param(1.8, "radius of the circle", above=0)
    tolerance: float = param(1e-10, "absolute tolerance of the integrals", above=0)
    n_angles: int = param(
        181, "angles at which the running integral is shown", low=9, high=1_000_000
    )
    curl_radius: float = param(
        0.9, "radius of the inner circle on which the curl is taken", above=0
    )

    NEEDS_X64 = True

    ARRAYS = {
        "angle": array("angle", "along the circle, clockwise from the top", unit="rad"),
        "beta": array("", "slope of escape noise and surrogate", unit="1/potential"),
        **array(
            "angle", "integral of the expected surrogate, or of the exact gradient, from the top on"
        ).each("{}_running", FIELDS),
        **array("point", "curl in the plane at points of an inner circle").each("{}_curl", FIELDS),
    }

    def validate(self, path: str) -> None:
        """Check that the two directions span a plane."""
        five_weights.plane(self.direction1, self.direction2, self.random_plane, path)

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
