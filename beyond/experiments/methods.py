"""Methods that trainings follow, by name: the arms of every comparison.

A name of a spiking network's method is an estimator of the catalogue, such as
"surrogate_through_x0.25": it names the derivative of the reset, and the slope of the surrogate over
that of the noise. At its end is the budget of forward passes, if it is not the usual one: "_one" or
"_more". A name of a Boolean arm is the kind of gradient and its loss.

"Usual" is a surrogate gradient (SG) of each trial's loss. *Matched* SGs have the noise's slope,
*broad* SGs a quarter of it (`BROAD_SLOPE`).

To add an arm to figure 10 d, write a line in `BOOLEAN` and its name in `FROM_GAINS` here. Its words
and its look follow from the name, unless `beyond/figures/panels/initial_gain.py` has a row. Other
arms are lines in `BOOLEAN` (binary neurons) or `LIF` (spiking networks over time). If something is
predicted of an arm, write a row in beyond/predictions.csv.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

import snn
from beyond.experiments.lif.partial_resets import Changed, bounded
from experiments.estimators import estimator
from snn.estimators.base import Estimator

LOW, HIGH = "low_noise", "high_noise"
"""Regimes of noise, everywhere."""
BETAS = {("boolean", LOW): 16.0, ("boolean", HIGH): 4.0, ("lif", LOW): 40.0, ("lif", HIGH): 10.0}
"""Slope of the noise by kind of network and regime; LIF networks are recurrent in low noise."""
BROAD_SLOPE = 0.25
"""Slope of a broad surrogate over that of the noise."""


def between(slope: float, lam: float) -> str:
    """Return the name of a mean SG of Boolean tasks, of a loss with a course between spikes.

    Args:
        slope: slope of the surrogate over that of the noise.
        lam: lambda, the course between spikes; 1: the usual loss, 0: its multilinear extension.
    """
    return f"surrogate_x{slope:g}_lambda{lam:g}"


# Boolean tasks: nothing is sampled.


class Arm(NamedTuple):
    """Gradient along which Boolean tasks are trained.

    Attributes:
        kind: way to compute the gradient: "exact", or the "mean" of an SG of a loss of the output's
            firing probability, or the mean of the "usual" SG; or a part of this mean that is added
            to the exact gradient of the expected loss, a key of `directions.PARTS`.
        mu: loss: 0 is the expected loss, 1 the loss of the mean response, None the cross-entropy.
        slope: slope of the surrogate over that of the noise.
        lam: lambda, the course of the usual SG's loss between spikes; 1: the squared loss.
        annealed: whether the slope of the noise rises during the updates.
    """

    kind: str
    mu: float | None = 0.0
    slope: float = 1.0
    lam: float = 1.0
    annealed: bool = False


BOOLEAN: dict[str, Arm] = {
    "exact_of_expected": Arm("exact", 0.0),
    "exact_of_response": Arm("exact", 1.0),
    "exact_of_cross_entropy": Arm("exact", None),
    "matched_of_expected": Arm("mean", 0.0),
    "matched_of_response": Arm("mean", 1.0),
    "matched_of_cross_entropy": Arm("mean", None),
    "matched_usual": Arm("usual"),
    "broad_of_expected": Arm("mean", 0.0, BROAD_SLOPE),
    "broad_of_response": Arm("mean", 1.0, BROAD_SLOPE),
    "broad_of_cross_entropy": Arm("mean", None, BROAD_SLOPE),
    "broad_usual": Arm("usual", 1.0, BROAD_SLOPE),
}
"""Arms by name: how the gradient is computed, and of which loss."""
ANNEALED = "annealed_"
"""Start of the name of an arm in noise whose slope rises during the updates."""
FROM_GAINS = (
    "exact_of_expected",
    "exact_of_response",
    "exact_of_cross_entropy",
    "broad_usual",
    "broad_of_response",
    "matched_usual",
    f"{ANNEALED}exact_of_expected",
    f"{ANNEALED}exact_of_response",
    f"{ANNEALED}exact_of_cross_entropy",
)
"""Arms of figure 10 d, which are trained from initial weights of several gains."""
AT_ONE, LONG = "_at_one", "_long"
"""Ends of the names of arms with gain 1, and with gain 1 and ten times the updates."""
BEST = {
    "best_surrogate": ("broad_usual", "broad_of_response", "matched_usual"),
    "best_exact": ("exact_of_expected", "exact_of_response", "exact_of_cross_entropy"),
}
"""Arms whose direction is chosen, too. They are fixed: an added arm is not among them."""


# Spiking networks over time: estimates within a budget of forward passes per update.


Followed = Callable[[int, float], tuple[Estimator, int]]
"""Method whose estimates updates follow: a function from the budget, in forward passes per update,
and the slope of the noise to the estimator and its number of trials."""


def within_budget(name: str, budgets: int = 1) -> Followed:
    """Return an estimator of the catalogue within a number of budgets.

    All flips of a budget are in one trial.

    Args:
        name: name in the catalogue.
        budgets: number of budgets per update; 0: one forward pass, whatever the budget.
    """

    def make(budget: int, beta: float) -> tuple[Estimator, int]:
        runs = budgets * budget or 1
        if isinstance(estimator(name, beta=beta), snn.StochasticAD):
            return estimator(name, n_flips=runs - 1), 1
        return estimator(name, beta=beta), runs

    return make


def unbiased(trials: int, of_response: bool = False) -> Followed:
    """Return stochastic AD, with the passes of a budget shared among several trials.

    Args:
        trials: number of trials, K. Each has as many flips as are left: K (1 + flips) passes.
        of_response: whether to follow the gradient of the loss of the mean response, which needs
            two trials or more.
    """

    def make(budget: int, beta: float) -> tuple[Estimator, int]:
        each = budget // trials - 1
        one = snn.StochasticAD(n_flips=each, draw=snn.flips.Systematic())
        return (snn.CrossFitted(one) if of_response else one), trials

    return make


def of_response(name: str) -> Followed:
    """Return an SG of the loss of the mean response; every forward pass is a trial."""
    return lambda budget, beta: (snn.CrossFitted(estimator(name, beta=beta)), budget)


def _scaled(reset: Callable[..., Array]) -> Followed:
    """Return the scaled sigmoid of the noise's slope."""
    return lambda budget, beta: (
        snn.Surrogate(snn.surrogate.ScaledSigmoid(beta), reset=reset),
        budget,
    )


def _changed(change: Callable[[Array], Array]) -> Followed:
    """Return the matched SG through a changed reset."""
    return lambda budget, beta: (
        snn.Surrogate(snn.surrogate.Sigmoid(beta), reset=Changed(change, beta)),
        budget,
    )


MATCHED, BROAD = "surrogate_through", f"surrogate_through_x{BROAD_SLOPE:g}"
UNBIASED = "stochastic_ad_systematic"
"""Names of the matched and the broad SG through the reset, and of stochastic AD."""
CHANGED_RESETS = f"{MATCHED}_bounded", f"{MATCHED}_unsigned"
"""Names of matched SGs through a changed reset, of a bounded length or without sign changes."""

LIF: dict[str, Followed] = {
    name: within_budget(name)
    for name in (
        MATCHED,
        BROAD,
        "surrogate",
        "super_spike",
        "super_spike_through",
        "score_function",
        UNBIASED,
    )
} | {
    f"{MATCHED}_one": within_budget(MATCHED, 0),
    f"{MATCHED}_more": within_budget(MATCHED, 4),
    f"{UNBIASED}_more": within_budget(UNBIASED, 4),
    "scaled_sigmoid_through": _scaled(snn.through),
    "scaled_sigmoid": _scaled(snn.detached),
    CHANGED_RESETS[0]: _changed(bounded),
    CHANGED_RESETS[1]: _changed(jnp.abs),
}
"""Methods by name."""
TRAINED = (
    MATCHED,
    f"{MATCHED}_one",
    BROAD,
    "surrogate",
    "super_spike",
    "score_function",
    UNBIASED,
    f"{UNBIASED}_more",
)
"""Methods of figure 9's trainings."""
SURROGATES = {
    "matched": (MATCHED, "matched_detached", "surrogate"),
    "broad": (BROAD, "broad_detached", f"surrogate_x{BROAD_SLOPE:g}"),
    "super_spike": ("super_spike", "super_spike_through", "super_spike_through"),
}
"""SGs of two losses over time: estimator, and name and estimator of the same SG with the opposite
derivative of the reset."""


@dataclass(frozen=True)
class Variant:
    """Variant of an arm; tuning tasks choose among the variants of an arm, and their rates.

    Attributes:
        arm: name of the arm.
        follows: the method.
        trials: number of trials that share a budget, for unbiased gradients; else 0.
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
        alone: numbers of trials on the expected loss.
        shared: numbers of trials on the loss of the mean response.
    """
    expected = [Variant("unbiased_of_expected", unbiased(k), k) for k in alone]
    return expected + [Variant("unbiased_of_response", unbiased(k, True), k) for k in shared]


def surrogate_variants(usual: list[str], crossed: list[str], resets: bool) -> list[Variant]:
    """Return the arms of SGs, in the order of `SURROGATES`.

    Args:
        usual: keys of `SURROGATES` whose usual SGs are arms.
        crossed: keys of `SURROGATES` whose SGs of the loss of the mean response are arms.
        resets: whether all usual SGs with the opposite derivative of the reset are arms, too.
    """
    listed = []
    for name, (follows, *_) in SURROGATES.items():
        if name in usual:
            listed.append(Variant(f"{name}_usual", within_budget(follows)))
        if name in crossed:
            listed.append(Variant(f"{name}_of_response", of_response(follows)))
    if resets:
        for _, name, follows in SURROGATES.values():
            listed.append(Variant(f"{name}_usual", within_budget(follows)))
    return listed


NAMES = (
    *dict.fromkeys((*BOOLEAN, *FROM_GAINS, *BEST, *LIF)),
    *(variant.arm for variant in unbiased_variants([1], [2])),
    *(variant.arm for variant in surrogate_variants([*SURROGATES], [*SURROGATES], True)),
    # Of figure 10's maps and parts of an SG, and of lambda over time.
    *("exact", "plus_orthogonal", "plus_between", "plus_linear"),
    *(between(1 / n, lam) for n in (1, 2, 4, 8, 16) for lam in (-0.5, 0.0, 0.5, 1.0)),
    *("lambda-0.5", "lambda0", "lambda0.5", "lambda1"),
    # Of networks that can be enumerated.
    *("mean_of_broad", "mean_of_matched", "stochastic_ad", "stochastic_ad_of_response"),
    # Of spike times.
    *("event_based", "pathwise", "matched", "broad", "unbiased"),
    *("event_based_term", "pathwise_term", "broad_quiet"),
)
"""Names of all arms that predictions compare, without their ends `AT_ONE` and `LONG`."""
