"""The estimators that are trained with, each within a budget of runs of the network per update."""

import sys
from dataclasses import dataclass

from experiments.estimators import CATALOGUE, estimator
from snn.estimators.base import Estimator


@dataclass(frozen=True)
class Method:
    """What is descended, and how many runs of the network it may take per update.

    Attributes:
        name: the estimator, a key of the catalogue.
        share: runs per run of the budget.
        fixed: runs whatever the budget is; 0 for none.
        flips: whether all runs but one are flips of different sites.
    """

    name: str
    share: int = 1
    fixed: int = 0
    flips: bool = False

    def make(self, runs: int) -> tuple[Estimator, int]:
        """The estimator and its number of trials, within so many runs."""
        # Flips are where its variance comes from: all of the budget is one trial's.
        if self.flips:
            return estimator(self.name, n_flips=runs - 1), 1
        return estimator(self.name), runs

    def runs(self, budget: int) -> int:
        """Runs per update."""
        return self.fixed or self.share * budget

    def budgets(self, sites: int) -> tuple[int, int]:
        """The least and the largest budget, in a network of so many spike sites."""
        if self.fixed:
            return 1, sys.maxsize
        least = 2 if self.flips else CATALOGUE[self.name].least_trials
        most = (1 + sites) // self.share if self.flips else sys.maxsize
        return -(-least // self.share), most


ESTIMATORS = {
    "surrogate_through": Method("surrogate_through"),
    "surrogate_through_one": Method("surrogate_through", fixed=1),
    "surrogate": Method("surrogate"),
    "super_spike": Method("super_spike"),
    "score_function": Method("score_function"),
    "stochastic_ad_systematic": Method("stochastic_ad_systematic", flips=True),
    "stochastic_ad_systematic_more": Method("stochastic_ad_systematic", share=4, flips=True),
}
