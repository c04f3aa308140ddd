"""Surrogate gradients of a differentiable network along one weight."""

from dataclasses import dataclass

import numpy as np

from experiments.engine.base import Data, Experiment, Quantity, exact, param
from experiments.engine.errors import UserError


@dataclass
class GradientAlongWeight(Experiment):
    """True, surrogate and smoothed gradient of a sigmoid network's output along its weight w."""

    beta_forward: float = param(100.0, "slope of the network", unit="1/potential", above=0)
    beta_surrogate: list[float] = param(
        [15.0, 30.0],
        "slopes of the surrogate and of the smoothed network",
        unit="1/potential",
        above=0,
    )
    v: list[float] = param([0.05, 0.1], "weights v1, v2", length=2)
    u: list[float] = param([1.0, -1.0], "weights u1, u2", length=2)
    w_min: float = param(-0.2, "first weight w")
    w_max: float = param(0.2, "last weight w")
    n_points: int = param(10001, "weights w in the scan", low=11)
    w_reference: float = param(-0.05, "weight w at which derivatives are reported")
    n_shown: int = param(1001, "points of the scan that are kept for the plot", low=11)

    NEEDS_X64 = True

    def validate(self, path: str) -> None:
        """Checks that the scan runs upwards, and over the reference weight."""
        check_scan(path, self.w_min, self.w_max)
        if not self.w_min <= self.w_reference <= self.w_max:
            raise UserError(
                f"{path}.w_reference is not in the scan",
                self.w_reference,
                f"{self.w_min} to {self.w_max}",
                f"{path}.w_reference={(self.w_min + self.w_max) / 2:g}",
            )

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Minima, derivatives at the reference weight, and how often the sign is wrong."""
        step = (self.w_max - self.w_min) / (self.n_points - 1)

        def position(w: float) -> Quantity:
            return exact(w, rtol=0, atol=1.01 * step)

        quantities = {
            "minimum_of_output": position(data["output_minimum"]),
            "dy_dw_true": exact(data["reference_true"]),
            "integration_error": exact(np.max(data["integration_error"]), rtol=0, atol=1e-8),
        }
        for i, beta in enumerate(self.beta_surrogate):
            quantities |= {
                f"minimum_of_integrated_sg_{beta:g}": position(data["integrated_minimum"][i]),
                f"minimum_of_smoothed_{beta:g}": position(data["smoothed_minimum"][i]),
                f"dy_dw_sg_{beta:g}": exact(data["reference_surrogate"][i]),
                f"dy_dw_smoothed_{beta:g}": exact(data["reference_smoothed"][i]),
                f"zero_of_sg_{beta:g}": exact(data["surrogate_zero"][i], rtol=1e-6),
                f"wrong_sign_fraction_{beta:g}": exact(
                    data["wrong_sign_fraction"][i], rtol=0, atol=2.01 / self.n_points
                ),
            }
        return quantities


def check_scan(path: str, w_min: float, w_max: float) -> None:
    """Refuses a scan over weights that does not run upwards."""
    if w_min >= w_max:
        raise UserError(
            f"{path}.w_min must lie below {path}.w_max",
            f"{w_min} to {w_max}",
            "a scan upwards",
            f"{path}.w_max={w_min + 1:g}",
        )
