"""Predictions about the followed loss: a family of sign tests, and equivalences.

Hypotheses Q1 to Q4 and Q7 to Q10 of beyond/docs/hypotheses.md.
"""

from collections.abc import Mapping

from beyond.experiments.families import Compared, complete, estimates, family
from experiments.engine.experiment import Data, Quantity

LOW, HIGH, LOGIC = "loss_low_noise", "loss_high_noise", "loss_three_literals"
"""Panels: slope 16, slope 4, and the new family at slope 16."""
MORE = "loss_three_literals_more"
"""Panel with further directions on the tasks of the new family."""
ALL, BOTH, LOW_NOISE = (LOW, HIGH, LOGIC), (LOW, HIGH), (LOW, LOGIC)
MARGIN = 0.05
"""Difference of shares within which two directions solve equally many."""


TESTED = (
    Compared("response_over_expected", "exact_of_response", "exact_of_expected", ALL),
    Compared("entropy_over_expected", "exact_of_cross_entropy", "exact_of_expected", BOTH),
    Compared("broad_over_response", "broad_usual", "exact_of_response", LOW_NOISE),
    Compared("breadth", "broad_of_response", "exact_of_response", LOW_NOISE),
    Compared("loss_of_broad", "broad_of_response", "broad_of_expected", BOTH),
    Compared("broad_over_matched", "broad_usual", "matched_usual", BOTH),
)
"""Q1 to Q4, Q7 and Q8, in order."""
WITHDRAWN = 2
"""Tests of Q5 and Q6, on the curved loss, in each family; both were undecided with p = 1."""
EQUIVALENT = (
    Compared("response_equals_broad", "exact_of_response", "broad_usual", (HIGH,)),
    Compared("crossed_equals_usual", "broad_of_response", "broad_usual", ALL),
)
"""Q9 and Q10."""

LATER = tuple(of._replace(panels=(LOGIC,)) for of in TESTED if of.panels == BOTH)
"""Q2, Q7 and Q8 in the new family, with the directions that were trained later."""


def predictions(panels: Mapping[str, Data]) -> dict[str, Quantity]:
    """Return differences of shares solved, with p-values corrected for all tests of the family.

    If a panel or a direction of a family is missing, the family returns nothing, since the
    correction would count fewer tests.

    Args:
        panels: panels by name, with their pooled arrays.
    """
    quantities: dict[str, Quantity] = {}
    if complete(panels, (*TESTED, *EQUIVALENT)):
        quantities |= family(panels, TESTED, withdrawn=WITHDRAWN) | estimates(panels, EQUIVALENT)
    return quantities | family(panels, LATER, withdrawn=WITHDRAWN)
