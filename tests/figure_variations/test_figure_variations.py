"""Figures drawn from the numbers of extreme but legal parameters: all of it is read and told apart.

Every figure and its supplement, once for each variation in `CASES`, is searched for

- text that covers other text, leaves the canvas, is too small or faint, or lies on something;
- curves that are cut off: points of a line, a band or a scatter that lie beyond the limits of their
  axes. What has a place in the axes' own coordinates is a guide, and is to run out: axhline,
  axvline, axline, shaded regions. Where a logarithmic axis has no place for a point, there is none;
- two lines or markers with different labels, in one axes or its legend, that look the same.

Error bars are not searched for cuts: they may run out where an estimate is poor.
"""

import importlib
from functools import cache

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.colors import to_hex
from matplotlib.container import ErrorbarContainer
from matplotlib.lines import Line2D
from tests.figure_variations.making import legal
from tests.figure_variations.training import other_picture

from figures import style
from figures.drawing import pictures
from scripts.redraw import PROJECT
from tests.experiments.planned import numbers_of
from tests.figure_variations import theory, training
from tests.legible import covered, outside, unreadable, written

ROOM = PROJECT.rooms[0]
GIVEN = theory.CASES | training.CASES
CASES = {figure: GIVEN.get(figure) or legal(figure) for figure in ROOM.figures_in()}


def pictures_of(room, cases):
    """Each picture of a room, with the name of each of its variations."""
    return [
        pytest.param(picture, name, id=f"{picture} {name}")
        for figure, named in cases.items()
        for picture in pictures(figure, room.figures)
        for name in named
    ]


@cache
def varied(figure, variation):
    return variation(numbers_of(figure))


def faults_of(picture, room, variation):
    """Say all that is wrong with a picture under a variation."""
    data = varied(picture.partition("_")[0], variation)
    with style.applied():
        return faults(importlib.import_module(f"{room.figures}.{picture}").render(data))


TOUCHED = 10.0
"""Overlap of a text with a line, square points: more than in a committed picture, since parameters
are extreme."""


def faults(figure):
    """Say all that is wrong with a figure as it is saved, after two layouts."""
    # Most are right after the first, and layouts are what takes the time.
    actual = drawn_faults(figure) and drawn_faults(figure)
    plt.close(figure)
    return actual


def drawn_faults(figure):
    """Lay a figure out once more, draw it, and say all that is wrong with it."""
    drawn = written(figure)
    texts, point = drawn.texts, figure.dpi / 72
    assert texts
    actual = [*covered(texts), *outside(texts)]
    for axes in visible(figure):
        actual += [*cut(axes, point), *alike(axes)]
    return actual + [*unreadable(drawn, TOUCHED)]


@pytest.mark.parametrize(("picture", "name"), pictures_of(ROOM, CASES))
def test_a_figure_survives_its_parameters(picture, name):
    violations = faults_of(picture, ROOM, CASES[picture.partition("_")[0]][name])
    assert not violations, "\n".join(violations)


def test_variations_are_of_figures_that_are_there():
    assert set(GIVEN) <= set(ROOM.figures_in())


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda axes: axes.text(0.02, 1.7, "more words"), ["covers"]),
        (lambda axes: axes.text(0.5, 3, "words", clip_on=False), ["leaves the canvas"]),
        (lambda axes: axes.text(0.5, 0.5, "more"), ["lies on something"]),
        (lambda axes: axes.text(0.6, 1.7, "more", color="0.7"), ["has a contrast of"]),
        (lambda axes: axes.text(0.6, 1.7, "more", fontsize=5.9), ["has 5.9 points"]),
        (lambda axes: axes.set_ylim(0.1, 2), ["is cut"]),
        (lambda axes: axes.fill_between([0, 1], [0, 0], [1, 3]), ["is cut"]),
        (lambda axes: axes.scatter(2, 1), ["is cut"]),
        (lambda axes: axes.plot([0, 1], [0, 0], "b", label="another"), ["looks like"]),
        (lambda axes: axes.plot([0, 1], [0, 0], "b:", label="another"), []),
        (lambda axes: axes.errorbar([0, 1], [0, 0], 0.1, c="b", label="another"), ["looks like"]),
        (lambda axes: axes.plot([0, 1], [0, 0], "b", label="one"), []),
        (lambda axes: (axes.axhline(5), axes.axvspan(-3, 5, color="0.9")), []),
    ],
)
def test_each_fault_is_found(spoil, said):
    with style.applied():
        figure, axes = plt.subplots()
        axes.plot([0, 1], [0, 1], "b", label="one")
        axes.text(0.02, 1.7, "words")
        axes.set(xlim=(0, 1), ylim=(0, 2))
        spoil(axes)
        actual = faults(figure)
    assert len(actual) == len(said)
    assert all(part in fault for part, fault in zip(said, actual, strict=True))


def visible(figure):
    return [axes for axes in figure.findobj(Axes) if axes.get_visible()]


def cut(axes, point):
    """Curves beyond the limits of their axes by more than a point."""
    for artist in axes.get_children():
        if not artist.get_visible() or not (points := data_points(artist, axes)).size:
            continue
        for scale, column in zip((axes.get_xscale(), axes.get_yscale()), points.T, strict=True):
            if scale == "log":
                column[column <= 0] = np.nan
        shown = axes.transData.transform(points[np.isfinite(points).all(axis=1)])
        beyond = np.maximum(axes.bbox.min - shown, shown - axes.bbox.max).max(initial=0)
        if beyond > point:
            yield f"{artist} is cut in {axes_name(axes)}, {beyond / point:.0f} points beyond"


def data_points(artist, axes):
    """Points of a curve, (point, 2); none of what is no curve, or not in the axes' data."""
    if isinstance(artist, Line2D) and artist.get_transform() is axes.transData:
        return np.array(artist.get_xydata(), float)
    if isinstance(artist, PathCollection) and artist.get_offset_transform() is axes.transData:
        return np.array(artist.get_offsets(), float)
    if isinstance(artist, PolyCollection) and artist.get_transform() is axes.transData:
        return np.concatenate([np.empty((0, 2)), *(p.vertices for p in artist.get_paths())])
    return np.empty((0, 2))


def alike(axes):
    legend = axes.get_legend()
    lines = [(line, line) for line in [*axes.lines, *(legend.legend_handles if legend else ())]]
    lines += [(bars[0], bars) for bars in axes.containers if isinstance(bars, ErrorbarContainer)]
    observed = {}
    for line, labelled in lines:
        label = str(labelled.get_label())
        if isinstance(line, Line2D) and not label.startswith("_"):
            first = observed.setdefault(look(line), label)
            if first != label:
                yield f"{label!r} looks like {first!r} in {axes_name(axes)}"


def look(line):
    """What is seen of a line and its markers."""
    drawn = line.get_linestyle() != "None" and line.get_linewidth() > 0
    marker = line.get_marker() not in ("", " ", "None", None)
    return (
        (
            to_hex(line.get_color()),
            line.get_alpha(),
            str(line._unscaled_dash_pattern),
            line.get_linewidth(),
        )
        if drawn
        else None,
        (
            str(line.get_marker()),
            line.get_markersize(),
            to_hex(line.get_markerfacecolor()),
            to_hex(line.get_markeredgecolor()),
        )
        if marker
        else None,
    )


def axes_name(axes):
    titles = (axes.get_title(side) for side in ("left", "center", "right"))
    return f"axes {' '.join(filter(None, titles))} ({axes.get_xlabel()}, {axes.get_ylabel()})"


def test_different_targets_are_said_to_differ():
    data = other_picture(numbers_of("fig6"))
    with style.applied():
        figure = importlib.import_module("figures.fig6").render(data)
        titles = [axes.get_title("left") for axes in figure.findobj(Axes)]
        plt.close(figure)
    assert sum("targets differ" in title for title in titles) == 2
    assert {"target, deterministic", "target, stochastic"} <= set(titles)
