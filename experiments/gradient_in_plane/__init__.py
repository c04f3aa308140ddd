"""Surrogate gradients of a differentiable network over a plane of two weights."""

from dataclasses import dataclass

import numpy as np

from experiments.engine.base import Data, Experiment, Quantity, exact, param


@dataclass
class GradientInPlane(Experiment):
    """Surrogate gradient integrated over the plane of the weights v1 and v2, by two paths."""

    beta_forward: float = param(20.0, "slope of the network", unit="1/potential", above=0)
    beta_surrogate: list[float] = param(
        [2.0, 4.0, 20.0], "slopes of the surrogate", unit="1/potential", above=0
    )
    w: float = param(1.0, "weight w")
    u: list[float] = param([1.0, -1.0], "weights u1, u2", length=2)
    extent: float = param(2.0, "v1 and v2 go from -extent to extent", above=0)
    n_v1: int = param(1021, "points along v1", low=11)
    n_v2: int = param(1031, "points along v2", low=11)
    probe: list[float] = param(
        [1.7, -1.3], "(v1, v2) of the arrow that shows the descent step", length=2
    )
    n_shown: int = param(81, "points along each axis that are kept for the plot", low=11)

    NEEDS_X64 = True

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Gradients at the probe, and how much the integral depends on its path."""
        quantities = {"grid_error": exact(data["grid_error"], rtol=1e-3)}
        for i, beta in enumerate(self.beta_surrogate):
            v1, v2 = data["probe_gradient"][i]
            # A gradient of 1e-18 is zero to rounding: only its order can be guarded.
            tolerance = {"rtol": 1e-8, "atol": 1e-15}
            quantities |= {
                f"sg_v1_{beta:g}": exact(v1, **tolerance),
                f"sg_v2_{beta:g}": exact(v2, **tolerance),
                f"sg_norm_{beta:g}": exact(np.hypot(v1, v2), **tolerance),
                f"path_dependence_{beta:g}": exact(
                    data["path_dependence"][i], rtol=0, atol=2 * data["grid_error"]
                ),
            }
        return quantities
