"""What is drawn of figures 8 to 10 is true: units, places, decisions, and counts by name."""

import matplotlib.pyplot as plt
import numpy as np

from beyond.figures.panels import against_gradient, exact_flows
from beyond.figures.panels.atlas_choice import choices
from beyond.figures.panels.trainings import REFERENCE, draw_pairs
from figures.captions import caption
from figures.panels import names_of
from scripts.redraw import PROJECT
from tests.experiments.planned import numbers_of


def test_counts_of_a_pair_stand_in_its_order():
    names = ["exact", "surrogate"]
    difference = np.zeros((2, 2, 3))
    difference[1, 0] = 0.2, 0.1, 0.4
    panel = {
        "methods": np.array([names]),
        "n_tasks": np.array(20),
        "difference": difference,
        # The second solves three tasks that the first does not; that one seven.
        "only": np.array([[0, 7], [3, 0]]),
    }
    axes = plt.figure().subplots()
    exact_flows.draw_differences(axes, {"tasks": panel}, names[1:])
    assert "3 : 7" in [text.get_text() for text in axes.texts]
    assert [0.2] in [list(line.get_xdata()) for line in axes.lines]
    assert [0.1, 0.4] in [list(line.get_xdata()) for line in axes.lines]


def test_strips_have_a_dot_for_each_draw_at_each_slope():
    data = numbers_of("fig8")["regimes"]
    shown = against_gradient.computed(data, against_gradient.SHOWN)
    assert len(shown) == 8
    for slope, beta in enumerate(data["betas"]):
        axes = plt.figure().subplots()
        against_gradient.strips(axes, data, shown, beta)
        dots = np.concatenate([line.get_xydata() for line in axes.lines])
        for y, name in enumerate(shown):
            x = dots[np.abs(dots[:, 1] - y) < 0.5, 0]
            assert len(x) == data["n_draws"]
            i = list(data["estimators"][0]).index(name)
            assert (x < 0).sum() == data["against"][i, slope]


def test_advice_is_ranked_by_the_10th_percentile():
    """In 2 layers at slope 16 mean field has the largest median at one run, and fails in some."""
    data = numbers_of("fig8")["regimes"]
    cell = list(map(tuple, data["cells"][0])).index((2, 4, 16, 1))
    listed = list(data["estimators"][0])
    assert listed[data["best"][0, cell, 0]] == "mean_field"
    chosen = choices(data, for_layers=False)[cell][0]
    assert chosen.name == "surrogate_box" and chosen.low == "−.01"
    for best, median in zip(
        choices(data, for_layers=True)[cell], data["safest"][1, cell], strict=True
    ):
        assert best.name == listed[median]


def test_a_loss_that_holm_does_not_decide_is_hollow():
    """One trial of the surrogate: its interval leaves 1 out, but of 13 comparisons it is one."""
    data = numbers_of("fig9")["easy"]
    i = names_of(data).index("surrogate_through_one")
    assert data["paired"][i, names_of(data).index(REFERENCE), 2] < 1 and not data["decided"][i]
    faces = {}
    for name in ("surrogate_through", "surrogate_through_one"):
        axes = plt.figure().subplots()
        draw_pairs([axes], {"high noise": data}, {"matched": [name]})
        (marker,) = (line for line in axes.lines if len(line.get_xdata()) == 1)
        faces[name] = marker.get_markerfacecolor()
    assert faces["surrogate_through_one"] == "white" != faces["surrogate_through"]


def test_the_headline_of_figure_10_has_the_numbers_of_its_map():
    data = numbers_of("fig10")["map_steep"]
    words = caption("fig10", PROJECT.room("fig10").captions).headline
    row = data["share"][:, 0][[name.startswith("surrogate_x0.25_") for name in names_of(data)]]
    shares = dict(zip(data["lams"][0], row, strict=True))
    squared, linear, between = (f"{100 * shares[lam]:.0f} %" for lam in (1, 0, 0.5))
    assert f"{squared} or {linear}" in words and between not in words
