"""Findings from the comparison with the true gradient, and limits of the advice."""

import numpy as np

from snn.estimators.surrogate import Surrogate
from snn_tools.comparison.batch_means import KNOWN_SE
from snn_tools.comparison.table import Row
from snn_tools.doctor.advice.table import of_table
from snn_tools.doctor.direction import Direction
from snn_tools.doctor.examined import Finding, Rule
from snn_tools.doctor.grid import YOURS
from snn_tools.doctor.observed import Layer
from snn_tools.printing import between, cosine, number

CLOSER = 0.1
"""Gain in cosine for an advice; the gain must also exceed three standard errors."""

TOO_LONG = 3.0
"""Norm ratio above which a gradient is too long, if another reset has a ratio of 1/2 to 2."""

HERE = (
    "measured in this network at these weights; a cosine is not learning "
    "(beyond/docs/true_gradient.md)"
)


RESET = Rule(
    "reset",
    "reset {own}: cosine {mine}; reset {reset}: cosine {cosine}, norm {norm} times the true one",
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
    """Describe whether the advice was tested with networks of this size."""
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
    """Judge the direction of the surrogate gradient, and find a slope or reset that is closer.

    Args:
        direction: the measurement; if numbers are not finite, nothing is concluded.
        surrogate: the user's surrogate gradient.
        scope: description of the networks behind the advice.
    """
    if direction.bad:
        return []
    findings, (yours, others) = of_table(direction.comparison, YOURS), direction.rows()
    if yours.zero or direction.comparison.truth[0].noise > KNOWN_SE:
        return findings
    own, grid = surrogate.reset.__name__, direction.grid
    mine = cosine(yours.cosine) if yours.known else "unknown"

    def closest(rows: list[Row]) -> Row:
        return max((r for r in rows if r.known), key=lambda r: r.cosine, default=yours)

    best = closest([r for r in others if grid[r.candidate].factor == 1])
    long = yours.known and yours.ratio > TOO_LONG and 0.5 < best.ratio < 2
    if best is not yours and (_better(best, yours) or long):
        norms = f", norm {number(yours.ratio)} times" if yours.known else ""
        values = {"own": own, "mine": mine + norms, "reset": grid[best.candidate].reset}
        values |= {"cosine": cosine(best.cosine), "norm": number(best.ratio), "scope": scope}
        findings += RESET.find("all layers", **values)
    best = closest([r for r in others if grid[r.candidate].reset == own])
    if best is not yours and _better(best, yours):
        factor, interval = grid[best.candidate].factor, between(best.cosine, best.interval)
        findings += SLOPE.find("all layers", mine=mine, factor=factor, cosine=interval, scope=scope)
    return findings


def _better(other: Row, yours: Row) -> bool:
    if not yours.known:
        return other.known and other.cosine > 0.5
    margin = max(CLOSER, 3 * np.hypot(other.cosine_se, yours.cosine_se))
    return bool(other.known and other.cosine - yours.cosine > margin)
