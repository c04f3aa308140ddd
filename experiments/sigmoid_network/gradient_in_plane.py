"""Surrogate gradients of a differentiable network over a plane of two weights."""

from typing import Annotated

import jax
import numpy as np
import scipy
from pydantic import Field

import snn
from experiments.engine.experiment import (
    Data,
    Experiment,
    Positive,
    Quantity,
    Several,
    array,
    at,
    exact,
    param,
    stacked,
)
from experiments.sigmoid_network import five_weights

NO_GRADIENT = 1e-12
"""Norm below which a gradient counts as zero."""


class GradientInPlane(Experiment):
    """Surrogate gradient integrated over the plane of the weights v1 and v2, by two paths."""

    beta_forward: Positive = param(20.0, "slope of the network", unit="1/potential")
    beta_surrogate: Several[Positive] = param(
        [2.0, 4.0, 20.0], "slopes of the surrogate", unit="1/potential"
    )
    w: float = param(1.0, "weight w")
    u: Annotated[list[float], Field(min_length=2, max_length=2)] = param(
        [1.0, -1.0], "weights u1, u2"
    )
    extent: Positive = param(2.0, "v1 and v2 range from -extent to extent")
    n_v1: Annotated[int, Field(ge=11, le=10_000)] = param(1021, "points along v1")
    n_v2: Annotated[int, Field(ge=11, le=10_000)] = param(1031, "points along v2")
    probe: Annotated[list[float], Field(min_length=2, max_length=2)] = param(
        [1.7, -1.3], "(v1, v2) of the arrow that shows the descent step"
    )
    n_shown: Annotated[int, Field(ge=11)] = param(
        81, "points along each axis that are kept for the plot"
    )

    NEEDS_X64 = True

    ARRAYS = {
        "v1": array("v1", "first weight"),
        "v2": array("v2", "second weight"),
        "output": array("v1, v2", "y"),
        "probe": array("weight", "where single gradients are given"),
        "beta_forward": array("", "slope of the network", unit="1/potential"),
        "beta_surrogate": array("slope", "slopes of the surrogate", unit="1/potential"),
        "grid_error": array(
            "", "difference of both integrals of the true gradient, an error of the grid"
        ),
        "v1_first": array(
            "slope, v1, v2",
            "surrogate gradient integrated along v1 at the lowest v2, then along v2",
        ),
        "v2_first": array(
            "slope, v1, v2",
            "surrogate gradient integrated along v2 at the lowest v1, then along v1",
        ),
        "path_dependence": array("slope", "largest difference between the two integrals"),
        "probe_gradient": array("slope, weight", "surrogate gradient at the probe"),
        "order_difference": array(
            "slope, v1, v2", "integral with v2 first minus integral with v1 first"
        ),
        "orders_agree": array("slope", "whether both integrals agree up to the error of the grid"),
        "probe_at_rest": array("slope", "whether the gradient at the probe is numerically zero"),
    }

    def compute(self, seed: None) -> Data:
        """Return the output, and the surrogate gradient integrated from the lower left corner."""
        v1 = np.linspace(-self.extent, self.extent, self.n_v1)
        v2 = np.linspace(-self.extent, self.extent, self.n_v2)
        plane = np.stack(np.meshgrid(v1, v2, indexing="ij"), axis=-1).reshape(-1, 2)

        def thetas(points: np.ndarray) -> np.ndarray:
            others = [np.tile(weights, (len(points), 1)) for weights in ([self.w], self.u)]
            return np.concatenate([others[0], points, others[1]], axis=1)

        def over_plane(values: jax.Array) -> np.ndarray:
            return np.asarray(values).reshape(v1.size, v2.size, -1)

        output = over_plane(five_weights.outputs(thetas(plane), self.beta_forward))[..., 0]
        drawn = np.ix_(_thin(self.n_v1, self.n_shown), _thin(self.n_v2, self.n_shown))

        def integrated(field: snn.fields.Field) -> tuple[np.ndarray, np.ndarray]:
            gradient = over_plane(five_weights.gradients(field, thetas(plane)))
            along_v1 = scipy.integrate.cumulative_simpson(gradient[..., 1], x=v1, axis=0, initial=0)
            along_v2 = scipy.integrate.cumulative_simpson(gradient[..., 2], x=v2, axis=1, initial=0)
            return along_v1[:, :1] + along_v2, along_v2[:1, :] + along_v1

        # The integral of a true gradient does not depend on the path: a difference is an error.
        v1_first, v2_first = integrated(five_weights.field_of(snn.MeanField(), self.beta_forward))
        grid_error = np.abs(v1_first - v2_first).max()

        rows = []
        for beta in self.beta_surrogate:
            estimator = snn.Surrogate(snn.surrogate.Sigmoid(beta), forward=snn.mean)
            field = five_weights.field_of(estimator, self.beta_forward)
            v1_first, v2_first = integrated(field)
            rows.append(
                {
                    "v1_first": (output[0, 0] + v1_first)[drawn].astype(np.float32),
                    "v2_first": (output[0, 0] + v2_first)[drawn].astype(np.float32),
                    "path_dependence": np.abs(v1_first - v2_first).max(),
                    "probe_gradient": np.asarray(field(thetas(np.array([self.probe]))[0]))[1:3],
                }
            )
        return {
            "v1": v1[drawn[0].ravel()],
            "v2": v2[drawn[1].ravel()],
            "output": output[drawn].astype(np.float32),
            "probe": np.array(self.probe),
            "beta_forward": np.array(self.beta_forward),
            "beta_surrogate": np.array(self.beta_surrogate),
            "grid_error": np.array(grid_error),
        } | stacked(rows)

    def pooled(self, data: Data) -> Data:
        """Return the differences of the two integrals, and where the gradient vanishes."""
        return {
            "order_difference": data["v2_first"] - data["v1_first"],
            "orders_agree": data["path_dependence"] < 2 * data["grid_error"],
            "probe_at_rest": np.hypot(*data["probe_gradient"].T) < NO_GRADIENT,
        }

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return gradients at the probe, and how much the integral depends on the path."""
        quantities = {"grid_error": exact(data["grid_error"], rtol=1e-3)}
        for i, beta in enumerate(self.beta_surrogate):
            v1, v2 = data["probe_gradient"][i]
            # A gradient of 1e-18 is zero up to rounding: the check bounds its order of magnitude.
            tolerance = {"rtol": 1e-8, "atol": 1e-15}
            quantities |= {
                at("sg_v1", beta): exact(v1, **tolerance),
                at("sg_v2", beta): exact(v2, **tolerance),
                at("sg_norm", beta): exact(np.hypot(v1, v2), **tolerance),
                at("path_dependence", beta): exact(
                    data["path_dependence"][i], rtol=0, atol=2 * data["grid_error"]
                ),
            }
        return quantities


def _thin(n: int, n_shown: int) -> np.ndarray:
    """Return indices of at most n_shown points of n, evenly spread, ends included."""
    return np.unique(np.linspace(0, n - 1, min(n, n_shown)).round().astype(int))
