"""Comparisons say what their counts of tasks are."""

import numpy as np
import pytest

from beyond.experiments.families import Compared, family


@pytest.mark.parametrize(
    ("what", "interval", "counts", "reason"),
    [
        ("loss", "paired", "lower", "lower in 21 of 32 tasks, higher in 11"),
        (
            "wrong",
            "more_wrong_difference",
            "more_wrong",
            "more wrong in 21 of 32 tasks, fewer in 11",
        ),
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
