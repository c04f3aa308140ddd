"""Training of a small network of LIF neurons by one estimator, at a given cost per update."""

from dataclasses import dataclass

import numpy as np

from experiments.engine.base import Data, Experiment, Quantity, band, param, seeds_param
from experiments.engine.errors import UserError

ESTIMATORS = ("through", "detached", "super_spike", "stochastic_ad", "score_function")


@dataclass
class UnbiasedTraining(Experiment):
    """Descends the van Rossum distance to Poisson targets; every seed is a task of its own.

    All learning rates are tried on all seeds, side by side. The rate is chosen by the tuning seeds
    alone, and then judged by the others.
    """

    estimator: str = param("through", "what is descended", choices=ESTIMATORS)
    budget: int = param(32, "runs of the network per update", low=1)
    learning_rates: list[float] = param([0.01, 0.03, 0.1], "of Adam, to choose from", above=0)
    tuning_seeds: list[int] = param(
        [1000, 1001], "tasks by which the learning rate is chosen", low=0, high=2**32 - 1
    )
    n_updates: int = param(400, "updates", low=2)
    chunk: int = param(20, "updates between observations of the loss", low=1)
    n_test: int = param(64, "trials of an observed loss", low=2)
    n_inputs: int = param(10, "input neurons", low=1)
    n_hidden: int = param(10, "hidden neurons", low=1)
    n_outputs: int = param(5, "output neurons", low=1)
    steps: int = param(40, "duration, in time steps of 1 ms", low=2)
    beta: float = param(10.0, "slope of the escape noise", unit="1/theta", above=0)
    recurrence: float = param(
        0.0, "share of the recurrent input in a potential's variance; 0: none", low=0, below=1
    )
    seeds: list[int] = seeds_param()

    def validate(self, path: str) -> None:
        """Refuses a task for both tuning and judging, and budgets that an estimator cannot use."""
        both = sorted(set(self.seeds) & set(self.tuning_seeds))
        if both:
            raise UserError(
                f"{path}: a task would both choose the learning rate and judge it",
                f"{both} in seeds and in tuning_seeds",
                "different seeds",
                f"{path}.tuning_seeds=[{max(self.seeds) + 1}]",
            )
        least = {"stochastic_ad": 2, "score_function": 2}.get(self.estimator, 1)
        most = 1 + self.steps * (self.n_hidden + self.n_outputs)
        if self.budget < least or (self.estimator == "stochastic_ad" and self.budget > most):
            raise UserError(
                f"{path}.budget does not suit {self.estimator}",
                self.budget,
                f"{least} to {most}: a trial and its flips, or two trials",
                f"{path}.budget={least}",
            )

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Loss before training, and at the end with the chosen learning rate."""
        first, final = np.median(data["loss"][:, 0, 0]), np.median(data["final"])
        return {
            "first_loss": band(first, 0.2, 8.0, "untrained"),
            "final_over_first": band(final / first, 0.0, 1.0, "training must not do harm"),
        }
