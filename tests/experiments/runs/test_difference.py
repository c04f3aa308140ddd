"""Two runs: what is the same, what differs, and what is undecided."""

import numpy as np
import pytest

from experiments.engine.experiment import band, exact, statistical
from experiments.runs import difference
from experiments.runs.difference import Change, changes, identical, largest_by_chance
from experiments.runs.published import differing


@pytest.mark.parametrize(
    ("a", "b", "verdict"),
    [
        (exact(1), exact(1 + 1e-12), "same"),
        (exact(1), exact(1 + 1e-6), "differs"),
        (exact(0, 0, 0.5), exact(0.5, 0, 0.5), "same"),
        (exact(np.nan), exact(np.nan), "same"),
        (exact(1), exact(np.nan), "differs"),
        (statistical(0, 1), statistical(0, 1), "same"),
        (statistical(0, 3), statistical(14.9, 4), "undecided"),
        (statistical(0, 3), statistical(15.1, 4), "differs"),
        (statistical(0, 0), statistical(1, 0), "undecided: no error known"),
        (band(1, 0, 9, "", (0.5, 1.5)), band(3, 0, 9, "", (2.5, 3.5)), "differs: intervals apart"),
        (band(1, 0, 9, "", (0.5, 2.6)), band(3, 0, 9, "", (2.5, 3.5)), "undecided"),
        (band(1, 0, 9, ""), band(3, 0, 9, "", (2.5, 3.5)), "undecided: no error known"),
        (exact(1), statistical(2, 0.1), "undecided: no error known"),
        (exact(1), None, "only in A"),
        (None, exact(1), "only in B"),
    ],
)
def test_verdicts(a, b, verdict):
    assert Change("x", a, b).verdict(largest=3.0) == verdict
    cells = Change("x", a, b).cells(3.0)
    assert len(cells) == 6 and all(isinstance(cell, str) for cell in cells)


def test_z_is_the_difference_in_standard_errors_of_it():
    assert Change("x", statistical(1, 3), statistical(11, 4)).z == 2
    assert Change("x", statistical(1, 3), statistical(1, 4)).z is None


def test_equal_runs_differ_by_chance_in_five_of_a_hundred_comparisons():
    rng = np.random.default_rng(0)
    n_comparisons, n = 2000, 20
    z = np.abs(rng.normal(size=(n_comparisons, n)))
    compared = changes(
        {f"{i}": statistical(0, 1) for i in range(n)}, {f"{i}": statistical(1, 1) for i in range(n)}
    )
    share = np.mean((z > largest_by_chance(compared)).any(axis=1))
    assert abs(share - difference.LEVEL) < 4 * (difference.LEVEL / n_comparisons) ** 0.5
    # The limit for a single number would not do.
    assert np.mean((z > largest_by_chance(compared[:1])).any(axis=1)) > 0.5


def test_parameters_and_panels_that_differ():
    assert differing({"a": 1, "b": [2], "c": 3}, {"a": 1, "b": [4], "d": 5}) == [
        ["b", "[2]", "[4]"],
        ["c", "3", "–"],
        ["d", "–", "5"],
    ]
    same, other = np.array([1.0, np.nan]), np.array([1.0, -0.0])
    assert identical({"p": {"x": same}, "q": {"x": same}}, {"p": {"x": same.copy()}}) == ["p"]
    assert identical({"p": {"x": same}}, {"p": {"x": other}}) == []
    assert identical({"p": {"x": same}}, {"p": {"x": same.astype(np.float32)}}) == []
