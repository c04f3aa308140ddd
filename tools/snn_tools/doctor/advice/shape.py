"""Findings about the surrogate derivative as a function of the potential."""

from dataclasses import replace

import numpy as np

from snn.escape import EscapeNoise
from snn.estimators.surrogate import Surrogate
from snn.surrogate import MultilayerSpiker
from snn_tools.doctor.as_called import Called
from snn_tools.doctor.direction import Direction
from snn_tools.doctor.examined import Finding, Rule
from snn_tools.doctor.grid import YOURS
from snn_tools.doctor.observed import Shape
from snn_tools.doctor.single_trials import distance, shape_of
from snn_tools.printing import cosine

HIGH = 8.0
"""Largest integral of a derivative without a note; the inverse is the smallest."""

UNEQUAL = 3.0
"""Ratio of the integrals in two layers above which their heights are unequal."""

LAYERS = Rule(
    "unequal",
    "the surrogate derivative is not the same size in all layers: its integral is {integrals}",
    "one height for all layers; the errors below are multiplied by their product",
    "measured by itself, in each layer with its escape noise",
)

STEEP = 3.0
"""Width of the slope of the noise over the width of a derivative, from here on a fault."""

WHERE = "evaluated at potentials up to 1e4"
RISES = "a spike becomes more likely as the potential rises: its derivative is positive"

RULES = (
    Rule(
        "overflow",
        "the surrogate derivative is not finite in float32 from |v| = {own.first_bad:.2g} on",
        "write it with jax.nn.sigmoid or a bounded form, as snn.surrogate does",
        WHERE,
        holds=lambda x: not x.own.finite,
    ),
    Rule(
        "shape",
        "the surrogate derivative is negative at some potentials",
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
        "the surrogate derivative is not where the spike is: the middle half of its integral lies "
        "between {own.middle[0]:.2g} and {own.middle[1]:.2g}, the threshold is at 0 and the slope "
        "of the noise about {noise.centre:.2f}",
        "evaluate it at potential minus threshold",
        WHERE,
        holds=lambda x: x.bump and x.own.falls_off and not x.own.about(x.noise),
    ),
    Rule(
        "height",
        "the integral of the surrogate derivative is {own.measured.integral:.3g}, that of a "
        "spike's probability is 1: errors are multiplied by about that much at each layer",
        scope="measured by itself; a factor that all layers share acts as a learning rate",
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
        holds=lambda x: x.bump and x.own.measured.peak > 0 and not x.own.falls_off,
    ),
    Rule(
        "steep",
        "the surrogate derivative is {ratio:.1f} times narrower than the slope of the escape noise "
        "(half of the integral within {own.half:.2g} and {noise.half:.2g}){grid}",
        "divide its slope by {ratio:.2g} to match the noise, or by more",
        "four times too steep costs 0.05 to 0.36 of the cosine in layers without time "
        "(beyond/docs/which_gradient.md); broad surrogates train small spiking networks better "
        "(beyond/docs/true_gradient.md)",
        holds=lambda x: x.bump and x.own.falls_off and x.ratio >= STEEP,
    ),
)
"""Rules on the derivative in a layer, compared with the slope of the noise."""


def of_shape(
    shapes: tuple[tuple[Shape, Shape], ...], surrogate: Surrogate, direction: Direction | None
) -> list[Finding]:
    """Judge the surrogate derivative as a function; layers with the same finding share it."""
    grid = _grid_words(direction)
    layers: dict[Finding, list[str]] = {}
    for i, (own, noise) in enumerate(shapes):
        ratio = noise.half / own.half if min(own.half, noise.half) > 0 else 1.0
        # A derivative should be a bump, unless it is the spike itself.
        bump = own.finite and not isinstance(surrogate.derivative, MultilayerSpiker)
        values = {"own": own, "noise": noise, "ratio": ratio, "bump": bump, "grid": grid}
        for finding in (f for rule in RULES for f in rule.find("", **values)):
            layers.setdefault(finding, []).append(str(i))
    findings = [replace(f, where=f"layer {', '.join(where)}") for f, where in layers.items()]
    integrals = np.array([own.measured.integral for own, _ in shapes])
    if np.isfinite(integrals).all() and (integrals > 0).all():
        if integrals.max() > UNEQUAL * integrals.min():
            words = ", ".join(f"{x:.3g} in layer {i}" for i, x in enumerate(integrals))
            where = f"layer {integrals.argmin()}, {integrals.argmax()}"
            findings += LAYERS.find(where, integrals=words)
    return findings


IGNORED = Rule(
    "ignored",
    "the derivative in the network's code differs from the declared one: the middle half of its "
    "integral lies between {own.middle[0]:.2g} and {own.middle[1]:.2g}, its peak is "
    "{own.measured.peak:.3g}; declared are {declared.middle[0]:.2g} to {declared.middle[1]:.2g}, "
    "and {declared.measured.peak:.3g}",
    "look for a setting that does not reach the spike function; the declared derivative trains "
    "nothing",
    f"found while the program was traced, {WHERE}",
)

ALIKE = 0.02
"""Difference below which two derivatives are the same, relative to the larger peak."""


def of_own(
    own: tuple[Called, ...],
    shapes: tuple[tuple[Shape, Shape], ...],
    declared: Surrogate,
    escapes: list[EscapeNoise],
) -> list[Finding]:
    """Find spike functions with another derivative than the declared derivative."""
    findings = []
    for i, called in enumerate(own[: len(escapes)]):
        if distance(called.derivative, declared.derivative, escapes[i]) > ALIKE:
            shape = shape_of(declared.derivative, escapes[i])
            findings += IGNORED.find(called.name, own=shapes[i][0], declared=shape)
    return list(dict.fromkeys(findings))


def _grid_words(direction: Direction | None) -> str:
    """Return the cosines of the examined slope and of a quarter of it, if both are known."""
    if direction is None:
        return ""
    yours, others = direction.rows()
    reset = direction.grid[YOURS].reset
    for best in others:
        at_quarter = direction.grid[best.candidate][:2] == (0.25, reset)
        if at_quarter and best.known and yours.known:
            return f"; cosine {cosine(yours.cosine)}, at a quarter of it {cosine(best.cosine)}"
    return ""
