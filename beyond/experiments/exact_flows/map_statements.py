"""What the map of figure 10 and its parts say of the predictions in beyond/docs/hypotheses.md.

A family is the p-values of all its comparisons, corrected by Holm; a prediction has the largest of
its own. A family that is not whole concludes nothing.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from beyond.experiments.statistics import sign_test
from experiments.engine.base import Data, Quantity, band, listed
from experiments.statistics import holm

MAPS, WHICH = ("map_steep", "map_shallow"), ("which_steep", "which_shallow")
BREADTHS = (1.0, 0.5, 0.25, 0.125, 0.0625)
STEPS = ((0.0, -0.5), (0.5, 0.0), (1.0, 0.5))
"""Prediction M1: the first lambda solves more than the second."""


class Compared(NamedTuple):
    """Two arms of a panel, and which arrays compare them.

    Attributes:
        first: name of the arm.
        second: the other's.
        what: "solved" or "wrong".
    """

    first: str
    second: str
    what: str = "solved"


def arm(ratio: float, lam: float) -> str:
    """Return the name of the mean of a surrogate gradient."""
    return f"surrogate_x{ratio:g}_lambda{lam:g}"


RISES = {
    f"lambda{a:g}_over_{b:g}": {f"x{r:g}": Compared(arm(r, a), arm(r, b)) for r in BREADTHS[1:]}
    for a, b in STEPS
}
ABOVE = {
    "wrong_above_1": {f"x{r:g}": Compared(arm(r, 1.1), arm(r, 1.0), "wrong") for r in BREADTHS[1:]}
}
NEVER = {"zero_over_exact": {f"x{r:g}": Compared(arm(r, 0.0), "exact") for r in BREADTHS}}
PARTS = {
    "between_over_exact": {"": Compared("plus_between", "exact")},
    "between_over_linear": {"": Compared("plus_between", "plus_linear")},
}
SAME = {"between_over_orthogonal": {"": Compared("plus_between", "plus_orthogonal")}}


def found(panels: Mapping[str, Data]) -> dict[str, Quantity]:
    """Return differences of arms in every family, and the largest p of each prediction."""
    families = (MAPS, RISES), (MAPS, ABOVE), (MAPS, NEVER), (WHICH, PARTS), (WHICH, SAME)
    every = [_family(panels, names, predictions) for names, predictions in families]
    return {name: quantity for family in every for name, quantity in family.items()}


def _family(
    panels: Mapping[str, Data], names: tuple[str, ...], predictions: dict[str, dict[str, Compared]]
) -> dict[str, Quantity]:
    found, p_values = {}, {}
    for prediction, comparisons in predictions.items():
        for panel in names:
            for suffix, pair in comparisons.items():
                if panel not in panels or not {*pair[:2]} <= {*listed(panels[panel], "methods")}:
                    return {}
                name = f"{panel}.{prediction}" + f"_{suffix}" * bool(suffix)
                found[name], p_values[prediction, name] = _compared(panels[panel], pair)
    corrected = dict(zip(p_values, holm(np.array(list(p_values.values()))), strict=True))
    for prediction in predictions:
        own = [p for (name, _), p in corrected.items() if name == prediction]
        why = f"the largest of {len(own)}; Holm, of {len(corrected)}"
        found[f"{prediction}_p"] = band(float(max(own)), 0, 1, why)
    return found


def _compared(data: Data, pair: Compared) -> tuple[Quantity, float]:
    i, j = (listed(data, "methods").index(name) for name in pair[:2])
    difference, counts = {
        "solved": ("difference", "only"),
        "wrong": ("more_wrong_difference", "more_wrong"),
    }[pair.what]
    mean, low, high = map(float, data[difference][i, j])
    a, b = (int(data[counts][at]) for at in ((i, j), (j, i)))
    why = f"{a} and {b} of {data['n_tasks']} tasks"
    return Quantity(mean, "statistical", ci_low=low, ci_high=high, why=why), sign_test(a, b)
