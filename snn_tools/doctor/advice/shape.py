"""Findings in the surrogate derivative as a function."""

from __future__ import annotations

from dataclasses import replace

from snn.estimators.surrogate import Surrogate
from snn.surrogate import MultilayerSpiker
from snn_tools.doctor.direction import YOURS, Direction
from snn_tools.doctor.finding import Finding, Rule
from snn_tools.doctor.shape import Shape
from snn_tools.printing import number

STEEP = 3.0
"""A derivative this many times narrower than the slope of the noise."""

BUMP = (
    Rule(
        "shape",
        lambda own, noise, seen: not own.falls_off and own.finite,
        lambda own, noise, seen: (
            "the surrogate derivative does not fall off away from the threshold; its correlation "
            f"with the firing probability is {own.like_p:.3f}"
        ),
        "a derivative of a spike is a bump: check whether p stands for its slope p'",
        "evaluated at potentials up to 1e4",
    ),
    Rule(
        "steep",
        lambda own, noise, seen: own.falls_off and own.finite and narrower(own, noise) >= STEEP,
        lambda own, noise, seen: (
            f"the surrogate derivative is {narrower(own, noise):.1f} times narrower than the slope "
            f"of the escape noise (half of the integral within {number(own.half)} and "
            f"{number(noise.half)}){seen}"
        ),
        "divide its slope by {} to match the noise, or by more",
        "four times too steep costs 0.05 to 0.36 of the cosine in layers without time "
        "(docs/which_gradient.md); broad surrogates train small spiking networks better "
        "(docs/true_gradient.md)",
        filled=lambda own, noise, seen: f"{narrower(own, noise):.2g}",
    ),
)
"""Of derivatives that are meant to fall off on both sides, all but `MultilayerSpiker`."""

RULES = (
    Rule(
        "overflow",
        lambda own, *_: not own.finite,
        lambda own, *_: (
            f"the surrogate derivative is not finite in float32 from |v| = {own.first_bad:.2g} on"
        ),
        "write it with jax.nn.sigmoid or a bounded form, as snn.surrogate does",
        "evaluated at potentials up to 1e4",
    ),
    Rule(
        "shape",
        lambda own, *_: own.negative,
        lambda *_: "the surrogate derivative is negative at some potentials",
    ),
)
"""Of a derivative, the slope of the noise, and what the grid of slopes says."""


def narrower(own: Shape, noise: Shape) -> float:
    """How many times the middle half of the slope of the noise is wider than the derivative's."""
    return noise.half / own.half if min(own.half, noise.half) > 0 else 1.0


def of_shape(
    shapes: tuple[tuple[Shape, Shape], ...], surrogate: Surrogate, direction: Direction | None
) -> list[Finding]:
    """The surrogate derivative as a function; layers of which the same is to be said, together."""
    rules = RULES if isinstance(surrogate.derivative, MultilayerSpiker) else RULES + BUMP
    seen = _grid_says(direction)
    found: dict[Finding, list[str]] = {}
    for i, (own, noise) in enumerate(shapes):
        for finding in (f for rule in rules for f in rule.of("", own, noise, seen)):
            found.setdefault(finding, []).append(str(i))
    return [replace(f, where=f"layer {', '.join(where)}") for f, where in found.items()]


def _grid_says(direction: Direction | None) -> str:
    if direction is None:
        return ""
    yours, others = direction.rows()
    names = {name: cell for cell, name in direction.best_of.items()}
    best = next((r for r in others if names[r.candidate] == (0.25, names[YOURS][1])), None)
    if best is None or not (best.known and yours.known):
        return ""
    return f"; cosine {yours.cosine:.2f}, at a quarter of it {best.cosine:.2f}"
