"""Variance of unbiased stochastic AD in a LIF network, against the number and draw of flips."""

from dataclasses import dataclass

import numpy as np

from experiments.engine.base import Data, Experiment, Quantity, param, seeds_param, statistical
from experiments.engine.errors import UserError

VARIANTS = (
    "independent",
    "stratified",
    "systematic",
    "left",
    "two_sided",
    "suffix_replays",
)
"""Draws with the straight-through coupling; systematic draws with others; short replays."""

N_BATCHES = 64
N_BLOCKS = 4


@dataclass
class FlipVariance(Experiment):
    """Variance of one trial's estimate relative to the squared norm of the gradient.

    Beside stochastic AD: all sites flipped, the score function, and the surrogate gradient.
    """

    n_flips: list[int] = param([4, 16, 64, 256], "flips per trial, multiples of 4", low=4)
    beta: float = param(10.0, "slope of the escape noise", unit="1/theta", above=0)
    steps: int = param(60, "duration, in time steps of 1 ms", low=2)
    recurrence: float = param(
        0.0, "share of the recurrent input in a potential's variance; 0: none", low=0, below=1
    )
    n_inputs: int = param(20, "input neurons", low=1)
    n_hidden: int = param(20, "hidden neurons", low=1)
    n_outputs: int = param(10, "output neurons", low=1)
    horizons: list[int] = param(
        [0, 1, 2],
        "blocks after that of the flip which truncated replays run",
        low=0,
        high=N_BLOCKS - 1,
    )
    survival: float = param(
        0.5, "probability of each next block of those that stop at random", above=0, high=1
    )
    n_trials: int = param(1024, "trials of each estimate", low=2 * N_BATCHES)
    n_trials_all: int = param(128, "trials with all sites flipped", low=N_BATCHES)
    seeds: list[int] = seeds_param()

    def validate(self, path: str) -> None:
        """Refuses more flips than sites, and flips or steps that blocks of time cannot share."""
        for name in ("n_flips", "horizons"):
            values = getattr(self, name)
            if values != sorted(set(values)):
                raise UserError(
                    f"{path}.{name} is not a rising list",
                    values,
                    "each value larger than the one before",
                    f"{path}.{name}=[{','.join(map(str, sorted(set(values))))}]",
                )
        uneven = [n for n in self.n_flips if n % N_BLOCKS]
        if uneven:
            raise UserError(
                f"{path}.n_flips: not shared evenly by {N_BLOCKS} blocks of time",
                uneven,
                f"multiples of {N_BLOCKS}",
                f"{path}.n_flips=[{max(N_BLOCKS, uneven[0] // N_BLOCKS * N_BLOCKS)}]",
            )
        if self.steps % N_BLOCKS:
            raise UserError(
                f"{path}.steps: not shared evenly by {N_BLOCKS} blocks of time",
                self.steps,
                f"a multiple of {N_BLOCKS}",
                f"{path}.steps={-(-self.steps // N_BLOCKS) * N_BLOCKS}",
            )
        n_sites = self.steps * (self.n_hidden + self.n_outputs)
        if max(self.n_flips) > n_sites:
            raise UserError(
                f"{path}.n_flips: more flips than spike sites",
                self.n_flips,
                f"1 to {n_sites}",
                f"{path}.n_flips=[{n_sites}]",
            )

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Variances of the hidden layer at most flips, and what draws and couplings gain."""
        hidden = data["variance"][:, :, -1, 0]
        plain = hidden[:, VARIANTS.index("independent")]
        quantities = {
            f"{name}_over_independent": _ratio(hidden[:, i] / plain)
            for i, name in enumerate(VARIANTS[1:], 1)
        }
        quantities["hidden_all_flips_log10"] = _log(data["all_flips"][:, 0])
        quantities["hidden_systematic_over_surrogate_log10"] = _log(
            hidden[:, VARIANTS.index("systematic")] / data["surrogate"][:, 0]
        )
        averaged, sampled = data["averaged_output"][:, 0], data["sampled_output"][:, 0]
        quantities["averaged_over_sampled_output"] = _ratio(averaged / sampled)
        for i, horizon in enumerate(self.horizons):
            squared, se = (data[f"truncation_bias_squared{end}"][:, i, 0] for end in ("", "_se"))
            quantities[f"horizon_{horizon}_bias_squared"] = statistical(
                squared.mean(), (se**2).sum() ** 0.5 / len(se)
            )
            quantities[f"horizon_{horizon}_at_random_over_suffix_replays"] = _ratio(
                data["truncated_variance"][:, 1, i, 0] / hidden[:, VARIANTS.index("suffix_replays")]
            )
        return quantities


# Variances of trials of this size have relative errors of about this much.
ERROR = 0.15


def _ratio(values: np.ndarray) -> Quantity:
    return statistical(values.mean(), ERROR * values.mean() / len(values) ** 0.5)


def _log(values: np.ndarray) -> Quantity:
    return statistical(np.log10(values).mean(), ERROR / len(values) ** 0.5)
