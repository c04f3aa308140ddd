"""Where cheap estimators are exact, and which of them are the same (an extension)."""

from dataclasses import dataclass
from typing import ClassVar

from experiments.engine.base import Data, Experiment, Quantity, exact, param

NAMES = (
    "two_sided_minus_reinmax",
    "straight_through_minus_reinmax",
    "two_sided_bias_quadratic",
    "straight_through_bias_quadratic",
    "path_sample_analytic_bias_one_hidden_layer",
    "path_sample_analytic_bias_two_hidden_layers",
    "surrogate_bias_one_hidden_layer",
    "layered_mean_minus_enumeration",
)
ROUNDING = {"atol": 1e-11}


@dataclass
class EstimatorIdentities(Experiment):
    """Relative differences that vanish, each beside one that does not."""

    NEEDS_X64: ClassVar[bool] = True

    beta: float = param(2.0, "slope of the escape noise", unit="1/potential", above=0)
    n_networks: int = param(10, "random networks, of which the largest difference counts", low=1)
    network_seed: int = param(0, "seed of the networks", low=0, high=2**63 - 1)

    def summary(self, data: Data) -> dict[str, Quantity]:
        """All of them."""
        return {name: exact(data[name], **ROUNDING) for name in NAMES}
