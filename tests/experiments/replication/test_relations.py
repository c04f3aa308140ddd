"""Relations against a second oracle: plain comparisons of every number inside the intervals."""

import itertools

import numpy as np
import pytest

from experiments.engine.experiment import band, exact, statistical
from experiments.replication import relations

ENDS = [-2.0, -1.5, -1.0, -0.5, 0.5, 1.0, 1.5, 2.0]
"""Ends of intervals; limits of relations are among them. Multiples of 1/2 have no rounding."""

COMPARISONS = {
    "below": (relations.below(1.0), lambda a: a < 1),
    "above": (relations.above(-0.5), lambda a: a > -0.5),
    "abs below": (relations.abs_below(1.0), lambda a: abs(a) < 1),
    "abs above": (relations.abs_above(1.0), lambda a: abs(a) > 1),
    "within, absolute": (relations.within(0.5, atol=1.0), lambda a: abs(a - 0.5) <= 1),
    "within, relative": (relations.within(-2.0, rtol=0.25), lambda a: abs(a + 2) <= 0.5),
    "within, both": (relations.within(-2.0, rtol=0.25, atol=0.5), lambda a: abs(a + 2) <= 1),
    "interval above": (relations.interval_above(1.0), lambda a: a > 1),
    "interval below": (relations.interval_below(1.0), lambda a: a < 1),
    "opposite signs": (relations.opposite_signs(), lambda a, b: a * b < 0),
    "increasing": (relations.increasing(), lambda a, b: a < b),
    "ratio below": (relations.ratio_below(0.5), lambda a, b: a < 0.5 * b),
}

KINDS = {
    "interval": lambda value, half: band(value, -9, 9, "", (value - half, value + half)),
    "standard error": lambda value, half: statistical(value, half / relations.MARGIN),
    "absolute tolerance": lambda value, half: exact(value, 0.0, half),
    "relative tolerance": lambda value, half: exact(value, half / abs(value)),
}
"""The ways in which a quantity has an interval, from its middle and half its width."""


def decided(holds, *intervals):
    """Whether a comparison holds everywhere in intervals, nowhere (False), or neither (None)."""
    inside = [np.linspace(low, high, 1 + round(8 * (high - low))) for low, high in intervals]
    each = {bool(holds(*numbers)) for numbers in itertools.product(*inside)}
    return None if len(each) > 1 else each.pop()


def families(intervals, holds):
    """Families of as many intervals as a comparison has arguments."""
    return itertools.product(intervals, repeat=holds.__code__.co_argcount)


@pytest.mark.parametrize(("relation", "holds"), COMPARISONS.values(), ids=COMPARISONS)
def test_exact_numbers_are_compared_as_they_are(relation, holds):
    """Zero and the limits are among them; a relation of intervals decides nothing."""
    for family in families([(x, x) for x in (0.0, *ENDS)], holds):
        expected = None if str(relation).startswith("95 %") else decided(holds, *family)
        assert relation.holds(*(exact(x, rtol=0) for x, _ in family)) is expected, family


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", [name for name in COMPARISONS if name != "increasing"])
def test_numbers_with_an_error_are_compared_everywhere_in_their_interval(name, kind):
    """Errors of a rise are not those of its ends: see test_goldens.py."""
    relation, holds = COMPARISONS[name]
    # A ratio is of positive numbers.
    ends = ENDS[4:] if name == "ratio below" else ENDS
    for family in families(itertools.combinations(ends, 2), holds):
        middles = [((low + high) / 2, (high - low) / 2) for low, high in family]
        if kind == "relative tolerance" and any(value == 0 for value, _ in middles):
            continue
        of_other = str(relation).startswith("95 %") and kind != "interval"
        expected = None if of_other else decided(holds, *family)
        assert relation.holds(*(KINDS[kind](*middle) for middle in middles)) is expected, family
