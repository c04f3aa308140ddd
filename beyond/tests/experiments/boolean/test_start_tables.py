"""Tables of initial weights: outcomes by the committed rule."""

import pytest

from beyond.scripts import start_tables
from experiments.engine.experiment import Quantity


@pytest.mark.parametrize(
    ("low", "high", "verdict", "name"),
    [
        (0.01, 0.2, True, "solves more"),
        (0.01, 0.2, None, "undecided"),
        (-0.2, -0.01, False, "solves fewer"),
        (-0.04, 0.04, None, "as many"),
        (-0.2, 0.04, None, "at most 5 points more"),
    ],
)
def test_outcomes_have_the_names_of_the_rule(low, high, verdict, name):
    difference = Quantity((low + high) / 2, "statistical", ci_low=low, ci_high=high)
    assert start_tables.outcome(verdict, difference) == name
