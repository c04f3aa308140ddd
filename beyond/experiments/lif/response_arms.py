"""Arms of the comparison of two losses over time: estimators within one budget of runs.

Unbiased gradients share the runs of an update among K trials, each with as many flips as are left:
K (1 + flips) runs together. The gradient of the mean response needs K of 2 or more.
"""

from dataclasses import dataclass

import snn
from beyond.experiments.lif.budgets import Budgeted, CustomMethod, Followed
from beyond.experiments.method import Method
from experiments.estimators import estimator
from snn.estimators.base import Estimator
from snn.estimators.cross_fitted import CrossFitted

EXPECTED, RESPONSE = "expected", "response"
LOSSES = (EXPECTED, RESPONSE)
"""Losses to follow in training, and to measure at the end."""
UNBIASED, SURROGATE = "unbiased", "surrogate"
GRADIENTS = (UNBIASED, SURROGATE)
"""Kinds of gradients."""
SURROGATES = {
    "matched": Method(reset="through"),
    "broad": Method(reset="through", slope=0.25),
    "super_spike": Method("super_spike"),
}
"""Surrogate gradients, on the expected loss and perhaps on the loss of the mean response."""
OPPOSITE = {
    "matched_detached": Method(),
    "broad_detached": Method(slope=0.25),
    "super_spike_through": Method("super_spike_through"),
}
"""Surrogate gradients with the opposite reset, on the expected loss."""


@dataclass(frozen=True)
class Variant:
    """Estimator that a training follows.

    Attributes:
        arm: name of the arm, which may have several variants to choose from.
        follows: the estimator within a budget.
        trials: K, for unbiased gradients; else 0.
    """

    arm: str
    follows: Followed
    trials: int = 0

    @property
    def name(self) -> str:
        """Name of the variant."""
        return f"{self.arm}_{self.trials}" if self.trials else self.arm


def unbiased_variants(alone: list[int], shared: list[int]) -> list[Variant]:
    """Return the variants of unbiased gradients.

    Args:
        alone: values of K on the expected loss.
        shared: values of K on the loss of the mean response.
    """
    expected = [Variant(f"{UNBIASED}_of_{EXPECTED}", flips(k), k) for k in alone]
    return expected + [Variant(f"{UNBIASED}_of_{RESPONSE}", flips(k, True), k) for k in shared]


def surrogate_variants(alone: list[str], crossed: list[str], resets: bool) -> list[Variant]:
    """Return the variants of surrogate gradients.

    Args:
        alone: keys of `SURROGATES` on the expected loss.
        crossed: keys of `SURROGATES` on the loss of the mean response.
        resets: whether `OPPOSITE` are among the arms.
    """
    listed = []
    for name, method in SURROGATES.items():
        if name in alone:
            listed.append(Variant(f"{name}_of_{EXPECTED}", Budgeted(method)))
        if name in crossed:
            listed.append(Variant(f"{name}_of_{RESPONSE}", cross_fitted(method)))
    if resets:
        listed += [Variant(f"{n}_of_{EXPECTED}", Budgeted(m)) for n, m in OPPOSITE.items()]
    return listed


def flips(trials: int, cross: bool = False) -> CustomMethod:
    """Return stochastic AD with the runs of a budget shared among several trials.

    Args:
        trials: K.
        cross: whether to follow the gradient of the loss of the mean response.
    """

    def make(budget: int, beta: float, progress: float) -> tuple[Estimator, int]:
        each = budget // trials - 1
        unbiased = snn.StochasticAD(n_flips=each, draw=snn.flips.Systematic())
        return (CrossFitted(unbiased) if cross else unbiased), trials

    return CustomMethod(make)


def cross_fitted(method: Method) -> CustomMethod:
    """Return a surrogate gradient of the loss of the mean response; every run is a trial."""

    def make(budget: int, beta: float, progress: float) -> tuple[Estimator, int]:
        return CrossFitted(estimator(method.name, beta=beta)), budget

    return CustomMethod(make)
