"""Forest plots: what is hollow, and where estimates lie."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from figures.looks import LOOKS
from figures.panels.forest import SHIFTS, Estimate, forest

LOOK = LOOKS["surrogate"]


def drawn(groups, **options):
    """Give markers as place and face, and intervals as their ends."""
    axes = plt.figure().subplots()
    forest(axes, groups, **options)
    markers, intervals = [], []
    for line in axes.lines:
        x, y = line.get_data()
        if line.get_marker() == LOOK.marker:
            markers.append((float(x[0]), float(y[0]), to_hex(line.get_markerfacecolor())))
        elif line.get_zorder() == 2:
            intervals.append((*map(float, x), *map(float, y)))
    return markers, intervals


@pytest.mark.parametrize(
    ("values", "told", "decided"),
    [
        ((1.0, 0.5, 1.5), None, True),
        ((1.0, -0.5, 1.5), None, False),
        ((-1.0, -1.5, -0.5), None, True),
        ((1.0, np.nan, np.nan), None, False),
        ((1.0, 0.5, 1.5), False, False),
        ((1.0, -0.5, 1.5), True, True),
    ],
)
def test_an_estimate_is_hollow_where_it_is_undecided(values, told, decided):
    markers, intervals = drawn({"": {0: Estimate(values, LOOK, told)}}, null=0)
    assert markers == [(1.0 * values[0], 0.0, LOOK.fill if decided else "#ffffff")]
    assert len(intervals) == np.isfinite(values[1])


def test_groups_lie_beside_each_other_in_their_row():
    groups = {words: {2: Estimate((1, 0.5, 2), LOOK)} for words in ("one", "other")}
    markers, intervals = drawn(groups)
    assert [y for _, y, _ in markers] == [2 + shift for shift in SHIFTS[2]]
    assert intervals == [(0.5, 2, 2 + shift, 2 + shift) for shift in SHIFTS[2]]
