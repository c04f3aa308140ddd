"""Wrong signs of the matched surrogate gradient of a stochastic network."""

from typing import Annotated

import numpy as np
from pydantic import Field

import snn
from experiments.engine.experiment import Data, Experiment, Positive, Quantity, array, exact, param
from experiments.sigmoid_network import five_weights
from experiments.statistics import wrong_sign


class StochasticSignFlip(Experiment):
    """Expected matched surrogate gradient against the exact gradient, in the stochastic network."""

    beta: Positive = param(2.0, "slope of escape noise and surrogate", unit="1/potential")
    theta: Annotated[list[float], Field(min_length=5, max_length=5)] = param(
        [-0.3521, 3.3182, 0.8336, 0.8940, -1.5340], "weights w, v1, v2, u1, u2"
    )
    w_min: float = param(-2.0, "first weight w of the scan")
    w_max: float = param(2.0, "last weight w of the scan")
    n_points: Annotated[int, Field(ge=11, le=1_000_000)] = param(201, "weights w in the scan")

    NEEDS_X64 = True

    ARRAYS = {
        "w": array("point", "weight w"),
        "w_reference": array("", "reference weight"),
        "beta": array("", "slope of escape noise and surrogate", unit="1/potential"),
        "expected_sg": array("point", "expected surrogate gradient"),
        "exact": array("point", "derivative of the expected output"),
        **array("", "derivative at the reference weight").each(
            "reference_{}", ("expected_sg", "exact")
        ),
        "oracle_disagreement": array(
            "", "difference between enumeration and transfer matrices at the reference weight"
        ),
        "wrong_sign": array("point", "whether surrogate and exact gradient have opposite signs"),
        "wrong_sign_fraction": array("", "share of weights with opposite signs"),
    }

    def check(self) -> None:
        super().check()
        if not self.w_max > self.w_min:
            raise ValueError(f"w_max is not above w_min: {self.given('w_max', 'w_min')}")

    def compute(self, seed: None) -> Data:
        """Return gradients of the expected output by w, along w and at the reference weight."""
        w = np.linspace(self.w_min, self.w_max, self.n_points)
        reference = np.array(self.theta)
        thetas = np.column_stack([w, np.tile(reference[1:], (w.size, 1))])
        fields = [
            five_weights.field_of(estimator, self.beta)
            for estimator in (snn.Expected(), snn.ExactEnumeration(), snn.TransferMatrix())
        ]
        along_w = [np.asarray(five_weights.gradients(field, thetas))[:, 0] for field in fields[:2]]
        expected, exact, oracle = (np.asarray(field(reference)) for field in fields)
        return {
            "w": w,
            "w_reference": np.array(self.theta[0]),
            "beta": np.array(self.beta),
            "expected_sg": along_w[0],
            "exact": along_w[1],
            "reference_expected_sg": expected[0],
            "reference_exact": exact[0],
            "oracle_disagreement": np.abs(exact - oracle).max(),
        }

    def pooled(self, data: Data) -> Data:
        """Return ``wrong_sign`` (point,), where the gradients differ in sign, and its share."""
        wrong = wrong_sign(data["expected_sg"], data["exact"])
        return {"wrong_sign": wrong, "wrong_sign_fraction": wrong.mean()}

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return both gradients by w, the oracles' disagreement and the range of wrong signs."""
        wrong = self.pooled(data)["wrong_sign_fraction"]
        return {
            "expected_sg": exact(data["reference_expected_sg"]),
            "exact": exact(data["reference_exact"]),
            "oracle_disagreement": exact(data["oracle_disagreement"], rtol=0, atol=1e-12),
            "wrong_sign_fraction": exact(wrong, rtol=0, atol=2.01 / self.n_points),
        }
