"""Findings against the true gradient, and for which networks advice on it was tested."""

from __future__ import annotations

import numpy as np

from snn.estimators.surrogate import Surrogate
from snn.stats.batch_means import KNOWN_SE
from snn_tools.comparison.table import Row
from snn_tools.doctor.advice.table import of_table
from snn_tools.doctor.direction import YOURS, Direction
from snn_tools.doctor.finding import Finding, Rule
from snn_tools.doctor.measurements import Layer
from snn_tools.printing import between, number

CLOSER = 0.1
"""A cosine that is higher by this much, and by three standard errors, is worth a change."""

TOO_LONG = 3.0
"""A norm ratio above it, where another reset has one between 1/2 and 2."""

HERE = (
    "measured in this network at these weights; a cosine is not learning "
    "(beyond/docs/true_gradient.md)"
)


RESET = Rule(
    "reset",
    "reset {own}: cosine {mine}; reset {reset}: cosine {best.cosine:.2f}, norm {norm} times the "
    "true one",
    "reset=snn.{reset}",
    f"{HERE}; {{scope}}",
)
SLOPE = Rule(
    "slope",
    "cosine {mine}; with {factor:g} times the slope {cosine}",
    "try {factor:g} times the slope",
    f"{HERE}; {{scope}}",
    fault=False,
)


def scope_of(layers: tuple[Layer, ...], steps: int | None) -> str:
    """Say whether this network is among those in which advice was tested."""
    neurons = sum(layer.neurons for layer in layers)
    if steps is None:
        inside = len(layers) <= 9 and max(layer.neurons for layer in layers) <= 8
        tested = "1 to 8 hidden layers of 2 to 8 neurons (beyond/docs/which_gradient.md)"
    else:
        inside = len(layers) <= 2 and neurons <= 30 and steps <= 160
        tested = "one hidden layer, up to 30 neurons and 160 steps (beyond/docs/true_gradient.md)"
    own = f"{len(layers)} layers, {neurons} neurons" + (f", {steps} steps" if steps else "")
    if inside:
        return f"tested with {tested}; this one ({own}) is of that size"
    return f"tested with {tested}; this one ({own}) is outside: not known whether it holds"


def of_direction(direction: Direction, surrogate: Surrogate, scope: str) -> list[Finding]:
    """Judge the direction: against the true gradient, cut, lost in noise, and what is closer.

    Args:
        direction: what was measured; nothing is concluded from numbers that are not finite.
        surrogate: the user's.
        scope: for which networks advice was tested.
    """
    if direction.bad:
        return []
    yours, others = direction.rows()
    found = of_table(direction.comparison, YOURS)
    return found + _closer(yours, others, direction, surrogate, scope)


def _closer(
    yours: Row, others: list[Row], direction: Direction, surrogate: Surrogate, scope: str
) -> list[Finding]:
    """Find other resets and slopes that are closer to the true gradient."""
    if yours.zero or direction.comparison.truth[0].noise > KNOWN_SE:
        return []
    own = surrogate.reset.__name__
    rows = {r.candidate: r for r in others}
    resets = [
        (reset, rows[name])
        for (factor, reset), name in direction.best_of.items()
        if factor == 1 and reset != own
    ]
    found = []
    reset, best = max(
        ((name, r) for name, r in resets if r.known),
        key=lambda x: x[1].cosine,
        default=(own, yours),
    )
    long = yours.known and yours.ratio > TOO_LONG and 0.5 < best.ratio < 2
    if reset != own and (_better(best, yours) or long):
        mine = f"{yours.cosine:.2f}, norm {number(yours.ratio)} times" if yours.known else "unknown"
        seen = {"own": own, "mine": mine, "reset": reset, "best": best, "scope": scope}
        found += RESET.of("all layers", norm=number(best.ratio), **seen)
    names = {name: cell for cell, name in direction.best_of.items()}
    slopes = [r for r in others if names[r.candidate][1] == own and r.known]
    best = max(slopes, key=lambda r: r.cosine, default=None)
    if best is not None and _better(best, yours):
        mine = f"{yours.cosine:.2f}" if yours.known else "unknown"
        factor, cosine = names[best.candidate][0], between(best.cosine, best.interval)
        found += SLOPE.of("all layers", mine=mine, factor=factor, cosine=cosine, scope=scope)
    return found


def _better(other: Row, yours: Row) -> bool:
    if not yours.known:
        return other.known and other.cosine > 0.5
    margin = max(CLOSER, 3 * np.hypot(other.cosine_se, yours.cosine_se))
    return bool(other.known and other.cosine - yours.cosine > margin)
