"""Findings in single trials: spikes, and the size of gradients."""

from snn_tools.doctor.examined import Finding, Rule
from snn_tools.doctor.observed import Layer, Leaf

MOST_SILENT = 0.5
"""Largest share of silent neurons in a layer without a fault."""

EXPLODES = 1e3
"""Factor between early and late errors above which they explode or vanish."""

RULES = (
    Rule(
        "silent",
        "{fires} in {trials} trials; {layer.within:.0%} of potentials lie within the middle half "
        "of the surrogate derivative",
        "larger weights or more input (fluctuation-driven initialisation: snn.LIFNetwork.init); a "
        "broader derivative where no potential lies within it",
        "measured here; silent outputs left unbiased and narrow methods without any progress in 2 "
        "to 3 of 16 tasks, broad ones in none (beyond/docs/true_gradient.md)",
        holds=lambda x: x.layer.silent > MOST_SILENT,
    ),
    Rule(
        "saturated",
        "{layer.saturated:.0%} of neurons fire in nearly every step in {trials} trials",
        "smaller weights or less input",
        "measured here",
        holds=lambda x: x.layer.saturated > MOST_SILENT,
    ),
    Rule(
        "unreached",
        "{layer.within:.2%} of potentials lie within the middle half of the surrogate derivative, "
        "at a rate of {layer.rate:.3f}; its mean over them is {layer.passes:.2g} of its peak",
        "weights that bring the potentials nearer to threshold, or a broader derivative",
        "measured here",
        holds=lambda x: (
            x.layer.within < UNREACHED
            and x.layer.passes < PASSES
            and min(x.layer.rate, 1 - x.layer.rate) < RARE
            and max(x.layer.silent, x.layer.saturated) <= MOST_SILENT
        ),
    ),
    Rule(
        "explodes",
        "dL/dv is {layer.growth:.2g} times larger early in the trial than late, and "
        "{layer.excess:.2g} times what a true one can be",
        "a broader surrogate derivative, or the reset detached",
        "matched slopes explode in three recurrent layers, SuperSpike does not (figure 7; one "
        "network)",
        # A neuron far from threshold late in the trial has a small late error, no early excess.
        holds=lambda x: EXPLODES < x.layer.growth < float("inf") and x.layer.excess > 1,
    ),
    Rule(
        "vanishes",
        "dL/dv is {decay:.2g} times smaller early in the trial than late",
        fault=False,
        holds=lambda x: EXPLODES < x.decay < float("inf"),
    ),
)
"""Rules on a layer in single trials."""

UNREACHED = 1e-3
"""Share of potentials within the middle half below which almost none is there."""

PASSES = 0.1
"""Mean of the surrogate derivative over the peak; below, little error passes."""

RARE = 0.05
"""Rate, or 1 minus the rate; below, potentials are far from threshold on one side."""

NOT_FINITE = Rule(
    "not finite",
    "{counts} not finite in {trials}",
    "bound the loss where it diverges, as by log(rate + 1e-3); nothing is concluded from these "
    "numbers",
    "counted in the trials that were drawn: rarer events remain unseen",
)


def of_trials(
    layers: tuple[Layer, ...], arrays: tuple[Leaf, ...], trials: int, bad_losses: int
) -> list[Finding]:
    """Find silent and saturated layers, and numbers that explode, vanish or are not finite."""
    findings, drawn = [], f"{trials} trials"
    for layer in layers:
        fires = "no neuron fires" if layer.silent == 1 else f"{layer.silent:.0%} never fire"
        decay = 1 / layer.growth if layer.growth else 0.0
        values = {"layer": layer, "trials": trials, "fires": fires, "decay": decay}
        findings += [f for rule in RULES for f in rule.find(f"layer {layer.index}", **values)]
        if layer.bad:
            counts = f"{_are(layer.bad, 'potential')} NaN,"
            findings += NOT_FINITE.find(f"layer {layer.index}", trials=drawn, counts=counts)
    if bad_losses:
        findings += NOT_FINITE.find("loss", trials=drawn, counts=_are(bad_losses, "loss", "es"))
    if bad := [leaf for leaf in arrays if leaf.bad]:
        counts = ", ".join(f"{leaf.bad} of {leaf.size} in {leaf.name}" for leaf in bad)
        counts = f"surrogate gradients ({counts}) are"
        findings += NOT_FINITE.find(*(leaf.name for leaf in bad), trials=drawn, counts=counts)
    return findings


def of_drawn(drawn: int, bad: int) -> list[Finding]:
    """Report trials of the direction whose loss or gradient is not finite.

    Args:
        drawn: number of trials.
        bad: number of trials with a loss or gradient that is not finite.
    """
    counts = f"{bad} losses or gradients are"
    return NOT_FINITE.find("direction", trials=f"{drawn} trials", counts=counts) if bad else []


def _are(n: int, what: str, plural: str = "s") -> str:
    """Return a number with its noun and verb."""
    return f"1 {what} is" if n == 1 else f"{n} {what}{plural} are"
