"""The deterministic network as the limit of vanishing noise."""

from dataclasses import dataclass

import numpy as np

from experiments.engine.base import Data, Experiment, Quantity, param, seeds_param, statistical
from experiments.engine.errors import UserError

NETWORKS = ("lif", "mlp")


@dataclass
class DeterministicLimit(Experiment):
    """Distance of the stochastic network's surrogate gradients to the deterministic network's.

    The escape noise gets steeper and the surrogate derivative stays. Same weights, inputs, loss.
    """

    betas: list[float] = param(
        [1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10000.0],
        "steepness of the escape noise",
        unit="1/potential",
        above=0,
    )
    beta_surrogate: float = param(
        10.0, "steepness of the SuperSpike surrogate", unit="1/potential", above=0
    )
    mlp_sizes: list[int] = param([50, 200, 50], "inputs and layers of the MLP", low=1)
    lif_sizes: list[int] = param([20, 30, 10], "inputs and layers of the LIF network", low=1)
    rate: float = param(50.0, "rate of the LIF network's Poisson inputs", unit="Hz", above=0)
    n_steps: int = param(100, "time steps of 1 ms", low=5)
    n_trials: int = param(200, "trials", low=2)
    seeds: list[int] = seeds_param()

    def validate(self, path: str) -> None:
        """A network has inputs and at least one layer."""
        for name in ("mlp_sizes", "lif_sizes"):
            sizes = getattr(self, name)
            if len(sizes) < 2:
                raise UserError(
                    f"{path}.{name} has no layer",
                    sizes,
                    "the number of inputs, then of neurons in each layer",
                    f"{path}.{name}=[{sizes[0]},1]",
                )

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Relative distances, mean over trials: of the LIF network, and of the MLP."""
        quantities = {}
        for prefix, network in (("", "lif"), ("mlp_", "mlp")):
            for i, beta in enumerate(self.betas):
                means, errors = data[f"{network}_mean"][:, i], data[f"{network}_se"][:, i]
                # Where no trial differs, that is all that so many trials can tell.
                error = max(
                    np.sqrt(np.sum(errors**2)) / errors.size, 1 / self.n_trials / errors.size
                )
                quantities[f"{prefix}distance_beta_{beta:g}"] = statistical(means.mean(), error)
        return quantities
