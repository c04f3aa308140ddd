"""Methods by name, for the training of spiking networks in figure 10.

*Broad* is the surrogate gradient with a quarter (`RATIO`) of the noise's slope, through the reset.
*Unbiased* is stochastic AD with all flips of a budget in one trial (`SYSTEMATIC`).
"""

from dataclasses import replace
from typing import Any, cast

from beyond.experiments.true_gradient import budgets
from beyond.experiments.true_gradient.budgets import METHODS, CustomMethod, Followed
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
BROAD, SYSTEMATIC, MATCHED = budgets.BROAD.name, budgets.SYSTEMATIC.name, budgets.MATCHED.name
REPEATED = replace(budgets.SYSTEMATIC, runs=8)


def _repeated(budget: int, beta: float, progress: float) -> tuple[Estimator, int]:
    """Return independent trials with the flips of one budget each, as many as budgets."""
    one, _ = METHODS[SYSTEMATIC].within(budget)
    return Averaged(one), REPEATED.runs


def _mixed(kind: type[Pair], n_unbiased: int = 1, **choices: Any) -> CustomMethod:
    """Return a `Pair` within the budgets of both, with a number of unbiased trials."""

    def make(budget: int, beta: float, progress: float) -> tuple[Estimator, int]:
        broad, n_trials = METHODS[BROAD].within(budget, beta)
        unbiased, _ = METHODS[SYSTEMATIC].within(budget)
        return kind(cast(Surrogate, broad), unbiased, **choices), n_trials + n_unbiased

    return CustomMethod(make, 1 + n_unbiased)


def _smoothed(budget: int, beta: float, progress: float) -> tuple[Estimator, int]:
    """Return unbiased gradients in noise of a quarter of the slope."""
    unbiased, n_trials = METHODS[SYSTEMATIC].within(budget)
    return InOtherNoise(unbiased, RATIO * beta), n_trials


def _first_broad(budget: int, beta: float, progress: float) -> tuple[Estimator, int]:
    """Return a schedule: the first method in the first half of training, then the second."""
    return METHODS[BROAD if progress < 0.5 else SYSTEMATIC].within(budget, beta)


def _annealed(budget: int, beta: float, progress: float) -> tuple[Estimator, int]:
    """Return a schedule: the slope rises by equal factors from a quarter of the noise's slope."""
    return METHODS[MATCHED].within(budget, RATIO ** (1 - progress) * beta)


FOLLOWED: dict[str, Followed] = {
    SYSTEMATIC: METHODS[SYSTEMATIC],
    REPEATED.name: CustomMethod(_repeated, REPEATED.runs),
    BROAD: METHODS[BROAD],
    "super_spike": METHODS["super_spike"],
    "broad_at_silent": _mixed(PerNeuron, broad_at_silent=True),
    "unbiased_at_silent": _mixed(PerNeuron, broad_at_silent=False),
    "unbiased_in_broader_noise": CustomMethod(_smoothed),
    "broad_jittered": _mixed(Jittered, n_unbiased=2),
    MATCHED: METHODS[MATCHED],
    "first_broad": CustomMethod(_first_broad),
    "annealed": CustomMethod(_annealed),
}
"""Methods by name."""
