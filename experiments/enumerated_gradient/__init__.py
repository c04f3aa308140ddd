"""Gradients of LIF networks so small that the exact one is known by enumeration."""

from dataclasses import dataclass

import numpy as np

from experiments.engine.base import Data, Experiment, Quantity, band, exact, param, seeds_param
from experiments.engine.errors import UserError

MAX_SITES = 14
RESETS = ("through", "detached")
UNBIASED = ("independent", "systematic", "suffix_replays", "score_function")
CHANCE = "an unbiased estimator has |z| > 5 once in a million parameters"
BIASED = "a biased one is found out with these trials"


@dataclass
class EnumeratedGradient(Experiment):
    """Small networks before training: are unbiased estimates so, and how far off are the others?

    The exact gradient and the expected surrogate gradients are enumerated. One network per seed.
    """

    sizes: list[int] = param([3, 2], "inputs, then neurons of each layer", low=1)
    steps: int = param(6, "time steps of 1 ms", low=3)
    input_rate: float = param(
        300.0, "rate of the inputs: high, since time is short", unit="Hz", above=0, below=1000
    )
    recurrence: float = param(
        0.3, "share of the recurrent input in a potential's variance; 0: none", low=0, below=1
    )
    beta: float = param(2.5, "slope of the escape noise", unit="1/theta", above=0)
    n_flips: int = param(4, "flips per trial of stochastic AD", low=1)
    n_trials: int = param(65536, "trials of each sampled estimate", low=100)
    seeds: list[int] = seeds_param()

    def validate(self, path: str) -> None:
        """Refuses networks that cannot be enumerated, or have fewer sites than flips."""
        n_sites = self.steps * sum(self.sizes[1:])
        if len(self.sizes) < 2 or not self.n_flips <= n_sites <= MAX_SITES:
            raise UserError(
                f"{path}: the network does not suit enumeration",
                f"{n_sites} spike sites, sizes={self.sizes} times steps={self.steps}",
                f"n_flips={self.n_flips} to {MAX_SITES} sites, in one or more layers",
                f"{path}.sizes=[3,2] {path}.steps=6",
            )

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Largest z-scores over parameters and networks; exact cosines and norm ratios."""
        quantities = {
            f"{name}_max_abs_z": band(data["max_abs_z"][:, i].max(), 0.0, 5.0, CHANCE)
            for i, name in enumerate(UNBIASED)
        }
        quantities["sg_through_max_abs_z"] = band(
            data["surrogate_max_abs_z"].min(), 20.0, 1e6, BIASED
        )
        for i, reset in enumerate(RESETS):
            for number in ("cosine", "ratio"):
                # In single precision the last digits differ between machines.
                median = np.median(data[number][:, i])
                quantities[f"{reset}_{number}"] = exact(median, rtol=1e-3)
        return quantities
