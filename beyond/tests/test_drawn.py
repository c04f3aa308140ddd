"""What is drawn of figures 8 to 10 is true: units, places, decisions, and counts by name."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.legend import Legend

from beyond.experiments.lif.tuned_training import silent
from beyond.figures import fig10
from beyond.figures.panels import against_gradient, exact_flows, initial_gain
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
        "decided": np.array([False, True]),
        # The second solves three tasks that the first does not; that one seven.
        "only": np.array([[0, 7], [3, 0]]),
    }
    axes = plt.figure().subplots()
    exact_flows.draw_differences(axes, {"tasks": panel}, names[1:])
    assert "3 : 7" in [text.get_text() for text in axes.texts]
    assert [0.2] in [list(line.get_xdata()) for line in axes.lines]
    assert [0.1, 0.4] in [list(line.get_xdata()) for line in axes.lines]


def test_an_arm_without_a_row_is_drawn_under_its_name():
    data = dict(numbers_of("fig10"))
    panel = dict(data["start_random"])
    panel["methods"] = np.append(panel["methods"], [["exact_of_nothing"]], axis=1)
    panel["gain_share"] = np.append(
        panel["gain_share"], np.full_like(panel["gain_share"][:1], 0.42), 0
    )
    (key,) = fig10.render(data | {"start_random": panel}).findobj(Legend)[-1:]
    words = [text.get_text() for text in key.get_texts()]
    assert words[-1] == "exact of nothing" and not [x for x in words if "annealed" in x]
    axes = plt.figure().subplots()
    initial_gain.draw_gains(axes, panel, "tasks", initial_gain.drawn(panel))
    assert any(np.allclose(line.get_ydata(), 42) for line in axes.lines)


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


def test_a_loss_that_holm_does_not_decide_is_hollow():
    """One trial of the surrogate: its interval leaves 1 out, but of 13 comparisons it is one."""
    data = numbers_of("fig9")["trained_high_noise"]
    i = names_of(data).index("surrogate_through_one")
    assert data["paired"][i, names_of(data).index(REFERENCE), 2] < 1 and not data["decided"][i]
    faces = {}
    for name in ("surrogate_through", "surrogate_through_one"):
        axes = plt.figure().subplots()
        draw_pairs([axes], {"high noise": data}, {"matched": [name]})
        (marker,) = (line for line in axes.lines if len(line.get_xdata()) == 1)
        faces[name] = marker.get_markerfacecolor()
    assert faces["surrogate_through_one"] == "white" != faces["surrogate_through"]


def test_headline_readme_and_page_have_the_same_numbers_of_figure_10():
    data = numbers_of("fig10")
    broad, exact = "broad_usual", "exact_of_response"

    def share(panel, name, large_weights=False):
        i = names_of(data[panel]).index(name)
        gains = list(data[panel]["gains"][0])
        at_one = data[panel]["gain_share"][i, gains.index(1.0)]
        row = at_one if large_weights else data[panel]["own_share"][i]
        return f"{100 * row[0]:.0f}"

    own = [share("again_literals", name) for name in (broad, exact)]
    large = [share("start_literals", name, large_weights=True) for name in (broad, exact)]
    words = caption("fig10", PROJECT.place("fig10").captions).headline
    assert f"solve {own[0]} % of tasks of three literals and the exact gradient {own[1]} %" in words
    assert f"in place of {large[0]} and {large[1]} %" in words
    page = (PROJECT.place("fig10").folder / "docs/initial_weights.md").read_text()
    assert f"{own[0]} and {own[1]} %" in page
    readme = " ".join((PROJECT.root / "README.md").read_text().split())
    literals = "of Boolean tasks of three literals (three of four inputs or their negations)"
    assert f"SGs solve {large[0]} % {literals}" in readme
    assert f"SGs solve {own[0]} % and the exact gradient {own[1]} %" in readme


def test_tutorial_and_explorer_name_tasks_and_panel_as_the_figures_do():
    data = numbers_of("fig9")
    high, low = (sum(~silent(data[f"trained_{noise}_noise"])) for noise in ("high", "low"))
    tutorial = " ".join((PROJECT.root / "docs/tutorial.md").read_text().split())
    assert f"in {high} tasks with high and {low} with low noise" in tutorial
    panels = caption("fig10", PROJECT.place("fig10").captions).panels
    (letters,) = (letters for letters, names in panels.items() if "escape" in names)
    page = (PROJECT.root / "explorers/pages/escape.html").read_text()
    assert f"The plane is that of panel {letters[0]} of figure 10." in page
