"""What is trained with: estimators of the catalogue, within a budget of runs of the network."""

import sys
from dataclasses import dataclass
from typing import Protocol, Self

from experiments.estimators import CATALOGUE, estimator
from snn.estimators.base import Estimator


class Followed(Protocol):
    """What updates follow."""

    def at(self, progress: float) -> "Followed":
        """Return what they follow when a share of the training is over, from 0 to 1."""
        ...

    def runs(self, budget: int) -> int:
        """Return runs of the network per update."""
        ...

    def within(self, budget: int, beta: float) -> tuple[Estimator, int]:
        """Return the estimator, and its number of trials, in noise of some slope."""
        ...


@dataclass(frozen=True)
class Method:
    """An estimator, and how many runs of the network it may take per update.

    Attributes:
        name: the estimator, by its name in the catalogue.
        share: runs per run of the budget.
        fixed: runs whatever the budget is; 0 for none.
    """

    name: str
    share: int = 1
    fixed: int = 0

    @property
    def flips(self) -> bool:
        """True if it flips spikes, which is where its variance comes from."""
        return self.name.startswith("stochastic_ad")

    def at(self, progress: float) -> Self:
        """Return the same throughout the training."""
        return self

    def runs(self, budget: int) -> int:
        """Return runs per update."""
        return self.fixed or self.share * budget

    def within(self, budget: int, beta: float | None = None) -> tuple[Estimator, int]:
        """Return the estimator, and its number of trials; all flips of a budget are one trial's.

        Args:
            budget: runs of the network per update.
            beta: slope of the escape noise, for surrogates whose slope is a multiple of it.
        """
        runs = self.runs(budget)
        if self.flips:
            return estimator(self.name, n_flips=runs - 1), 1
        return estimator(self.name, beta=beta), runs

    def budgets(self, sites: int) -> tuple[int, int]:
        """Return the least and the largest budget, in a network of so many spike sites."""
        if self.fixed:
            return 1, sys.maxsize
        least = 2 if self.flips else CATALOGUE[self.name].least_trials
        most = (1 + sites) // self.share if self.flips else sys.maxsize
        return -(-least // self.share), most


METHODS = {
    "surrogate_through": Method("surrogate_through"),
    "surrogate_through_one": Method("surrogate_through", fixed=1),
    "surrogate_through_x0.25": Method("surrogate_through_x0.25"),
    "surrogate": Method("surrogate"),
    "super_spike": Method("super_spike"),
    "score_function": Method("score_function"),
    "stochastic_ad_systematic": Method("stochastic_ad_systematic"),
    "stochastic_ad_systematic_more": Method("stochastic_ad_systematic", share=4),
}
