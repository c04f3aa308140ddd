"""Figures drawn from numbers that other parameters give: no text covers another."""

import importlib
import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.text import Text

from figures import style
from figures.redraw import REFERENCE, numbers

SLOPES = (2.0, 4.0, 7.5, 20.0, 100.0)


def with_slopes(panel, slopes):
    """Curves of other slopes than were computed: those there are, in turn."""
    n = len(panel["beta_surrogate"])
    at = np.arange(len(slopes)) % n
    by_slope = {name: a[at] for name, a in panel.items() if np.ndim(a) and len(a) == n}
    kept = {name: panel[name] for name in ("base", "directions") if name in panel}
    return panel | by_slope | kept | {"beta_surrogate": np.array(slopes)}


def many_slopes(data):
    panels = ("along_w", "plane") if "plane" in data else ("published",)
    return data | {name: with_slopes(data[name], SLOPES) for name in panels}


def one_slope(data):
    panels = [name for name in data if "beta_surrogate" in data[name]]
    return data | {name: with_slopes(data[name], SLOPES[:1]) for name in panels}


def steep_noise(data):
    scaled = ("exact", "expected_sg", "reference_exact", "reference_expected_sg")
    stochastic = {name: 8 * a if name in scaled else a for name, a in data["stochastic"].items()}
    return data | {"stochastic": stochastic}


def wide_circle(data):
    def wider(panel):
        axis = panel["plane_axis"] * 5 / panel["radius"]
        loops = np.array([1e-4, -0.5, 40.0])
        return panel | {"radius": np.array(5.0), "plane_axis": axis, "sg_loop": loops}

    return data | {name: wider(data[name]) for name in ("published", "second")}


def loops_alike(data):
    loops = {"published": [-0.136, -0.2, -0.233], "second": [0.233, 0.152, 0.17]}
    return data | {name: data[name] | {"sg_loop": np.array(each)} for name, each in loops.items()}


def other_picture(data):
    panel = data["stochastic"]
    return data | {"stochastic": panel | {"picture": ~panel["picture"][:, ::-1, :150]}}


CASES = [
    ("fig4", many_slopes),
    ("fig4", one_slope),
    ("fig4", steep_noise),
    ("fig5", many_slopes),
    ("fig5", one_slope),
    ("fig5", wide_circle),
    ("fig5", loops_alike),
    ("fig5_supplement", wide_circle),
    ("fig6", other_picture),
]


@pytest.mark.parametrize(
    ("picture", "varied"), CASES, ids=[f"{name}-{varied.__name__}" for name, varied in CASES]
)
def test_no_text_covers_another(picture, varied, monkeypatch):
    figure = picture.partition("_")[0]
    data = varied(numbers(figure, REFERENCE / f"{figure}.npz")[0])
    drawn, original = {}, Text.draw

    def recorded(self, renderer, *args, **kwargs):
        if self.get_visible() and self.get_text().strip():
            drawn[self] = self.get_window_extent(renderer)
        return original(self, renderer, *args, **kwargs)

    monkeypatch.setattr(Text, "draw", recorded)
    with style.applied():
        rendered = importlib.import_module(f"figures.{picture}").render(data)
        point = rendered.dpi / 72
        rendered.canvas.draw()
        rendered.canvas.draw()
        plt.close(rendered)
    covered = [
        (one.get_text(), other.get_text())
        for (one, a), (other, b) in itertools.combinations(drawn.items(), 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > point
        and min(a.y1, b.y1) - max(a.y0, b.y0) > 1.5 * point
    ]
    assert drawn
    assert not covered


def test_different_targets_are_said_to_differ():
    data = other_picture(numbers("fig6", REFERENCE / "fig6.npz")[0])
    with style.applied():
        figure = importlib.import_module("figures.fig6").render(data)
        titles = [axes.get_title("right") for axes in figure.findobj(Axes)]
        plt.close(figure)
    assert titles.count("targets differ") == 4
    assert {"target, deterministic", "target, stochastic"} <= set(titles)
