"""Surrogate gradients of LIF networks over time, against their true gradient."""

from dataclasses import dataclass

import numpy as np

from experiments.engine.base import Data, Experiment, Quantity, param, seeds_param, statistical
from experiments.engine.errors import UserError

SURROGATES = (
    "through",
    "detached",
    "ignored",
    "through_quarter",
    "through_half",
    "through_double",
    "through_fourfold",
    "detached_quarter",
    "super_spike",
)
"""Matched slope with each derivative of the reset; other slopes; SuperSpike as it is practised."""

N_BATCHES = 16
PARTS = ("all", "hidden", "output")


@dataclass
class TrueGradient(Experiment):
    """Direction, norm and variance of surrogate gradients of networks before training.

    The true gradient is the mean of unbiased stochastic AD over many trials. One network per seed.
    """

    betas: list[float] = param([10.0], "slopes of the escape noise", unit="1/theta", above=0)
    steps: list[int] = param([60], "durations, in time steps of 1 ms", low=2)
    recurrences: list[float] = param(
        [0.0], "shares of the recurrent input in a potential's variance; 0: none", low=0, below=1
    )
    surrogates: list[str] = param(list(SURROGATES), "surrogate gradients", choices=SURROGATES)
    n_inputs: int = param(20, "input neurons", low=1)
    n_hidden: int = param(20, "hidden neurons", low=1)
    n_outputs: int = param(10, "output neurons", low=1)
    n_flips: int = param(64, "flips per trial of stochastic AD", low=1)
    n_trials: int = param(4096, "trials of the true gradient", low=2 * N_BATCHES)
    n_surrogate_trials: int = param(2048, "trials of a surrogate gradient", low=2 * N_BATCHES)
    seeds: list[int] = seeds_param()

    def validate(self, path: str) -> None:
        """Refuses two axes at once, and more flips than sites."""
        lengths = [len(axis) for axis in (self.betas, self.steps, self.recurrences)]
        if sorted(lengths)[1] > 1:
            raise UserError(
                f"{path} varies two things at once",
                f"{lengths} betas, steps and recurrences",
                "several values of one of them",
                f"{path}.steps=[60] {path}.recurrences=[0]",
            )
        n_sites = min(self.steps) * (self.n_hidden + self.n_outputs)
        if self.n_flips > n_sites:
            raise UserError(
                f"{path}.n_flips: more flips than spike sites",
                self.n_flips,
                f"1 to {n_sites}",
                f"{path}.n_flips={n_sites}",
            )

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Means over networks at both ends of the axis, all layers together.

        Of gradients so noisy that their direction is unknown there is none.
        """
        quantities = {}
        for i, name in enumerate(self.surrogates):
            for end, cell in (("first", 0), ("last", -1)):
                for number in ("cosine", "ratio"):
                    values, errors = (data[n][:, cell, i, 0] for n in (number, f"{number}_se"))
                    if np.isfinite(values).all() and np.isfinite(errors).all():
                        quantities[f"{name}_{number}_{end}"] = _mean(values, errors)
        hidden = PARTS.index("hidden")
        variances = {
            "stochastic_ad": data["true_variance"][:, 0, hidden],
            "surrogate": data["variance"][:, 0, 0, hidden],
        }
        for name, values in variances.items():
            quantities[f"variance_of_{name}_hidden"] = _mean(values, VARIANCE_ERROR * values)
        return quantities


VARIANCE_ERROR = 0.2
"""Relative error of a variance over so many batches and parameters, in round numbers."""


def _mean(values: np.ndarray, errors: np.ndarray) -> Quantity:
    """The mean of these very networks, with the error that trials leave."""
    return statistical(values.mean(), (errors**2).sum() ** 0.5 / len(values))
