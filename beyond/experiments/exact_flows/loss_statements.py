"""Predictions about the followed loss: a family of sign tests, and equivalences.

Hypotheses Q1 to Q10 of beyond/docs/hypotheses.md.
"""

from collections.abc import Mapping
from typing import NamedTuple

from beyond.experiments.families import Compared, compared, corrected
from experiments.engine.declare.experiment import Data, Quantity, band, listed

LOW, HIGH, LOGIC = "loss_low_noise", "loss_high_noise", "loss_three_literals"
"""Panels: slope 16, slope 4, and the new family at slope 16."""
MORE = "loss_three_literals_more"
"""Panel with further directions on the tasks of the new family."""
ALL, BOTH, LOW_NOISE = (LOW, HIGH, LOGIC), (LOW, HIGH), (LOW, LOGIC)
MARGIN = 0.05
"""Difference of shares within which two directions solve equally many."""


class Predicted(NamedTuple):
    """A prediction on a pair of directions.

    Attributes:
        name: name of the quantity.
        first: the direction that is to solve more tasks, or as many.
        second: the other direction.
        panels: panels to which the prediction applies.
    """

    name: str
    first: str
    second: str
    panels: tuple[str, ...]


TESTED = (
    Predicted("response_over_expected", "exact_of_response", "exact_of_expected", ALL),
    Predicted("entropy_over_expected", "exact_of_cross_entropy", "exact_of_expected", BOTH),
    Predicted("broad_over_response", "broad_usual", "exact_of_response", LOW_NOISE),
    Predicted("breadth", "broad_of_response", "exact_of_response", LOW_NOISE),
    Predicted("curvature", "exact_of_curved", "exact_of_response", (LOW,)),
    Predicted("curvature_of_broad", "broad_of_curved", "broad_of_response", (LOW,)),
    Predicted("loss_of_broad", "broad_of_response", "broad_of_expected", BOTH),
    Predicted("broad_over_matched", "broad_usual", "matched_usual", BOTH),
)
"""Q1 to Q8, in order."""
EQUIVALENT = (
    Predicted("response_equals_broad", "exact_of_response", "broad_usual", (HIGH,)),
    Predicted("crossed_equals_usual", "broad_of_response", "broad_usual", ALL),
)
"""Q9 and Q10."""

LATER = tuple(of._replace(panels=(LOGIC,)) for of in TESTED if of.panels in (BOTH, (LOW,)))
"""Q2 and Q5 to Q8 in the new family, with the directions that were trained later."""


def predictions(panels: Mapping[str, Data]) -> dict[str, Quantity]:
    """Return differences of shares solved, with p-values corrected for all tests of the family.

    If a panel or a direction of a family is missing, the family returns nothing, since the
    correction would count fewer tests.

    Args:
        panels: panels by name, with their pooled arrays.
    """
    return _family(panels, TESTED, EQUIVALENT) | _family(panels, LATER)


def _family(
    panels: Mapping[str, Data],
    tested: tuple[Predicted, ...],
    equivalent: tuple[Predicted, ...] = (),
) -> dict[str, Quantity]:
    """Return the differences of one family, and the p-values of its tests."""
    if not all(_computed(panels, pair) for pair in (*tested, *equivalent)):
        return {}
    quantities: dict[str, Quantity] = {}
    p_values: dict[str, float] = {}
    for pair in (*tested, *equivalent):
        for panel in pair.panels:
            name = f"{panel}.{pair.name}"
            comparison = Compared(pair.name, pair.first, pair.second)
            quantities[name], p = compared(panels[panel], comparison)
            if pair in tested:
                p_values[name] = p
    each = corrected(p_values)
    for pair in tested:
        if len(pair.panels) > 1 or pair in TESTED:
            why = f"the largest of {len(pair.panels)}; Holm, of {len(each)}"
            largest = max(each[f"{panel}.{pair.name}_p"].value for panel in pair.panels)
            quantities[f"{pair.name}_p"] = band(largest, 0, 1, why)
    return quantities | each


def _computed(panels: Mapping[str, Data], pair: Predicted) -> bool:
    arms = {pair.first, pair.second}
    return all(p in panels and arms <= {*listed(panels[p], "methods")} for p in pair.panels)
