"""How far an estimate is from the exact derivative, against the number of samples."""

from dataclasses import dataclass

import numpy as np

from experiments.engine.base import Data, Quantity, exact, param, seeds_param, statistical
from experiments.late_spike import LateSpike

UNBIASED = ("stochastic_ad", "score_function")
BIASED = ("surrogate", "smoothed_right")


@dataclass
class EstimatorError(LateSpike):
    """Error of d P(late spike) / dw: unbiased estimators average it away, biased ones keep it."""

    n_trials: int = param(10_000, "largest number of samples", low=100)
    seeds: list[int] = seeds_param()

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Every estimate over the exact derivative, and the unbiased ones' z-scores."""
        truth = data["exact"][0]
        quantities = {
            "exact": exact(truth),
            "sg_over_exact": exact(data["expected_surrogate"][0] / truth),
            "sg_deterministic_over_exact": exact(data["deterministic"][0] / truth),
        }
        for name in (*BIASED, *UNBIASED):
            mean = data[f"{name}_mean"].mean()
            error = np.sqrt(np.sum(data[f"{name}_se"] ** 2)) / data[f"{name}_se"].size
            quantities[f"{name}_over_exact"] = statistical(mean / truth, error / abs(truth))
            if name in UNBIASED:
                quantities[f"{name}_z"] = statistical((mean - truth) / error, 1.0)
        return quantities
