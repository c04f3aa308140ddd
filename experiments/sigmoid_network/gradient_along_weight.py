"""Surrogate gradients of a differentiable network along one weight."""

from typing import Annotated, SupportsFloat

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
from experiments.statistics import wrong_sign


class GradientAlongWeight(Experiment):
    """True, surrogate and smoothed gradient of a sigmoid network's output along its weight w."""

    beta_forward: Positive = param(100.0, "slope of the network", unit="1/potential")
    beta_surrogate: Several[Positive] = param(
        [15.0, 30.0], "slopes of the surrogate and of the smoothed network", unit="1/potential"
    )
    v: Annotated[list[float], Field(min_length=2, max_length=2)] = param(
        [0.05, 0.1], "fixed weights v1, v2"
    )
    u: Annotated[list[float], Field(min_length=2, max_length=2)] = param(
        [1.0, -1.0], "fixed weights u1, u2"
    )
    w_min: float = param(-0.2, "first weight w of the scan")
    w_max: float = param(0.2, "last weight w of the scan")
    n_points: Annotated[int, Field(ge=11, le=1_000_000)] = param(
        10001, "number of weights w in the scan"
    )
    w_reference: float = param(-0.05, "weight w at which derivatives are reported")
    n_shown: Annotated[int, Field(ge=11)] = param(
        1001, "points of the scan that are kept for the plot"
    )

    NEEDS_X64 = True

    ARRAYS = {
        "w": array("point", "weight w"),
        "w_reference": array("", "reference weight"),
        "beta_forward": array("", "slope of the network", unit="1/potential"),
        "beta_surrogate": array("slope", "slopes of the surrogate", unit="1/potential"),
        "output": array("point", "y"),
        "output_minimum": array("", "weight at the minimum of y"),
        "true": array("point", "dy/dw"),
        "reference_true": array("", "dy/dw at the reference weight"),
        "surrogate": array("slope, point", "surrogate gradient"),
        "integrated_surrogate": array("slope, point", "integral of the surrogate gradient along w"),
        "integration_error": array("slope", "error of that integral"),
        "integrated_minimum": array("slope", "weight at the minimum of the integral"),
        "surrogate_zero": array("slope", "weight at which the surrogate gradient changes sign"),
        "wrong_sign_fraction": array("slope", "share of weights with the wrong sign"),
        "wrong_sign": array("slope, point", "whether the surrogate gradient has the wrong sign"),
        "smoothed": array("slope, point", "gradient of the smoothed network"),
        "smoothed_output": array("slope, point", "y of the smoothed network"),
        "smoothed_minimum": array("slope", "weight at the minimum of the smoothed network's y"),
        **array("slope", "derivative at the reference weight").each(
            "reference_{}", ("surrogate", "smoothed")
        ),
    }

    def check(self) -> None:
        super().check()
        if not self.w_max > self.w_min:
            raise ValueError(f"w_max is not above w_min: {self.given('w_max', 'w_min')}")
        if not self.w_reference >= self.w_min:
            raise ValueError(f"w_reference is below w_min: {self.given('w_reference', 'w_min')}")
        if not self.w_reference <= self.w_max:
            raise ValueError(f"w_reference is above w_max: {self.given('w_reference', 'w_max')}")

    def compute(self, seed: None) -> Data:
        """Return outputs, gradients and integrated surrogate gradients over the scan."""
        w = np.linspace(self.w_min, self.w_max, self.n_points)
        rest = np.array([*self.v, *self.u])
        first, reference = (np.append(x, rest) for x in (self.w_min, self.w_reference))
        thetas = np.column_stack([w, np.tile(rest, (w.size, 1))])

        def scan(field: snn.fields.Field) -> np.ndarray:
            return np.asarray(five_weights.gradients(field, thetas))[:, 0]

        def at(field: snn.fields.Field, theta: np.ndarray) -> np.ndarray:
            return np.asarray(field(theta))[0]

        def outputs(beta: float) -> np.ndarray:
            return np.asarray(five_weights.outputs(thetas, beta))

        drawn = np.unique(np.linspace(0, w.size - 1, self.n_shown).round().astype(int))
        true = five_weights.field_of(snn.MeanField(), self.beta_forward)
        true_scan, output = scan(true), outputs(self.beta_forward)
        rows = []
        for beta in self.beta_surrogate:
            estimator = snn.Surrogate(snn.surrogate.Sigmoid(beta), forward=snn.mean)
            surrogate = five_weights.field_of(estimator, self.beta_forward)
            smoothed = five_weights.field_of(snn.MeanField(), beta)
            surrogate_scan, smoothed_output = scan(surrogate), outputs(beta)
            integrated = output[0] + scipy.integrate.cumulative_simpson(
                surrogate_scan, x=w, initial=0
            )
            path = snn.fields.segment(first, np.append(self.w_max, rest))
            adaptive = snn.fields.line_integral(surrogate, path)
            rows.append(
                {
                    "surrogate": surrogate_scan[drawn],
                    "integrated_surrogate": integrated[drawn],
                    "integration_error": abs(integrated[-1] - output[0] - adaptive.value)
                    + adaptive.error,
                    "integrated_minimum": w[np.argmin(integrated)],
                    "surrogate_zero": _last_zero(
                        lambda x, field=surrogate: at(field, np.append(x, rest)), w, surrogate_scan
                    ),
                    "wrong_sign_fraction": wrong_sign(surrogate_scan, true_scan).mean(),
                    "smoothed": scan(smoothed)[drawn],
                    "smoothed_output": smoothed_output[drawn],
                    "smoothed_minimum": w[np.argmin(smoothed_output)],
                    "reference_surrogate": at(surrogate, reference),
                    "reference_smoothed": at(smoothed, reference),
                }
            )
        return {
            "w": w[drawn],
            "w_reference": np.array(self.w_reference),
            "beta_forward": np.array(self.beta_forward),
            "beta_surrogate": np.array(self.beta_surrogate),
            "output": output[drawn],
            "output_minimum": w[np.argmin(output)],
            "true": true_scan[drawn],
            "reference_true": at(true, reference),
        } | stacked(rows)

    def pooled(self, data: Data) -> Data:
        """Return ``wrong_sign`` (slope, point): where surrogate and true gradient disagree."""
        return {"wrong_sign": wrong_sign(data["surrogate"], data["true"])}

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return minima, derivatives at the reference weight and shares of wrong signs."""
        step = (self.w_max - self.w_min) / (self.n_points - 1)

        def position(w: SupportsFloat) -> Quantity:
            return exact(w, rtol=0, atol=1.01 * step)

        quantities = {
            "minimum_of_output": position(data["output_minimum"]),
            "dy_dw_true": exact(data["reference_true"]),
            "integration_error": exact(np.max(data["integration_error"]), rtol=0, atol=1e-8),
        }
        for i, beta in enumerate(self.beta_surrogate):
            quantities |= {
                at("minimum_of_integrated_sg", beta): position(data["integrated_minimum"][i]),
                at("minimum_of_smoothed", beta): position(data["smoothed_minimum"][i]),
                at("dy_dw_sg", beta): exact(data["reference_surrogate"][i]),
                at("dy_dw_smoothed", beta): exact(data["reference_smoothed"][i]),
                at("zero_of_sg", beta): exact(data["surrogate_zero"][i], rtol=1e-6),
                at("wrong_sign_fraction", beta): exact(
                    data["wrong_sign_fraction"][i], rtol=0, atol=1.01 / self.n_points
                ),
            }
        return quantities


def _last_zero(function, w: np.ndarray, values: np.ndarray) -> float:
    """Return the last sign change of a function along the scan; the scan's end if there is none.

    Descent along a gradient without a zero ends at an edge of the scan.
    """
    changes = np.flatnonzero(np.diff(np.sign(values)))
    if changes.size == 0:
        return w[-1]
    i = changes[-1]
    ends = w[i], w[i + 1]
    at = scipy.optimize.root_scalar(lambda x: float(function(x)), bracket=ends, xtol=1e-13)
    return at.root
