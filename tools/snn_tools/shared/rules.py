"""Table of rules for all libraries; each rule turns a measurement into a finding.

Thresholds are constants beside their rules. They are conventions, not results.
"""

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from snn.stats.batch_means import KNOWN_SE
from snn_tools.shared.comparison import Comparison, Row, TruthRow, needed
from snn_tools.shared.gradient_check import VALUES, Check
from snn_tools.shared.lines import surrogate_line
from snn_tools.shared.observed import Layer, Leaf, Shape
from snn_tools.shared.printing import between, cosine, number
from snn_tools.shared.report import YOURS, Finding


class Words(NamedTuple):
    """Differences between the frameworks.

    Attributes:
        stop: code that cuts a derivative.
        autodiff: name of automatic differentiation.
        library: library of the neurons, as `snn_tools.rosetta.LIBRARIES` calls it.
        noisy: whether spikes are drawn with the noise in training, too.
    """

    stop: str
    autodiff: str
    library: str
    noisy: bool


@dataclasses.dataclass(frozen=True)
class Rule:
    """Template of a finding, and the condition under which the finding applies.

    Names in braces in the texts are replaced by measured values.
    """

    kind: str
    evidence: str
    advice: str = ""
    scope: str = ""
    fault: bool = True
    holds: Callable[[Any], bool] = lambda values: True

    def find(self, *where: str, **values: Any) -> list[Finding]:
        """Return a list with the finding at these places; empty if the rule does not hold."""
        if not self.holds(SimpleNamespace(**values)):
            return []
        words = (text.format(**values) for text in (self.evidence, self.advice, self.scope))
        return [Finding(self.kind, self.fault, ", ".join(where), *words)]

    def note(self) -> "Rule":
        """Return the same rule as a note."""
        return dataclasses.replace(self, fault=False)


# The surrogate derivative as a function of the potential.

HIGH = 8.0
"""Largest integral of a derivative without a note; the inverse is the smallest."""

UNEQUAL = 3.0
"""Ratio of the integrals in two layers above which their heights are unequal."""

STEEP = 3.0
"""Width of the slope of the noise over the width of a derivative, from here on steep."""

REALISTIC = 100.0
"""Largest size of a potential that may occur."""

WHERE = "evaluated at potentials up to 1e4"
RISES = "a spike becomes more likely as the potential rises: its derivative is positive"

SHAPE = (
    Rule(
        "overflow",
        "the surrogate derivative is not finite from |v| = {own.first_bad:.2g} on",
        "write it without exponentials of large numbers",
        WHERE,
        holds=lambda x: x.own.first_bad < REALISTIC,
    ),
    Rule(
        "shape",
        "the surrogate derivative is negative at some potentials, {own.measured.lowest:.3g} at its "
        "lowest",
        RISES,
        WHERE,
        holds=lambda x: x.own.measured.lowest < 0 < x.own.measured.peak,
    ),
    Rule(
        "shape",
        "the surrogate derivative has the wrong sign: {own.measured.peak:.3g} at its peak",
        RISES,
        WHERE,
        holds=lambda x: x.own.measured.peak < 0,
    ),
    Rule(
        "shape",
        "the surrogate derivative is 0 at all potentials",
        "nothing passes it: give it a peak where the spike is",
        WHERE,
        holds=lambda x: x.own.finite and x.own.measured.peak == 0,
    ),
    Rule(
        "aside",
        "the surrogate derivative is not where the spike is: its centre is at v = "
        "{own.centre:.2g} (middle half of its integral from {own.middle[0]:.2g} to "
        "{own.middle[1]:.2g}), the spike is at v = 0",
        "evaluate it at potential minus threshold",
        WHERE,
        holds=lambda x: x.bump and x.own.falls_off and not x.own.about(x.noise),
    ),
    Rule(
        "height",
        "the integral of the surrogate derivative is {own.measured.integral:.3g}, that of a "
        "spike's probability is 1: errors are multiplied by about that much at each layer",
        scope="measured by itself; behind L layers the factor is the L-th power",
        fault=False,
        holds=lambda x: (
            x.bump
            and x.own.falls_off
            and not 1 / HIGH < x.own.measured.integral < HIGH
            and 0 < x.own.measured.integral < float("inf")
        ),
    ),
    Rule(
        "shape",
        "the surrogate derivative does not fall off away from the threshold",
        "a derivative of a spike is a bump: check whether the code uses p in place of its slope",
        WHERE,
        holds=lambda x: (
            x.bump and x.judge_tails and x.own.measured.peak > 0 and not x.own.falls_off
        ),
    ),
    Rule(
        "steep",
        "the surrogate derivative is {ratio:.1f} times narrower than the slope of the escape noise "
        "(half of the integral within {own.half:.2g} and {noise.half:.2g})",
        "as wide as the noise: {line}",
        "four times too steep costs 0.05 to 0.36 of the cosine in layers without time; broad "
        "surrogates train small spiking networks with noise better (figures 8 and 10 of the "
        "companion)",
        holds=lambda x: x.bump and x.own.falls_off and x.ratio >= STEEP,
    ),
)
"""Rules on the derivative in a layer, compared with the slope of the noise."""

LAYERS = Rule(
    "unequal",
    "the surrogate derivative is not the same size in all layers: its integral is {integrals}",
    "one height for all layers; the errors below are multiplied by their product",
    "measured by itself, in each layer",
)


CHAIN = Rule(
    "chain",
    "the backward pass of the spike function is not proportional to the gradient that arrives: "
    "errors of the loss do not reach the layers below",
    "multiply by it: return g * surrogate, in place of surrogate",
    "measured by itself, with gradients of 1 and of 2",
)


def of_chain(names: Sequence[str], ones: Sequence[np.ndarray], twos: Any) -> list[Finding]:
    """Find spike functions with a backward pass that ignores the arriving gradient.

    Args:
        names: names of the layers.
        ones: derivative at some potentials, for an arriving gradient of 1.
        twos: the same for an arriving gradient of 2.
    """
    triples = zip(names, ones, twos, strict=True)
    wrong = []
    for name, one, two in triples:
        finite = np.isfinite(one) & np.isfinite(two)
        if not np.allclose(two[finite], 2 * one[finite], rtol=0.01):
            wrong.append(f"layer {name}")
    return CHAIN.find(*wrong) if wrong else []


def of_shapes(
    names: Sequence[str], shapes: Sequence[tuple[Shape, Shape]], words: Words, bump: bool = True
) -> list[Finding]:
    """Judge the surrogate derivatives as functions; layers with the same finding share it.

    Args:
        names: names of the layers.
        shapes: surrogate derivative and slope of the noise in each layer.
        words: words of the framework.
        bump: whether a derivative should be a bump; a spike as its own derivative is none.
    """
    layers: dict[Finding, list[str]] = {}
    for name, (own, noise) in zip(names, shapes, strict=True):
        ratio = noise.half / own.half if min(own.half, noise.half) > 0 else 1.0
        values = {"own": own, "noise": noise, "ratio": ratio, "bump": bump and own.finite}
        # A straight-through estimator is flat by choice where the noise is only the tool's.
        values |= {"judge_tails": words.noisy, "line": surrogate_line(noise.half, words.library)}
        for rule in SHAPE:
            rule = rule.note() if rule.kind == "steep" and not words.noisy else rule
            for finding in rule.find("", **values):
                layers.setdefault(finding, []).append(name)
    findings = [
        dataclasses.replace(f, where=f"layer {', '.join(where)}") for f, where in layers.items()
    ]
    integrals = np.array([own.measured.integral for own, _ in shapes])
    if len(shapes) and np.isfinite(integrals).all() and (integrals > 0).all():
        if integrals.max() > UNEQUAL * integrals.min():
            values = ", ".join(
                f"{x:.3g} in layer {name}" for name, x in zip(names, integrals, strict=True)
            )
            where = f"layer {names[int(integrals.argmin())]}, {names[int(integrals.argmax())]}"
            findings += LAYERS.find(where, integrals=values)
    return findings


# Spikes, potentials and errors in the trials.

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

FLAT = 3.0
"""Width of the derivative over the spread of the potentials, from here on flat.

It is below 1 in all right networks of the tests.
"""

FLAT_TO_NOISE = 5.0
"""The same over the width of the slope of the network's own noise, together with half of `FLAT`.

A quarter of the slope of the noise trains well.
"""

EXPLODES = 1e3
"""Factor between early and late errors, or between layers, above which errors explode."""

VANISHES = 1e4
"""Factor between the layers above which errors vanish."""

SPIKES = (
    Rule(
        "silent",
        "{fires} in {trials} trials{still}; {layer.within:.0%} of potentials lie within the middle "
        "half of the surrogate derivative",
        "larger weights or more input (fluctuation-driven initialisation); a broader derivative "
        "where no potential lies within it",
        "measured here",
        holds=lambda x: x.layer.silent > MOST_SILENT or x.dead,
    ),
    Rule(
        "saturated",
        "{layer.saturated:.0%} of neurons fire in nearly every step in {trials} trials",
        "smaller weights or less input",
        "measured here",
        holds=lambda x: x.layer.saturated > MOST_SILENT,
    ),
    Rule(
        "clipped",
        "{layer.still.bound:.0%} of potentials are exactly the largest one of the layer: the "
        "potential is clipped there, and no derivative passes",
        "do not clip a potential near its threshold; the reset bounds it",
        "measured in one forward pass without noise",
        holds=lambda x: x.layer.still.bound > BOUND and abs(x.layer.still.top) < x.own.half,
    ),
    Rule(
        "explodes",
        "dL/dv is {layer.growth:.2g} times larger early in the trial than late, and "
        "{layer.excess:.2g} times what an exact one can be",
        "a broader surrogate derivative, or the reset detached",
        "matched slopes explode in three recurrent layers, SuperSpike does not (figure 7 of the "
        "companion; one network)",
        # A neuron far from threshold late in the trial has a small late error, no early excess.
        holds=lambda x: EXPLODES < x.layer.growth < float("inf") and x.layer.excess > 1,
    ),
)
"""Rules on a layer in single trials."""

FLAT_RULE = Rule(
    "flat",
    "the surrogate derivative is {ratio:.1f} times as wide as the spread of the potentials: "
    "{where_half} against an interquartile range of {spread}; it is nearly a constant",
    "is a slope forgotten? As wide as the potentials: {line}",
    "measured here, in all layers alike; the direction is not needed",
)

DEEP = (
    Rule(
        "explodes",
        "dL/dv is {factor:.2g} times larger in layer {first} than in the last layer, and "
        "{excess:.2g} times what an exact one can be",
        "a surrogate derivative whose peak is 1, such as {line}",
        "a factor of the derivative acts to the power of the number of layers behind it",
        holds=lambda x: x.factor > EXPLODES and x.excess > 1,
    ),
    Rule(
        "vanishes",
        "dL/dv is {decay:.2g} times smaller in layer {first} than in the last layer",
        "a broader or higher surrogate derivative, such as {line}; or an optimizer that scales "
        "each array by itself (Adam)",
        "a factor of the derivative acts to the power of the number of layers behind it",
        holds=lambda x: x.decay > VANISHES,
    ),
)
"""Rules on errors through depth."""

REDRAWN = Rule(
    "redrawn",
    "a neuron draws its spike and its reset separately from the same potential: it sends one spike "
    "and resets by another",
    "draw once: s = spike(u - threshold), and use s for the output and for the reset",
    "equal potentials gave different spikes",
)

NOT_FINITE = Rule(
    "not finite",
    "{counts} not finite in {trials}",
    "bound the loss where it diverges, as by log(rate + 1e-3); nothing is concluded from these "
    "numbers",
    "counted in the trials that were drawn: rarer events remain unseen",
)

STOPPED = Rule(
    "cut",
    "the surrogate gradient is exactly 0 in all {trials} trials, although the surrogate "
    "derivatives are not 0 at the potentials that occur",
    "look for {stop} between these parameters and the loss",
    "counted in single trials",
)
CLEAR = 0.01
"""Mean of the surrogate derivative over its peak, in each layer, from here on not 0."""


def of_layers(
    layers: Sequence[Layer], shapes: Sequence[tuple[Shape, Shape]], trials: int, words: Words
) -> list[Finding]:
    """Judge spikes, potentials and errors in single trials, layer by layer and through depth."""
    findings, drawn = [], f"{trials} trials"
    for layer in layers:
        if layer.bad:
            counts = f"{are(layer.bad, 'potential')} NaN,"
            findings += NOT_FINITE.find(f"layer {layer.index}", trials=drawn, counts=counts)
    layers, shapes = used_alone(layers, shapes)
    for layer, (own, _) in zip(layers, shapes, strict=True):
        fires = "no neuron fires" if layer.silent == 1 else f"{layer.silent:.0%} never fire"
        if (dead := _dead(layer, words)) and layer.silent <= MOST_SILENT:
            fires = f"rate {layer.rate:.3f} with noise"
        still = f"; without noise {layer.still.silent:.0%} never fire"
        values = {"layer": layer, "trials": trials, "fires": fires, "dead": dead}
        values["own"] = own
        values["still"] = still if layer.still.chances else ""
        for rule in SPIKES:
            findings += rule.find(f"layer {layer.index}", **values)
    return findings + _flat(layers, shapes, words) + _deep(layers, shapes, words)


def without_choice(findings: Iterable[Finding]) -> list[Finding]:
    """Turn `flat` into a note if the library offers a single width (`ignored`)."""
    findings = list(findings)
    fixed = any(f.kind == "ignored" and not f.fault for f in findings)
    return [
        dataclasses.replace(f, fault=f.fault and not (fixed and f.kind == "flat")) for f in findings
    ]


def used_alone(
    layers: Sequence[Layer], shapes: Sequence[tuple[Shape, Shape]]
) -> tuple[list[Layer], list[tuple[Shape, Shape]]]:
    """Leave out layers with unused spikes, unless all layers are unused."""
    kept = [k for k, layer in enumerate(layers) if not layer.unused] or list(range(len(layers)))
    return [layers[k] for k in kept], [shapes[k] for k in kept]


def slopes_of(layers: Sequence[Layer], words: Words) -> tuple[str, ...]:
    """Suggest a surrogate for each layer, as wide as the spread of its potentials."""
    return tuple(surrogate_line(layer.spread, words.library) for layer in layers)


def _dead(layer: Layer, words: Words) -> bool:
    """Return whether a layer's neurons never fire without noise.

    If the noise belongs to the network, its spikes may all come from it; only where they are rare,
    too, is the layer dead. If the noise is only the tool's, the network trains without it.
    """
    few = layer.still.silent <= MOST_STILL
    return not few and (
        layer.rate < DROWNED or (not words.noisy and layer.still.chances >= CHANCES)
    )


def _flat(
    layers: Sequence[Layer], shapes: Sequence[tuple[Shape, Shape]], words: Words
) -> list[Finding]:
    """Find a derivative that is much wider than the potentials in all layers alike.

    A network with noise of its own may have a derivative as wide as that of its noise, however
    small its potentials are.
    """
    wide = []
    for layer, (own, noise) in zip(layers, shapes, strict=True):
        dead = max(layer.silent, layer.still.silent, layer.saturated) > MOST_STILL
        if not (own.falls_off and layer.spread > 0) or dead:
            return []
        to_noise = own.half / noise.half if noise.half > 0 else 0.0
        if words.noisy and to_noise < FLAT_TO_NOISE:
            return []
        wide.append(own.half / layer.spread)
    if not wide or min(wide) < (FLAT / 2 if words.noisy else FLAT):
        return []
    k = int(np.argmin(wide))
    values = {"ratio": wide[k], "spread": number(layers[k].spread)}
    values["where_half"] = f"half of its integral within {shapes[k][0].half:.2g}"
    values["line"] = surrogate_line(layers[k].spread, words.library)
    return FLAT_RULE.find("all layers", **values)


def _deep(
    layers: Sequence[Layer], shapes: Sequence[tuple[Shape, Shape]], words: Words
) -> list[Finding]:
    """Compare the errors of the layers with those of the last layer."""
    sizes = np.array([layer.size for layer in layers])
    if len(layers) < 2 or not np.isfinite(sizes).all() or not sizes[-1] > 0:
        return []
    top = int(sizes.argmax())
    least = int(sizes.argmin())
    line = surrogate_line(2 * shapes[top][0].half, words.library)
    found = []
    with np.errstate(divide="ignore"):
        values = {"line": line, "decay": 0.0, "factor": float(sizes[top] / sizes[-1])}
        values |= {"first": layers[top].index, "excess": layers[top].excess}
        found += DEEP[0].find(f"layer {layers[top].index}", **values)
        decay = float(sizes[-1] / sizes[least])
    # A layer whose error is 0 is cut, which has another name.
    if np.isfinite(decay):
        values |= {"decay": decay, "factor": 0.0, "first": layers[least].index}
        found += DEEP[1].find(f"layer {layers[least].index}", **values)
    return found


def of_numbers(arrays: Sequence[Leaf], trials: int, bad_losses: int) -> list[Finding]:
    """Find losses and gradients that are not finite."""
    findings, drawn = [], f"{trials} trials"
    if bad_losses:
        findings += NOT_FINITE.find("loss", trials=drawn, counts=are(bad_losses, "loss", "es"))
    if bad := [leaf for leaf in arrays if leaf.bad]:
        counts = ", ".join(f"{leaf.bad} of {leaf.size} in {leaf.name}" for leaf in bad)
        counts = f"surrogate gradients ({counts}) are"
        findings += NOT_FINITE.find(*(leaf.name for leaf in bad), trials=drawn, counts=counts)
    return findings


def of_zeros(
    arrays: Sequence[Leaf],
    layers: Sequence[Layer],
    checks: Sequence[Check],
    trials: int,
    words: Words,
) -> list[Finding]:
    """Find arrays whose surrogate gradient is exactly 0 although all layers pass errors.

    Args:
        arrays: gradients in single trials.
        layers: spikes in single trials.
        checks: tests of the code; arrays without any effect have another name.
        trials: number of single trials.
        words: words of the framework.
    """
    known = {c.source for c in checks if c.zero or c.verdict == "cut"}
    zero = [x.name for x in arrays if x.norm == 0 and not x.bad and x.name not in known]
    passes = all(layer.passes > CLEAR and layer.silent <= MOST_SILENT for layer in layers)
    return STOPPED.find(*zero, trials=trials, stop=words.stop) if zero and passes else []


def of_drawn(drawn: int, bad: int) -> list[Finding]:
    """Report trials of the direction whose loss or gradient is not finite."""
    counts = f"{bad} losses or gradients are"
    return NOT_FINITE.find("direction", trials=f"{drawn} trials", counts=counts) if bad else []


def are(n: int, what: str, plural: str = "s") -> str:
    """Return a number with its noun and verb."""
    return f"1 {what} is" if n == 1 else f"{n} {what}{plural} are"


# Derivatives of the code against finite differences.

CODE = (
    Rule(
        "cut",
        "at given spikes, the derivative of {target} by {autodiff} is 0, and {target} changes with "
        "{source}",
        "look for {stop} on the way",
        "a test of the code, without sampling error",
    ),
    Rule(
        "scaled",
        "at given spikes, the derivative of {target} by {autodiff} is {ratio} times finite "
        "differences",
        "look for {stop}, a reset written by hand, or a custom derivative on the way",
        "a test of the code, without sampling error; if it lies in how parameters enter the "
        "potentials, the exact gradient below is wrong, too",
    ),
)
"""Rules on derivatives by parameters, and by the spikes of a layer."""

UNUSED = Rule(
    "unused",
    "potentials and loss do not depend on it: {how}",
    "look for a multiplication by 0, for a layer that another one replaces, or for a value that is "
    "overwritten or left out",
    "measured here, at one input",
)


def of_code(checks: Sequence[Check], words: Words, silent: bool = False) -> list[Finding]:
    """Find derivatives that are cut or scaled in the network's own code, and unused arrays.

    Args:
        checks: the tests.
        words: words of the framework.
        silent: whether some layer never fires, which explains arrays without effect.
    """
    findings = []
    for rule, verdict in zip(CODE, ("cut", "differs"), strict=True):
        bad = [c for c in checks if c.verdict == verdict]
        for target in dict.fromkeys(c.target for c in bad):
            own = [c for c in bad if c.target == target]
            sources = list(dict.fromkeys(c.source for c in own))
            values = {"target": target if target == VALUES else f"potentials of {target}"}
            values |= {"source": ", ".join(sources), "autodiff": words.autodiff}
            values |= {"ratio": ", ".join(f"{c.ratio:.2f}" for c in own), "stop": words.stop}
            findings += rule.find(*sources, **values)
    unused = [c.source for c in checks if c.zero and c.target == VALUES]
    how = "derivative and finite differences are exactly 0, and larger changes have no effect"
    return findings + (UNUSED.find(*unused, how=how) if unused and not silent else [])


# The direction, layer by layer.

AGAINST = Rule(
    "against",
    "its cosine to the exact gradient is {cosine}: {how}; it has {share} of the exact gradient's "
    "length",
    "",
    "measured here; a surrogate gradient is biased, and in small networks with shared weights or "
    "several layers it can point against the exact gradient without any error in the code",
)
LOW = 0.3
"""Upper end of the interval, below which an interval that includes 0 is a fault."""

ALONG = 0.1
"""Upper end of the interval, below which a cosine is a fault even if it is clearly positive."""

FEWEST = 3
"""Fewest parameters of a layer with a judged cosine; a single number has the cosine 1 or -1."""

LENGTH = 100.0
"""Norm ratio above which a layer's gradient is too long; the inverse is the smallest."""

SCALED = Rule(
    "scaled",
    "its surrogate gradient is {ratio} times as long as the exact one",
    "an optimizer that scales each array by itself (Adam), or a surrogate whose derivative has "
    "the integral 1, such as {line}",
    "measured here; directions may be right",
)
HEAVY = Rule(
    "heavy",
    "few trials carry the variance of the {name} gradient ({fewest} where fewest): its errors are "
    "underestimated, and the cosine counts as unknown",
    scope="counted in the trials that were drawn",
    fault=False,
)
LOST = Rule(
    "lost",
    "the exact gradient is lost in noise (up to {noise} of its norm); {more}",
    "no advice on direction where it is lost",
    fault=False,
)
RESET = Rule(
    "reset",
    "reset {own}: cosine {mine}; reset {other}: cosine {cosine}, norm {norm} times the exact one",
    "reset=snn.{other}",
    "measured in this network at these weights; a cosine is not learning",
)
SLOPE = Rule(
    "slope",
    "cosine {mine}; with a quarter of the slope {cosine}",
    "try a quarter of the slope",
    "measured in this network at these weights; a cosine is not learning",
    fault=False,
)
CLOSER = 0.1
"""Gain in cosine for an advice; the gain must also exceed three standard errors."""

TOO_LONG = 3.0
"""Norm ratio above which a gradient is too long, if another reset has a ratio of 1/2 to 2."""


def of_direction(c: Comparison, words: Words, half: float = 1.0) -> list[Finding]:
    """Judge the direction and the length of a network's own gradient, layer by layer.

    Args:
        c: the table.
        words: words of the framework.
        half: width of the surrogate derivative, for the advice.
    """
    findings = []
    rows = {r.group: r for r in c.rows_of(YOURS)}
    for name, some in (("exact", c.truth), ("surrogate", c.rows_of(YOURS))):
        if heavy := [r for r in some if r.heavy]:
            fewest = number(min(r.effective for r in heavy))
            findings += HEAVY.find(*(r.group for r in heavy), name=name, fewest=fewest)
    for t in c.layers:
        findings += _against(t, rows[t.group], c.truth[0].norm)
    findings += _lengths([rows[t.group] for t in c.layers], words, half)
    if lost := [t for t in c.truth if t.noise > KNOWN_SE and not rows[t.group].zero]:
        worst = max(lost, key=lambda t: t.noise)
        more = "how many more trials it takes is not known"
        if np.isfinite(enough := needed(worst)):
            more = f"it takes some {enough:.0f} times the trials"
        findings += LOST.find(*(t.group for t in lost), noise=number(worst.noise), more=more)
    return findings


def _against(t: TruthRow, row: Row, whole: float) -> list[Finding]:
    """Judge the cosine of a layer."""
    low, high = row.interval
    if not row.known or t.noise > KNOWN_SE or t.size < FEWEST:
        return []
    if high > ALONG and (low > 0 or high > LOW):
        return []
    how = "it points against the exact gradient" if high < 0 else "it is not along it"
    share = min(1.0, t.norm / whole)
    values = {"cosine": between(row.cosine, row.interval), "share": f"{100 * share:.0f} %"}
    return AGAINST.find(t.group, how=how, **values)


def _lengths(rows: list[Row], words: Words, half: float) -> list[Finding]:
    """Name the layer with the length farthest from the exact one."""
    rows = [r for r in rows if r.known and r.ratio > 0]
    if not rows:
        return []
    worst = max(rows, key=lambda r: abs(np.log(r.ratio)))
    values = {"ratio": number(worst.ratio), "line": surrogate_line(half, words.library)}
    low, high = worst.ratio - 3 * worst.ratio_se, worst.ratio + 3 * worst.ratio_se
    if low > LENGTH or 0 < high < 1 / LENGTH:
        return SCALED.find(worst.group, **values)
    return []


def of_candidates(c: Comparison, own_reset: str, others: dict[str, str]) -> list[Finding]:
    """Find a slope or reset that is closer to the exact gradient, over all parameters.

    Args:
        c: the table, with other candidates.
        own_reset: name of the network's reset.
        others: reset of each other candidate with the network's slope; "" for a quarter of it.
    """
    top, findings = c.truth[0], []
    yours = c.row(YOURS, top.group)
    if yours.zero or top.noise > KNOWN_SE:
        return []
    mine = cosine(yours.cosine) if yours.known else "unknown"
    for name, reset in others.items():
        row = c.row(name, top.group)
        long = reset and yours.known and yours.ratio > TOO_LONG and 0.5 < row.ratio < 2
        if not row.known or not (_better(row, yours) or long):
            continue
        if reset:
            norms = f", norm {number(yours.ratio)} times" if yours.known else ""
            values = {"own": own_reset, "mine": mine + norms, "other": reset}
            values |= {"cosine": cosine(row.cosine), "norm": number(row.ratio)}
            findings += RESET.find("all layers", **values)
        else:
            values = {"mine": mine, "cosine": between(row.cosine, row.interval)}
            findings += SLOPE.find("all layers", **values)
    return findings


def _better(other: Row, yours: Row) -> bool:
    if not yours.known:
        return other.known and other.cosine > 0.5
    margin = max(CLOSER, 3 * float(np.hypot(other.cosine_se, yours.cosine_se)))
    return bool(other.known and other.cosine - yours.cosine > margin)


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Put faults first, and report each cut only once."""
    once: list[Finding] = []
    for f in findings:
        arrays = {leaf for g in once if g.kind == f.kind for leaf in g.where.split(", ")}
        if f.kind != "cut" or f.where not in arrays | {a.split("/")[0] for a in arrays}:
            once.append(f)
    return tuple(sorted(dict.fromkeys(once), key=lambda f: not f.fault))
