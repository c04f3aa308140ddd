"""Statements of figure 10 on Boolean tasks, with p-values corrected as its hypotheses require."""

from collections.abc import Mapping

from beyond.experiments.families import Compared, family
from experiments.engine.experiment import Data, Quantity

MAPS, WHICH = ("map_steep", "map_shallow"), ("which_steep", "which_shallow")
BREADTHS = (1.0, 0.5, 0.25, 0.125, 0.0625)
STEPS = ((0.0, -0.5), (0.5, 0.0), (1.0, 0.5))
"""Prediction M1: the first lambda solves more than the second."""


def arm(ratio: float, lam: float) -> str:
    """Return the name of the mean of a surrogate gradient."""
    return f"surrogate_x{ratio:g}_lambda{lam:g}"


RISES = [
    Compared(f"lambda{a:g}_over_{b:g}", arm(r, a), arm(r, b), MAPS, end=f"_x{r:g}")
    for a, b in STEPS
    for r in BREADTHS[1:]
]
NEVER = [Compared("zero_over_exact", arm(r, 0.0), "exact", MAPS, end=f"_x{r:g}") for r in BREADTHS]
PARTS = [
    Compared("between_over_exact", "plus_between", "exact", WHICH),
    Compared("between_over_linear", "plus_between", "plus_linear", WHICH),
]
SAME = [Compared("between_over_orthogonal", "plus_between", "plus_orthogonal", WHICH)]


def predictions(panels: Mapping[str, Data]) -> dict[str, Quantity]:
    """Return differences of arms of the map and of its parts, and the largest p of each."""
    quantities: dict[str, Quantity] = {}
    for pairs in (RISES, NEVER, PARTS, SAME):
        quantities |= family(panels, pairs)
    return quantities
