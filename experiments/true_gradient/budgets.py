"""The estimators that are trained with, each within a budget of runs of the network per update."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

import snn
from snn.estimators.base import Estimator
from snn.estimators.score_function import LeaveOneOut
from snn.flips import Systematic


@dataclass(frozen=True)
class Method:
    """What is descended, and how many runs of the network it may take per update.

    Attributes:
        make: the estimator and its number of trials, within so many runs.
        share: runs per run of the budget.
        fixed: runs whatever the budget is; 0 for none.
        least: runs without which it is nothing.
        flips: whether all runs but one are flips of different sites.
    """

    make: Callable[[int], tuple[Estimator, int]]
    share: int = 1
    fixed: int = 0
    least: int = 1
    flips: bool = False

    def runs(self, budget: int) -> int:
        """Runs per update."""
        return self.fixed or self.share * budget

    def budgets(self, sites: int) -> tuple[int, int]:
        """The least and the largest budget, in a network of so many spike sites."""
        if self.fixed:
            return 1, sys.maxsize
        most = (1 + sites) // self.share if self.flips else sys.maxsize
        return -(-self.least // self.share), most


def _through(runs: int) -> tuple[Estimator, int]:
    return snn.Surrogate(reset=snn.through), runs


def _stochastic_ad(runs: int) -> tuple[Estimator, int]:
    # Flips are where its variance comes from: all of the budget is one trial's.
    return snn.StochasticAD(n_flips=runs - 1, draw=Systematic()), 1


ESTIMATORS = {
    "surrogate_through": Method(_through),
    "surrogate_through_one": Method(_through, fixed=1),
    "surrogate": Method(lambda runs: (snn.Surrogate(reset=snn.detached), runs)),
    "super_spike": Method(lambda runs: (snn.Surrogate(snn.surrogate.SuperSpike(10.0)), runs)),
    "score_function": Method(lambda runs: (snn.ScoreFunction(LeaveOneOut()), runs), least=2),
    "stochastic_ad_systematic": Method(_stochastic_ad, least=2, flips=True),
    "stochastic_ad_systematic_more": Method(_stochastic_ad, share=4, least=2, flips=True),
}
