"""Table of rules for all libraries: a row is a fault or a finding, with its condition and words.

A *fault* is what a change of the code repairs. A *finding* is a property of the surrogate or of the
network, with its size.

A rule judges cases (`snn_tools.shared.cases`): numbers of a layer, an array or the whole network.
Thresholds are constants beside their rules. They are conventions, not results.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from types import SimpleNamespace
from typing import Any, TypeAlias

import numpy as np

from snn_tools.shared.report import Statement

Case: TypeAlias = SimpleNamespace
"""Measured values that a rule judges, by name; `where` is the layer or array."""


@dataclasses.dataclass(frozen=True)
class Rule:
    """A row of the table.

    Attributes:
        kind: a word for programs, such as ``"silent"``.
        needs: name of the cases that the rule judges.
        evidence: the measurement; names in braces are replaced by values of the case.
        advice: what to do.
        scope: limits of the advice.
        when: condition under which the row applies.
        finding: condition under which it is a finding, and not a fault.
    """

    kind: str
    needs: str
    evidence: str
    advice: str = ""
    scope: str = ""
    when: Callable[[Any], bool] = lambda case: True
    finding: Callable[[Any], bool] = lambda case: False


def always(case: Any) -> bool:
    """Return True: the row is a finding in every network."""
    return True


def statements(cases: Mapping[str, Iterable[Case]]) -> tuple[Statement, ...]:
    """Apply the table to cases, and return faults and findings, faults first.

    Cases with the same statement share it.

    Args:
        cases: cases by the name that rules need; a rule without cases states nothing.
    """
    places: dict[Statement, list[str]] = {}
    for rule in RULES:
        for case in cases.get(rule.needs, ()):
            if rule.when(case):
                texts = (t.format(**vars(case)) for t in (rule.evidence, rule.advice, rule.scope))
                statement = Statement(rule.kind, not rule.finding(case), "", *texts)
                places.setdefault(statement, []).append(case.where)
    found = [dataclasses.replace(x, where=", ".join(where)) for x, where in places.items()]
    return tuple(sorted(found, key=lambda x: not x.fault))


HIGH = 8.0
"""Largest integral or peak of a derivative without a finding; the smallest integral is its inverse.

A peak is compared with 1, or with the peak of the noise's slope if that is larger.
"""

UNEQUAL = 3.0
"""Ratio of the integrals in two layers above which their heights are unequal."""

STEEP = 3.0
"""Width of the slope of the noise over the width of a derivative, from here on steep."""

REALISTIC = 100.0
"""Largest size of a potential that may occur."""

MOST_SILENT = 0.5
"""Largest share of silent neurons in a layer without a fault."""

MOST_STILL = 0.8
"""Largest share of neurons that never fire without noise; a third is common in right networks."""

CHANCES = 32
"""Examples times steps from which on silence without noise is judged."""

DROWNED = 0.02
"""Rate with noise; below, the noise of a network hides dead neurons."""

BOUND = 0.05
"""Share of potentials at a common upper bound, from here on a clip."""

FLAT = 1.35
"""Width of the derivative over the spread of the potentials, from here on flat.

It is at most 1.2 in 58 right networks, and at least 1.5 where a slope is forgotten.
"""

FLAT_TO_NOISE = 5.0
"""The same over the width of the slope of the network's own noise, if there is noise.

A quarter of the slope of the noise trains well.
"""

EXPLODES = 1e3
"""Factor between early and late errors, or between layers, above which errors explode."""

VANISHES = 1e4
"""Factor between the layers above which errors vanish."""

CLEAR = 0.01
"""Mean of the surrogate derivative over its peak, in each layer, from here on not 0."""

LENGTH = 100.0
"""Norm ratio above which a layer's gradient is too long; the inverse is the smallest."""

CLOSER = 0.1
"""Gain in cosine for an advice; the gain must also exceed three standard errors."""

TOO_LONG = 3.0
"""Norm ratio above which a gradient is too long, if another reset has a ratio of 1/2 to 2."""


def dead(case: Any) -> bool:
    """Return whether a layer's neurons never fire without noise.

    If the noise belongs to the network, its spikes may all come from it; only where they are rare,
    too, is the layer dead. If the noise is only the tool's, the network trains without it.
    """
    layer = case.layer
    trains_without = not case.noisy and layer.still.chances >= CHANCES
    return layer.still.silent > MOST_STILL and (layer.rate < DROWNED or trains_without)


def better(case: Any) -> bool:
    """Return whether a candidate is clearly closer to the exact gradient than the network's own."""
    other, yours = case.row, case.yours
    if not (other.known and yours.known):
        return other.known and other.cosine > 0.5
    margin = max(CLOSER, 3 * float(np.hypot(other.cosine_se, yours.cosine_se)))
    return bool(other.cosine - yours.cosine > margin)


WHERE = "evaluated at potentials up to 1e4"
EXACT_TEST = "a test of the code, without sampling error"
HERE = "measured in this network at these weights; a cosine is not learning"
TO_THE_POWER = "a factor of the derivative acts to the power of the number of layers behind it"

RULES = (
    # The backward pass of a spike function, as a function of the potential.
    Rule(
        "chain",
        "backward pass",
        "the backward pass of the spike function is not proportional to the gradient that arrives: "
        "errors of the loss do not reach the layers below",
        "multiply by it: return g * surrogate, in place of surrogate",
        "measured by itself, with gradients of 1 and of 2",
    ),
    Rule(
        "off",
        "switches",
        "{what}, the gradient of {where} is {how}: the surrogate is switched off",
        "{advice}",
        "the gradient of the network as it is, compared with the same network switched",
        finding=lambda x: not x.fault,
    ),
    Rule(
        "overflow",
        "derivative",
        "the surrogate derivative is not finite from |v| = {own.first_bad:.2g} on",
        "write it without exponentials of large numbers",
        WHERE,
        when=lambda x: x.own.first_bad < REALISTIC,
    ),
    Rule(
        "shape",
        "derivative",
        "the surrogate derivative is negative at some potentials, {own.lowest:.3g} at its lowest",
        "a spike becomes more likely as the potential rises: its derivative is positive",
        WHERE,
        when=lambda x: x.own.lowest < 0,
    ),
    Rule(
        "shape",
        "derivative",
        "the surrogate derivative is 0 at all potentials",
        "nothing passes it: give it a peak where the spike is",
        WHERE,
        when=lambda x: x.own.finite and x.own.peak == 0,
    ),
    Rule(
        "shape",
        "derivative",
        "the surrogate derivative does not fall off away from the threshold",
        "a derivative of a spike is a bump: check whether the code uses p in place of its slope",
        WHERE,
        when=lambda x: x.bump and x.own.peak > 0 and not x.own.falls_off,
        # A straight-through estimator is flat by choice where the noise is only the tool's.
        finding=lambda x: not x.noisy,
    ),
    Rule(
        "aside",
        "derivative",
        "the surrogate derivative is not where the spike is: its centre is at v = "
        "{own.centre:.2g} (middle half of its integral from {own.middle[0]:.2g} to "
        "{own.middle[1]:.2g}), the spike is at v = 0",
        "evaluate it at potential minus threshold",
        WHERE,
        when=lambda x: x.bump and x.own.falls_off and not x.own.about(x.noise),
    ),
    Rule(
        "height",
        "derivative",
        "the surrogate derivative has a peak of {own.peak:.3g}, a width of {own.width:.2g} and an "
        "integral of {own.integral:.3g}; that of a spike's probability has an integral of 1, and a "
        "peak of {noise.peak:.3g} here. The peak multiplies errors at threshold at each layer",
        scope="measured by itself; behind L layers the factor is the L-th power",
        when=lambda x: (
            x.bump
            and x.own.falls_off
            and 0 < x.own.integral < np.inf
            and not (1 / HIGH < x.own.integral < HIGH and x.own.peak < HIGH * max(1, x.noise.peak))
        ),
        finding=always,
    ),
    Rule(
        "steep",
        "derivative",
        "the surrogate derivative is {to_noise:.1f} times narrower than the slope of the escape "
        "noise (half of the integral within {own.half:.2g} and {noise.half:.2g})",
        "as wide as the noise: {line}",
        "four times too steep costs 0.05 to 0.36 of the cosine in layers without time; broad "
        "surrogates train small spiking networks with noise better (figures 8 and 10 of the "
        "companion)",
        when=lambda x: x.bump and x.own.falls_off and x.to_noise >= STEEP,
        finding=lambda x: not x.noisy,
    ),
    Rule(
        "ignored",
        "settings",
        "the surrogate derivative does not depend on its last setting ({setting:g}): it is the "
        "same with twice the value",
        "a surrogate that uses this setting; the width of this one is fixed",
        "its own backward pass, at potentials up to 1e4",
        finding=always,
    ),
    Rule(
        "unequal",
        "heights",
        "the surrogate derivative is not the same size in all layers: its integral is {integrals}",
        "one height for all layers; the errors below are multiplied by their product",
        "measured by itself, in each layer",
        when=lambda x: x.factor > UNEQUAL,
    ),
    # Spikes, potentials and errors in the trials.
    Rule(
        "flat",
        "widths",
        "the surrogate derivative is {ratio:.1f} times as wide as the spread of the potentials: "
        "half of its integral within {half:.2g} against an interquartile range of {spread:.2g}; it "
        "is nearly a constant",
        "is a slope forgotten? As wide as the potentials: {line}",
        "measured here, in all layers alike; the direction is not needed",
        when=lambda x: (
            x.ratio >= FLAT
            and x.dead <= MOST_STILL
            and (x.to_noise >= FLAT_TO_NOISE or not x.noisy)
        ),
        finding=lambda x: x.fixed,
    ),
    Rule(
        "silent",
        "layer",
        "with noise {layer.silent:.0%} of the neurons never fire in {trials} trials (rate "
        "{layer.rate:.3f}), without noise {layer.still.silent:.0%} never fire in one; "
        "{layer.within:.0%} of potentials lie within the middle half of the surrogate derivative",
        "larger weights or more input (fluctuation-driven initialisation); a broader derivative "
        "where no potential lies within it",
        "measured here",
        when=lambda x: x.layer.silent > MOST_SILENT or dead(x),
        # Some fire without noise, the others with it: the layer is not dead.
        finding=lambda x: (
            x.layer.silent <= MOST_SILENT and x.layer.rate >= DROWNED and x.layer.still.silent < 1
        ),
    ),
    Rule(
        "saturated",
        "layer",
        "{layer.saturated:.0%} of neurons fire in nearly every step in {trials} trials",
        "smaller weights or less input",
        "measured here",
        when=lambda x: x.layer.saturated > MOST_SILENT,
    ),
    Rule(
        "saturated",
        "saturated readout",
        "the loss is constant in floating point: its derivative is exactly 0 here, and is not at "
        "smaller parameters or in float64",
        "smaller readout weights and biases, or a loss of the scores before they are squashed",
        "a test of the code, without sampling error",
    ),
    Rule(
        "clipped",
        "layer",
        "{layer.still.bound:.0%} of potentials are exactly the largest one of the layer: the "
        "potential is clipped there, and no derivative passes",
        "do not clip a potential near its threshold; the reset bounds it",
        "measured in one forward pass without noise",
        when=lambda x: x.layer.still.bound > BOUND and abs(x.layer.still.top) < x.layer.own.half,
    ),
    Rule(
        "redrawn",
        "redrawn",
        "a neuron draws its spike and its reset separately from the same potential: it sends one "
        "spike and resets by another",
        "draw once: s = spike(u - threshold), and use s for the output and for the reset",
        "equal potentials gave different spikes",
    ),
    Rule(
        "explodes",
        "layer",
        "dL/dv is {layer.growth:.2g} times larger early in the trial than late, and "
        "{layer.excess:.2g} times what an exact one can be",
        "a broader surrogate derivative, or the reset detached",
        "matched slopes explode in three recurrent layers, SuperSpike does not (figure 7 of the "
        "companion; one network)",
        # A neuron far from threshold late in the trial has a small late error, no early excess.
        when=lambda x: EXPLODES < x.layer.growth < np.inf and x.layer.excess > 1,
    ),
    Rule(
        "explodes",
        "depth",
        "dL/dv is {ratio:.2g} times larger than in the last layer, and {excess:.2g} times what an "
        "exact one can be",
        "a surrogate derivative whose peak is 1, such as {line}",
        TO_THE_POWER,
        when=lambda x: x.ratio > EXPLODES and x.excess > 1,
    ),
    Rule(
        "vanishes",
        "depth",
        "dL/dv is {ratio:.2g} of that in the last layer",
        "a broader or higher surrogate derivative, such as {line}; or an optimizer that scales "
        "each array by itself (Adam)",
        TO_THE_POWER,
        # A layer whose error is 0 is cut, which has another name.
        when=lambda x: 0 < x.ratio < 1 / VANISHES,
    ),
    Rule(
        "not finite",
        "counts",
        "{counts} not finite in {trials} trials",
        "bound the loss where it diverges, as by log(rate + 1e-3); nothing is concluded from these "
        "numbers",
        "counted in the trials that were drawn: rarer events remain unseen",
    ),
    # Derivatives of the code against finite differences.
    Rule(
        "cut",
        "code",
        "at given spikes, the derivative of {target} by {autodiff} is 0, and {target} changes with "
        "{where}",
        "look for {stop} on the way",
        EXACT_TEST,
        when=lambda x: x.verdict == "cut",
    ),
    Rule(
        "scaled",
        "code",
        "at given spikes, the derivative of {target} by {autodiff} is {ratio} times finite "
        "differences",
        "look for {stop}, a reset written by hand, or a custom derivative on the way",
        f"{EXACT_TEST}; if it lies in how parameters enter the potentials, the exact gradient "
        "below is wrong, too",
        when=lambda x: x.verdict == "differs",
    ),
    Rule(
        "unused",
        "without effect",
        "potentials and loss do not depend on it: derivative and finite differences are exactly "
        "0, and larger changes have no effect",
        "look for a multiplication by 0, for a layer that another one replaces, or for a value "
        "that is overwritten or left out",
        "measured here, at one input",
        # Parameters behind a silent layer have no effect, which is the fault of the layer.
        when=lambda x: not x.silent,
    ),
    Rule(
        "cut",
        "gradients of 0",
        "the surrogate gradient is exactly 0 in all {trials} trials, although the surrogate "
        "derivatives are not 0 at the potentials that occur",
        "look for {stop} between these parameters and the loss",
        "counted in single trials",
        when=lambda x: x.passes > CLEAR and x.silent <= MOST_SILENT,
    ),
    # The direction, layer by layer.
    Rule(
        "against",
        "direction",
        "its cosine to the exact gradient is {cosine}: it is not along it; it has {share:.0%} of "
        "the exact gradient's length",
        "",
        "measured here; a surrogate gradient is biased, and in small networks with shared weights "
        "or several layers it can point against the exact gradient without any error in the code",
        when=lambda x: x.row.against,
        finding=always,
    ),
    Rule(
        "scaled",
        "length",
        "its surrogate gradient is {ratio:.2g} times as long as the exact one",
        "an optimizer that scales each array by itself (Adam), or a surrogate whose derivative has "
        "the integral 1, such as {line}",
        "measured here; directions may be right",
        when=lambda x: x.low > LENGTH or 0 < x.high < 1 / LENGTH,
        finding=always,
    ),
    Rule(
        "reset",
        "candidate",
        "cosine {mine}; with the other reset {cosine}, norm {row.ratio:.2g} times the exact one",
        "reset=snn.{reset}",
        HERE,
        when=lambda x: (
            x.reset
            and x.row.known
            and (better(x) or x.yours.known and x.yours.ratio > TOO_LONG and 0.5 < x.row.ratio < 2)
        ),
        finding=always,
    ),
    Rule(
        "slope",
        "candidate",
        "cosine {mine}; with a quarter of the slope {cosine}",
        "try a quarter of the slope",
        HERE,
        when=lambda x: not x.reset and better(x),
        finding=always,
    ),
)
"""All rules; a new one is a row here, and a line in tools/docs/findings.md."""
