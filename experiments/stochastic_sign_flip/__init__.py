"""The matched surrogate gradient of a stochastic network can have the wrong sign."""

from dataclasses import dataclass

import numpy as np

from experiments.engine.base import Data, Experiment, Quantity, exact, param
from experiments.gradient_along_weight import check_scan


@dataclass
class StochasticSignFlip(Experiment):
    """Expected matched surrogate gradient against the exact gradient, in the stochastic network."""

    beta: float = param(2.0, "slope of escape noise and surrogate", unit="1/potential", above=0)
    theta: list[float] = param(
        [-0.3521, 3.3182, 0.8336, 0.8940, -1.5340], "weights w, v1, v2, u1, u2", length=5
    )
    w_min: float = param(-2.0, "first weight w of the scan")
    w_max: float = param(2.0, "last weight w of the scan")
    n_points: int = param(201, "weights w in the scan", low=11)

    NEEDS_X64 = True

    def validate(self, path: str) -> None:
        """Checks that the scan runs upwards."""
        check_scan(path, self.w_min, self.w_max)

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Both gradients for w, the two oracles' disagreement, and the range of wrong signs."""
        wrong = np.sign(data["expected_sg"]) != np.sign(data["exact"])
        return {
            "expected_sg": exact(data["reference_expected_sg"]),
            "exact": exact(data["reference_exact"]),
            "oracle_disagreement": exact(data["oracle_disagreement"], rtol=0, atol=1e-12),
            "wrong_sign_fraction": exact(wrong.mean(), rtol=0, atol=2.01 / self.n_points),
        }
