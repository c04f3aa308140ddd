"""What figure 10 trains spiking networks with, by name.

*Broad* is the surrogate gradient of a quarter (`RATIO`) of the noise's slope, through the reset.
*Unbiased* is stochastic AD with all flips of a budget in one trial. `Mixed` methods follow a
mixture of both. `Schedule`: one method in the first half of training, then another. `Annealed`: a
slope that rises over training.
"""

from dataclasses import dataclass, field, replace
from typing import Any, Self, cast

from beyond.experiments.true_gradient import budgets
from beyond.experiments.true_gradient.budgets import METHODS, Budgeted, Followed
from beyond.experiments.true_gradient.mixed_estimators import (
    Averaged,
    InOtherNoise,
    Jittered,
    Pair,
    PerNeuron,
)
from snn.estimators.base import Estimator
from snn.estimators.surrogate import Surrogate

RATIO = budgets.BROAD.slope
"""Slope of the broad surrogate, and of the broader noise, over that of the noise."""


@dataclass(frozen=True)
class Repeated(Budgeted):
    """Independent trials with the flips of one budget each, as many as budgets."""

    def within(self, budget: int, beta: float | None = None) -> tuple[Estimator, int]:
        """Return the estimator, and its number of trials."""
        one, _ = METHODS[self.name].within(budget, beta)
        return Averaged(one), self.method.runs


BROAD, UNBIASED, MATCHED = budgets.BROAD.name, budgets.UNBIASED.name, budgets.MATCHED.name
REPEATED = replace(budgets.UNBIASED, runs=8)


@dataclass(frozen=True)
class Mixed:
    """A `Pair` within the budget of both.

    Attributes:
        kind: the class.
        choices: its attributes beside the two estimators.
        n_unbiased: trials of the unbiased one.
    """

    kind: type[Pair]
    choices: dict[str, Any] = field(default_factory=dict)
    n_unbiased: int = 1

    def at(self, progress: float) -> Self:
        """Return the same throughout the training."""
        return self

    def runs(self, budget: int) -> int:
        """Return runs per update."""
        return (1 + self.n_unbiased) * budget

    def within(self, budget: int, beta: float) -> tuple[Estimator, int]:
        """Return the estimator, and its number of trials."""
        broad, n_trials = METHODS[BROAD].within(budget, beta)
        unbiased, _ = METHODS[UNBIASED].within(budget)
        return self.kind(
            cast(Surrogate, broad), unbiased, **self.choices
        ), n_trials + self.n_unbiased


@dataclass(frozen=True)
class Smoothed(Budgeted):
    """An estimator in noise of a quarter of the slope."""

    def within(self, budget: int, beta: float) -> tuple[Estimator, int]:
        """Return the estimator, and its number of trials."""
        made, n_trials = super().within(budget, beta)
        return InOtherNoise(made, RATIO * beta), n_trials


@dataclass(frozen=True)
class Schedule:
    """One method in the first half of training, another in the second, at equal runs."""

    first: Budgeted
    second: Budgeted

    def at(self, progress: float) -> Budgeted:
        """Return the method of a share of the training."""
        return self.first if progress < 0.5 else self.second

    def runs(self, budget: int) -> int:
        """Return runs per update."""
        return self.first.runs(budget)

    def within(self, budget: int, beta: float) -> tuple[Estimator, int]:
        """Those of the first half."""
        return self.first.within(budget, beta)


@dataclass(frozen=True)
class Annealed(Budgeted):
    """A surrogate whose slope rises by equal factors, from a quarter of the noise's to its own.

    Attributes:
        progress: share of the training that is over.
    """

    progress: float = 0.0

    def at(self, progress: float) -> Self:
        """Return the value at a share of the training."""
        return replace(self, progress=progress)

    def within(self, budget: int, beta: float) -> tuple[Estimator, int]:
        """Return the estimator, and its number of trials."""
        return super().within(budget, RATIO ** (1 - self.progress) * beta)


FOLLOWED: dict[str, Followed] = {
    UNBIASED: METHODS[UNBIASED],
    REPEATED.name: Repeated(REPEATED),
    BROAD: METHODS[BROAD],
    "super_spike": METHODS["super_spike"],
    "broad_at_silent": Mixed(PerNeuron, {"broad_at_silent": True}),
    "unbiased_at_silent": Mixed(PerNeuron, {"broad_at_silent": False}),
    "unbiased_in_broader_noise": Smoothed(budgets.UNBIASED),
    "broad_jittered": Mixed(Jittered, n_unbiased=2),
    MATCHED: METHODS[MATCHED],
    "first_broad": Schedule(METHODS[BROAD], METHODS[UNBIASED]),
    "annealed": Annealed(budgets.MATCHED),
}
"""What updates follow, by name."""
