"""Methods that trainings follow: names of their parts, and the arms of every comparison.

A name consists of an estimator and the parts that differ from the usual ones: the derivative of
the reset, the slope of the surrogate over that of the noise, the loss, and the budget of forward
passes.
"Usual" is a surrogate gradient (SG) of each trial's loss. *Matched* SGs have the noise's slope,
*broad* SGs a quarter of it (`BROAD_SLOPE`).

To add an arm to figure 10 d, write a line in `BOOLEAN` and its name in `FROM_GAINS` here, and its
look in `beyond/figures/panels/initial_gain.py`. Other arms are lines in `BOOLEAN` (binary neurons)
or `LIF` (spiking networks over time). If something is predicted of an arm, write a row in
`predictions`.
"""

import re
from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from typing import NamedTuple, Self

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

RESETS = ("detached", "through", "ignored")
"""How a surrogate's reset is differentiated; the first is not part of a name."""
RUNS = {1: "", 0: "_one", 4: "_more"}
"""Ends of names, by budgets of forward passes per update; 0: one pass, whatever the budget."""
SLOPED = re.compile(
    r"(?P<estimator>surrogate\w*?)"
    r"(?:_(?P<reset>through|ignored))?(?:_x(?P<slope>\d+(?:\.\d+)?))?(?P<runs>_one|_more)?"
)
OTHER = re.compile(r"(?P<estimator>.+?)(?P<runs>_one|_more)?")


@dataclass(frozen=True)
class Method:
    """Parts of a method: estimator, slope, reset and budget.

    A combination of parts whose name would mean other parts is an error.

    Attributes:
        estimator: name of an estimator of the catalogue, or of another direction, without the
            parts below.
        slope: slope of a surrogate over that of the escape noise.
        reset: derivative of a surrogate's reset, one of `RESETS`.
        runs: budgets of forward passes per update, a key of `RUNS`.
    """

    estimator: str = "surrogate"
    slope: float = 1.0
    reset: str = RESETS[0]
    runs: int = 1

    def __post_init__(self) -> None:
        """Raise ValueError for parts that no name has."""
        if self.runs not in RUNS or _parts(self.name) != astuple(self):
            raise ValueError(f"no name for {self}; other parts: RESETS, RUNS and SLOPED here")

    @classmethod
    def from_name(cls, name: str) -> Self:
        """Return the method of a name: the inverse of `name`."""
        return cls(*_parts(name))

    @property
    def name(self) -> str:
        """The name for arrays, parameters and claims."""
        reset = "" if self.reset == RESETS[0] else f"_{self.reset}"
        slope = "" if self.slope == 1 else f"_x{self.slope:g}"
        return f"{self.estimator}{reset}{slope}{RUNS[self.runs]}"


def _parts(name: str) -> tuple[str, float, str, int]:
    match = SLOPED.fullmatch(name) or OTHER.fullmatch(name)
    if not match:
        raise ValueError(f"a method has a name, got {name!r}")
    part = {key: value for key, value in match.groupdict().items() if value}
    runs = {end: n for n, end in RUNS.items()}[part.get("runs", "")]
    slope, reset = float(part.get("slope", 1)), part.get("reset", RESETS[0])
    return part["estimator"], slope, reset, runs


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


def within_budget(method: Method) -> Followed:
    """Return an estimator of the catalogue within its number of budgets.

    All flips of a budget are in one trial.
    """
    name = replace(method, runs=1).name

    def make(budget: int, beta: float) -> tuple[Estimator, int]:
        runs = method.runs * budget or 1
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


def of_response(method: Method) -> Followed:
    """Return an SG of the loss of the mean response; every forward pass is a trial."""
    return lambda budget, beta: (snn.CrossFitted(estimator(method.name, beta=beta)), budget)


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


_MATCHED, _BROAD = Method(reset="through"), Method(reset="through", slope=BROAD_SLOPE)
_UNBIASED = Method("stochastic_ad_systematic")
MATCHED, BROAD, UNBIASED = _MATCHED.name, _BROAD.name, _UNBIASED.name
"""Names of the matched and the broad SG through the reset, and of stochastic AD."""
CHANGED_RESETS = f"{MATCHED}_bounded", f"{MATCHED}_unsigned"
"""Names of matched SGs through a changed reset, of a bounded length or without sign changes."""

LIF: dict[str, Followed] = {
    method.name: within_budget(method)
    for method in (
        _MATCHED,
        replace(_MATCHED, runs=0),
        replace(_MATCHED, runs=4),
        _BROAD,
        Method(),
        Method(slope=BROAD_SLOPE),
        Method("super_spike"),
        Method("super_spike_through"),
        Method("score_function"),
        _UNBIASED,
        replace(_UNBIASED, runs=4),
    )
} | {
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
    "matched": (_MATCHED, {"matched_detached": Method()}),
    "broad": (_BROAD, {"broad_detached": Method(slope=BROAD_SLOPE)}),
    "super_spike": (Method("super_spike"), {"super_spike_through": Method("super_spike_through")}),
}
"""SGs of two losses over time, and the same with the opposite derivative of the reset."""


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
    for name, (method, _) in SURROGATES.items():
        if name in usual:
            listed.append(Variant(f"{name}_usual", within_budget(method)))
        if name in crossed:
            listed.append(Variant(f"{name}_of_response", of_response(method)))
    opposite = {name: m for _, others in SURROGATES.values() for name, m in others.items()}
    return listed + [Variant(f"{n}_usual", within_budget(m)) for n, m in opposite.items() if resets]
