"""Surrogate and smoothed stochastic derivatives on every path through a stochastic network."""

from dataclasses import dataclass

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

    path_seed: int = param(
        0, "seed of the one trial whose path is highlighted", low=0, high=2**63 - 1
    )

    def validate(self, path: str) -> None:
        """Refuses networks with too many paths to draw."""
        super().validate(path)
        if self.n_sites > MAX_SITES:
            raise UserError(
                f"{path}.sizes: too many paths to draw",
                f"sizes={self.sizes}, that is 2^{self.n_sites} paths",
                f"at most {MAX_SITES} neurons (2^{MAX_SITES} paths)",
                f"{path}.sizes=[2,3,2,1]",
            )

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Distances of the surrogate gradient from each smoothed derivative."""
        largest = dict(zip(COUPLINGS, data["largest_difference"], strict=True))
        relative = dict(zip(COUPLINGS, data["relative_difference"], strict=True))
        quantities = {
            "n_paths": exact(len(data["probability"])),
            "total_probability": exact(data["probability"].sum()),
            "sg_minus_straight_through_max": exact(largest["straight_through"], atol=1e-12),
        }
        for name in ("right", "left", "two_sided"):
            quantities[f"sg_minus_{name}_relative"] = exact(relative[name])
        return quantities
