"""What the map of figure 10 and its parts say of the predictions in beyond/docs/hypotheses.md."""

from collections.abc import Mapping

from beyond.experiments.families import Compared, family
from experiments.engine.base import Data, Quantity

MAPS, WHICH = ("map_steep", "map_shallow"), ("which_steep", "which_shallow")
BREADTHS = (1.0, 0.5, 0.25, 0.125, 0.0625)
STEPS = ((0.0, -0.5), (0.5, 0.0), (1.0, 0.5))
"""Prediction M1: the first lambda solves more than the second."""


def arm(ratio: float, lam: float) -> str:
    """Return the name of the mean of a surrogate gradient."""
    return f"surrogate_x{ratio:g}_lambda{lam:g}"


RISES = [
    Compared(f"lambda{a:g}_over_{b:g}", arm(r, a), arm(r, b), end=f"_x{r:g}")
    for a, b in STEPS
    for r in BREADTHS[1:]
]
ABOVE = [
    Compared("wrong_above_1", arm(r, 1.1), arm(r, 1.0), "wrong", f"_x{r:g}") for r in BREADTHS[1:]
]
NEVER = [Compared("zero_over_exact", arm(r, 0.0), "exact", end=f"_x{r:g}") for r in BREADTHS]
PARTS = [
    Compared("between_over_exact", "plus_between", "exact"),
    Compared("between_over_linear", "plus_between", "plus_linear"),
]
SAME = [Compared("between_over_orthogonal", "plus_between", "plus_orthogonal")]


def found(panels: Mapping[str, Data]) -> dict[str, Quantity]:
    """Return differences of arms in every family, and the largest p of each prediction."""
    families = (MAPS, RISES), (MAPS, ABOVE), (MAPS, NEVER), (WHICH, PARTS), (WHICH, SAME)
    told: dict[str, Quantity] = {}
    for names, pairs in families:
        told |= family(panels, names, pairs)
    return told
