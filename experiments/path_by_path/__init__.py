"""Surrogate and smoothed stochastic derivatives on every path through a stochastic network."""

from dataclasses import dataclass

import numpy as np

from experiments.engine.base import Data, Quantity, exact, param
from experiments.engine.errors import UserError
from experiments.stochastic_mlp import StochasticMLP

COUPLINGS = ("straight_through", "right", "left", "two_sided")
MAX_SITES = 10


@dataclass
class PathByPath(StochasticMLP):
    """Every spike pattern that a trial can take, its probability, and its derivatives.

    Nothing is sampled: a trial is one of these patterns, so what holds for each of them holds for
    every sample.
    """

    path_seed: int = param(0, "seed of the one trial whose path is highlighted", low=0)

    def validate(self) -> None:
        """Refuses networks with too many paths to draw."""
        super().validate()
        if self.n_sites > MAX_SITES:
            raise UserError(
                "too many paths to draw",
                f"sizes={self.sizes}, that is 2^{self.n_sites} paths",
                f"at most {MAX_SITES} neurons (2^{MAX_SITES} paths)",
                "sizes=[2,3,2,1]",
            )

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Distances of the surrogate gradient from each smoothed derivative."""
        sg, weight = data["surrogate"], data["probability"]
        difference = dict(zip(COUPLINGS, data["smoothed"] - sg, strict=True))
        quantities = {
            "n_paths": exact(len(sg)),
            "total_probability": exact(weight.sum()),
            "sg_minus_straight_through_max": exact(
                np.abs(difference.pop("straight_through")).max(), atol=1e-12
            ),
        }
        for name, d in difference.items():
            # Root mean squares over trials: each path counts as often as it occurs.
            relative = np.sqrt(weight @ np.sum(d**2, axis=1) / (weight @ np.sum(sg**2, axis=1)))
            quantities[f"sg_minus_{name}_relative"] = exact(relative)
        return quantities
