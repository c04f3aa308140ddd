"""What is drawn of figures 9 and 10 is true: units and counts by name."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from beyond.experiments.true_gradient.lif_task import DT
from beyond.figures.panels import exact_flows
from tests.test_drawn import numbers_of, rendered


def test_durations_are_steps_in_ms():
    steps = numbers_of("fig9")["duration"]["cells"][0][:, 1]
    drawn = rendered("fig9_supplement").findobj(Axes)
    (axes,) = (axes for axes in drawn if axes.get_xlabel() == "duration (ms)")
    assert any(np.allclose(line.get_xdata(), 1e3 * DT * steps) for line in axes.lines)


def test_counts_of_a_pair_stand_in_its_order():
    names = ["exact", "surrogate"]
    difference = np.zeros((2, 2, 3))
    difference[1, 0] = 0.2, 0.1, 0.4
    panel = {
        "methods": np.array([names]),
        "difference": difference,
        # The second solves three tasks that the first does not; that one seven.
        "only": np.array([[0, 7], [3, 0]]),
    }
    axes = plt.figure().subplots()
    exact_flows.draw_differences(axes, {"tasks": panel}, names[1:])
    assert "3 : 7" in [text.get_text() for text in axes.texts]
    assert [0.2] in [list(line.get_xdata()) for line in axes.lines]
    assert [0.1, 0.4] in [list(line.get_xdata()) for line in axes.lines]
