"""Findings in the surrogate derivative as a function."""

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
from snn_tools.doctor.seen import distance, shape_of

HIGH = 8.0
"""An integral of this much, or one over it."""

UNEQUAL = 3.0
"""Integrals of the derivative in two layers whose ratio is beyond this."""

LAYERS = Rule(
    "unequal",
    "the surrogate derivative is not the same size in all layers: its integral is {integrals}",
    "one height for all layers; the errors below are multiplied by their product",
    "measured by itself, in each layer with its escape noise",
)

STEEP = 3.0
"""A derivative this many times narrower than the slope of the noise."""

WHERE = "evaluated at potentials up to 1e4"
RISES = "a spike becomes more likely as the potential rises: its derivative is positive"

RULES = (
    Rule(
        "overflow",
        "the surrogate derivative is not finite in float32 from |v| = {own.first_bad:.2g} on",
        "write it with jax.nn.sigmoid or a bounded form, as snn.surrogate does",
        WHERE,
        holds=lambda seen: not seen.own.finite,
    ),
    Rule(
        "shape",
        "the surrogate derivative is negative at some potentials",
        RISES,
        WHERE,
        holds=lambda seen: seen.own.measured.lowest < 0 < seen.own.measured.peak,
    ),
    Rule(
        "shape",
        "the surrogate derivative has the wrong sign: {own.measured.peak:.3g} at its peak",
        RISES,
        WHERE,
        holds=lambda seen: seen.own.measured.peak < 0,
    ),
    Rule(
        "shape",
        "the surrogate derivative is 0 at all potentials",
        "nothing passes it: give it a peak where the spike is",
        WHERE,
        holds=lambda seen: seen.own.finite and seen.own.measured.peak == 0,
    ),
    Rule(
        "aside",
        "the surrogate derivative is not where the spike is: the middle half of its integral lies "
        "between {own.middle[0]:.2g} and {own.middle[1]:.2g}, the threshold is at 0 and the slope "
        "of the noise about {noise.centre:.2f}",
        "evaluate it at potential minus threshold",
        WHERE,
        holds=lambda seen: seen.bump and seen.own.falls_off and not seen.own.about(seen.noise),
    ),
    Rule(
        "height",
        "the integral of the surrogate derivative is {own.measured.integral:.3g}, that of a "
        "spike's probability is 1: errors are multiplied by about that much at each layer",
        scope="measured by itself; a factor of all layers alike is a learning rate",
        fault=False,
        holds=lambda seen: (
            seen.bump
            and seen.own.falls_off
            and not 1 / HIGH < seen.own.measured.integral < HIGH
            and 0 < seen.own.measured.integral < float("inf")
        ),
    ),
    Rule(
        "shape",
        "the surrogate derivative does not fall off away from the threshold",
        "a derivative of a spike is a bump: check whether p stands for its slope p'",
        WHERE,
        holds=lambda seen: seen.bump and seen.own.measured.peak > 0 and not seen.own.falls_off,
    ),
    Rule(
        "steep",
        "the surrogate derivative is {ratio:.1f} times narrower than the slope of the escape noise "
        "(half of the integral within {own.half:.2g} and {noise.half:.2g}){grid}",
        "divide its slope by {ratio:.2g} to match the noise, or by more",
        "four times too steep costs 0.05 to 0.36 of the cosine in layers without time "
        "(beyond/docs/which_gradient.md); broad surrogates train small spiking networks better "
        "(beyond/docs/true_gradient.md)",
        holds=lambda seen: seen.bump and seen.own.falls_off and seen.ratio >= STEEP,
    ),
)
"""Rules on the derivative in a layer, beside the slope of the noise."""


def of_shape(
    shapes: tuple[tuple[Shape, Shape], ...], surrogate: Surrogate, direction: Direction | None
) -> list[Finding]:
    """Judge the surrogate derivative as a function; say what several layers share once."""
    grid = _grid_says(direction)
    found: dict[Finding, list[str]] = {}
    for i, (own, noise) in enumerate(shapes):
        ratio = noise.half / own.half if min(own.half, noise.half) > 0 else 1.0
        # Whether it should be one: a spike is none.
        bump = own.finite and not isinstance(surrogate.derivative, MultilayerSpiker)
        seen = {"own": own, "noise": noise, "ratio": ratio, "bump": bump, "grid": grid}
        for finding in (f for rule in RULES for f in rule.of("", **seen)):
            found.setdefault(finding, []).append(str(i))
    told = [replace(f, where=f"layer {', '.join(where)}") for f, where in found.items()]
    integrals = np.array([own.measured.integral for own, _ in shapes])
    if np.isfinite(integrals).all() and (integrals > 0).all():
        if integrals.max() > UNEQUAL * integrals.min():
            words = ", ".join(f"{x:.3g} in layer {i}" for i, x in enumerate(integrals))
            told += LAYERS.of(f"layer {integrals.argmin()}, {integrals.argmax()}", integrals=words)
    return told


IGNORED = Rule(
    "ignored",
    "as called in the network, it has another derivative than the one that was declared: the "
    "middle half of its integral lies between {own.middle[0]:.2g} and {own.middle[1]:.2g}, its "
    "peak is {own.measured.peak:.3g}; declared are {declared.middle[0]:.2g} to "
    "{declared.middle[1]:.2g}, and {declared.measured.peak:.3g}",
    "look for a setting that does not reach the spike function; what is declared trains nothing",
    f"found while the program was traced, {WHERE}",
)

ALIKE = 0.02
"""Derivatives that differ by less than this, relative to the larger peak, are the same."""


def of_own(
    own: tuple[Called, ...],
    shapes: tuple[tuple[Shape, Shape], ...],
    declared: Surrogate,
    escapes: list[EscapeNoise],
) -> list[Finding]:
    """Find spike functions of the network that are not what was declared."""
    found = []
    for i, called in enumerate(own[: len(escapes)]):
        if distance(called.derivative, declared.derivative, escapes[i]) > ALIKE:
            seen = {"own": shapes[i][0], "declared": shape_of(declared.derivative, escapes[i])}
            found += IGNORED.of(called.name, **seen)
    return list(dict.fromkeys(found))


def _grid_says(direction: Direction | None) -> str:
    if direction is None:
        return ""
    yours, others = direction.rows()
    reset = direction.grid[YOURS].reset
    for best in others:
        at_quarter = direction.grid[best.candidate][:2] == (0.25, reset)
        if at_quarter and best.known and yours.known:
            return f"; cosine {yours.cosine:.2f}, at a quarter of it {best.cosine:.2f}"
    return ""
