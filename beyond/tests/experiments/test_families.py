"""Comparisons say what their counts of tasks are."""

import numpy as np
import pytest

from beyond.experiments.families import Compared, corrected, family


@pytest.mark.parametrize(
    ("what", "interval", "counts", "reason"),
    [
        ("loss", "paired", "lower", "lower in 21 of 32 tasks, higher in 11"),
        (
            "solved",
            "difference",
            "only",
            "solved by one alone in 21 of 32 tasks, by the other in 11",
        ),
    ],
)
def test_counts_are_of_the_first_and_of_the_other(what, interval, counts, reason):
    panel = {
        "methods": np.array([["second", "first"]] * 32),
        interval: np.ones((2, 2, 3)),
        counts: np.array([[0, 11], [21, 0]]),
    }
    quantities = family({"a": panel}, [Compared("better", "first", "second", ("a",), what)])
    assert quantities["a.better"].why == reason


def test_withdrawn_tests_count_with_a_p_value_of_1():
    quantities = corrected({"a": 0.01, "b": 0.04}, withdrawn=2)
    assert quantities["a_p"].value == pytest.approx(4 * 0.01)
    assert quantities["b_p"].value == pytest.approx(3 * 0.04)
    assert quantities["a_p"].why == "Holm, of 4" and len(quantities) == 2
