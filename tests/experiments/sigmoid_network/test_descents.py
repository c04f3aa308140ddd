"""Ends of descents along a line, and descents with equal gradients."""

import re

import jax
import numpy as np
import pytest

import snn
from experiments.sigmoid_network import five_weights
from experiments.sigmoid_network.claims import CLAIMS
from experiments.sigmoid_network.descents import Descents, _descend, ends_along
from scripts.redraw import PROJECT


def test_a_descent_along_a_line_ends_where_the_derivative_changes_sign():
    field = np.array([1.0, 1.0, -1.0, -1.0, 2.0, 2.0, -1.0, -1.0])
    # To the edge, to the minimum between -1 and 2 from either side, to the other edge.
    assert list(ends_along(field)) == [0, 0, 4, 4, 3, 3, 7, 7]
    assert list(ends_along(-field)) == [2, 2, 1, 1, 6, 6, 5, 5]


def test_a_descent_stays_where_the_derivative_vanishes():
    assert list(ends_along(np.array([0.0, 0.0, 1.0]))) == [0, 1, 1]


def test_descent_along_the_exact_gradient_lowers_the_expected_output():
    with jax.enable_x64(True):
        starts = np.random.default_rng(0).normal(size=(20, five_weights.N_WEIGHTS))
        field = five_weights.field_of(snn.TransferMatrix(), 2.0)
        none, some = (np.asarray(_descend(field, starts, 2.0, (0.02, 4.0), n)) for n in (0, 50))
    assert np.all(some < none)


OTHERS = {
    "the same weights": {"beta": 1.0},
    "a standard deviation of 1": {"beta": 1.0, "spread": 1.0},
    "a box of ±2": {"box": 2.0},
}
"""Parameters beyond the conditions of C4h, by words of the report."""


@pytest.mark.parametrize("words", OTHERS)
def test_the_report_has_the_conditions_beyond_which_ends_are_not_higher(words):
    (claim,) = [claim for claim in CLAIMS if claim.id == "C4h"]
    assert {f"descents.{name}" for name in OTHERS[words]} <= claim.given.keys()
    config = Descents(**OTHERS[words])
    with jax.enable_x64(True):
        data = {name: np.asarray(x)[None] for name, x in config.compute(0).items()}
    difference = config.summary(data)["higher_minus_lower"]
    assert claim.relation.holds(difference) is not True
    report = " ".join((PROJECT.root / "REPLICATION.md").read_text().split())
    numbers = r"(-?[\d.]+) \[(\S+), (\S+)\]"
    pattern = rf"{words} it is {numbers}" if "box" in words else rf"{numbers} with {words}"
    (stated,) = re.findall(pattern, report)
    measured = (difference.value, difference.ci_low, difference.ci_high)
    assert list(map(float, stated)) == pytest.approx(measured, abs=0.003)
