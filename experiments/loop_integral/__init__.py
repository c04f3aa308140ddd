"""Line integrals of surrogate gradients along a closed loop in weight space."""

from dataclasses import dataclass

import numpy as np

from experiments.engine.base import Data, Experiment, Quantity, exact, param
from experiments.engine.errors import UserError


@dataclass
class LoopIntegral(Experiment):
    """Surrogate gradient of a step network, integrated around a circle in weight space."""

    beta_forward: float = param(1e4, "slope of the network: steps", unit="1/potential", above=0)
    beta_surrogate: list[float] = param(
        [1.0, 5.0, 20.0], "slopes of the surrogate", unit="1/potential", above=0
    )
    base: list[float] = param(
        [0.05, 0.025, -0.1, 0.05, 0.05], "centre: w, v1, v2, u1, u2", length=5
    )
    direction1: list[float] = param(
        [0.0930599102, 0.5905991469, -0.3091423196, 0.4299940979, -0.6017213664],
        "first direction of the plane, unit length",
        length=5,
    )
    direction2: list[float] = param(
        [-0.1493434747, 0.2501149153, 0.2617973612, -0.7879228373, -0.4751618670],
        "second direction of the plane, unit length, orthogonal to the first",
        length=5,
    )
    radius: float = param(1.8, "radius of the circle", above=0)
    tolerance: float = param(1e-10, "absolute tolerance of the integrals", above=0)
    n_angles: int = param(361, "angles at which the running integral is shown", low=9)
    n_naive: int = param(1500, "points of the naive sum, shown to be too few", low=9)
    n_plane: int = param(151, "points along each axis of the plane; 0 leaves it out", low=0)

    NEEDS_X64 = True

    def validate(self, path: str) -> None:
        """Checks that the two directions span a plane as they should."""
        check_plane(path, self.direction1, self.direction2)

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Closed-loop integrals, where the output jumps, and a naive sum."""
        quantities = {
            f"jump_{i}_degrees": exact(angle, rtol=1e-5)
            for i, angle in enumerate(np.rad2deg(data["jump_angles"]))
        }
        for i, beta in enumerate(self.beta_surrogate):
            quantities |= {
                f"sg_loop_{beta:g}": exact(data["sg_loop"][i], rtol=1e-8),
                f"sg_loop_error_{beta:g}": exact(data["sg_loop_error"][i], 0, self.tolerance),
                f"smoothed_loop_{beta:g}": exact(data["smoothed_loop"][i], 0, 1e-14),
                f"naive_sg_loop_{beta:g}": exact(data["naive_loop"][i], rtol=1e-6),
            }
        return quantities


def check_plane(path: str, direction1: list[float], direction2: list[float]) -> None:
    """Refuses directions that are not of unit length and orthogonal, to six digits."""
    products = np.array([direction1, direction2]) @ np.array([direction1, direction2]).T
    if not np.allclose(products, np.eye(2), atol=1e-6):
        raise UserError(
            f"{path}.direction1 and {path}.direction2 are not orthonormal",
            f"squared lengths {products[0, 0]:.6g} and {products[1, 1]:.6g}, "
            f"scalar product {products[0, 1]:.6g}",
            "1, 1 and 0",
            "two orthogonal vectors of unit length",
        )
