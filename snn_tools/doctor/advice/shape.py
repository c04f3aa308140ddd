"""Findings in the surrogate derivative as a function."""

from __future__ import annotations

from snn.estimators.surrogate import Surrogate
from snn.surrogate import MultilayerSpiker
from snn_tools.doctor.direction import YOURS, Direction
from snn_tools.doctor.report import Finding
from snn_tools.doctor.shape import Shape
from snn_tools.printing import number

STEEP = 3.0
"""A derivative this many times narrower than the slope of the noise."""


def of_shape(
    shapes: tuple[tuple[Shape, Shape], ...], surrogate: Surrogate, direction: Direction | None
) -> list[Finding]:
    """The surrogate derivative as a function."""
    found: dict[tuple, list[int]] = {}
    for i, (own, noise) in enumerate(shapes):
        for item in _shape(own, noise, surrogate, direction):
            found.setdefault(item, []).append(i)
    return [
        Finding(kind, fault, f"layer {', '.join(map(str, where))}", *rest)
        for (kind, fault, *rest), where in found.items()
    ]


def _shape(own: Shape, noise: Shape, surrogate: Surrogate, direction: Direction | None) -> list:
    items = []
    if not own.finite:
        items.append(
            (
                "overflow",
                True,
                f"the surrogate derivative is not finite in float32 from |v| = {own.first_bad:.2g} "
                "on",
                "write it with jax.nn.sigmoid or a bounded form, as snn.surrogate does",
                "evaluated at potentials up to 1e4",
            )
        )
    if own.negative:
        items.append(
            ("shape", True, "the surrogate derivative is negative at some potentials", "", "")
        )
    spiker = isinstance(surrogate.derivative, MultilayerSpiker)
    if not own.falls_off and not spiker and own.finite:
        like = f"; its correlation with the firing probability is {own.like_p:.3f}"
        items.append(
            (
                "shape",
                True,
                f"the surrogate derivative does not fall off away from the threshold{like}",
                "a derivative of a spike is a bump: check whether p stands for its slope p'",
                "evaluated at potentials up to 1e4",
            )
        )
        return items
    narrow, wide = (shape.middle[1] - shape.middle[0] for shape in (own, noise))
    ratio = wide / narrow if min(narrow, wide) > 0 else 1.0
    if ratio >= STEEP and own.finite and not spiker:
        seen = _grid_says(direction)
        items.append(
            (
                "steep",
                True,
                f"the surrogate derivative is {ratio:.1f} times narrower than the slope of the "
                f"escape noise (half of the integral within {number(narrow)} and {number(wide)})"
                f"{seen}",
                f"divide its slope by {ratio:.2g} to match the noise, or by more",
                "four times too steep costs 0.05 to 0.36 of the cosine in layers without time "
                "(docs/which_gradient.md); broad surrogates train small spiking networks better "
                "(docs/true_gradient.md)",
            )
        )
    return items


def _grid_says(direction: Direction | None) -> str:
    if direction is None:
        return ""
    yours, others = direction.rows()
    names = {name: cell for cell, name in direction.best_of.items()}
    own = next(reset for (_, reset), name in direction.best_of.items() if name == YOURS)
    best = next((r for r in others if names[r.candidate] == (0.25, own)), None)
    if best is None or not (best.known and yours.known):
        return ""
    return f"; cosine {yours.cosine:.2f}, at a quarter of it {best.cosine:.2f}"
