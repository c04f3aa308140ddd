"""Training methods: estimators of the catalogue within a budget of forward passes."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace

import snn
from beyond.experiments.limits import least_trials
from beyond.experiments.method import Method
from experiments.estimators import estimator
from snn.estimators.base import Estimator


@dataclass(frozen=True)
class Budgeted:
    """Estimator of the catalogue within a budget of forward passes per update.

    Attributes:
        method: the estimator, and the number of budgets that it uses.
    """

    method: Method

    @property
    def name(self) -> str:
        """Name of the estimator in the catalogue, without the budget."""
        return replace(self.method, runs=1).name

    @property
    def flips(self) -> bool:
        """True if the estimator flips spikes; the flips cause its variance."""
        return isinstance(estimator(self.name, beta=1.0), snn.StochasticAD)

    def runs(self, budget: int) -> int:
        """Return forward passes per update."""
        return self.method.runs * budget or 1

    def within(
        self, budget: int, beta: float | None = None, progress: float = 0.0
    ) -> tuple[Estimator, int]:
        """Return estimator and number of trials; all flips of a budget are in one trial."""
        runs = self.runs(budget)
        if self.flips:
            return estimator(self.name, n_flips=runs - 1), 1
        return estimator(self.name, beta=beta), runs

    def budgets(self, sites: int) -> tuple[int, int]:
        """Return the least and the largest budget in a network with a number of spike sites."""
        share = self.method.runs
        if not share:
            return 1, sys.maxsize
        least = 2 if self.flips else least_trials(self.name)
        return -(-least // share), (1 + sites) // share if self.flips else sys.maxsize


@dataclass(frozen=True)
class CustomMethod:
    """Method of one comparison, with a function that makes its estimator.

    Attributes:
        make: function from the arguments of `within` to estimator and number of trials.
        share: number of budgets per update.
    """

    make: Callable[[int, float, float], tuple[Estimator, int]]
    share: int = 1

    def runs(self, budget: int) -> int:
        """Return forward passes per update."""
        return self.share * budget

    def within(self, budget: int, beta: float, progress: float = 0.0) -> tuple[Estimator, int]:
        """Return the estimator and the number of trials.

        Args:
            budget: forward passes per update.
            beta: slope of the escape noise.
            progress: share of the training that is over, from 0 to 1.
        """
        return self.make(budget, beta, progress)


Followed = Budgeted | CustomMethod
"""Method whose estimates updates follow."""

MATCHED, BROAD = Method(reset="through"), Method(reset="through", slope=0.25)
SYSTEMATIC = Method("stochastic_ad_systematic")

METHODS = {
    method.name: Budgeted(method)
    for method in (
        MATCHED,
        replace(MATCHED, runs=0),
        BROAD,
        Method(),
        Method("super_spike"),
        Method("score_function"),
        SYSTEMATIC,
        replace(SYSTEMATIC, runs=4),
    )
}
"""Training methods by name."""
