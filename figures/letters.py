"""Layout of figures, with a bold letter at the left end of each panel and its title beside it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox, BboxBase

from figures.style import MARGIN

ALIGNED = 0.06
"""Inches: panels that begin closer together form a column."""


def lay_out(figure: Figure) -> None:
    """Lay a figure out, and place the letters of its panels."""
    letters = write_letters(figure)
    # A layout continues from the previous one: after two it is stable.
    for _ in range(2):
        if engine := figure.get_layout_engine():
            engine.execute(figure)
    place_letters(letters)
    # Without an engine, savefig draws once, not twice.
    mpl.rcParams["figure.constrained_layout.use"] = False
    figure.set_layout_engine(None)


def write_letters(figure: Figure) -> list[Annotation]:
    """Write a bold letter above each axes whose label is a letter."""
    above = {"xytext": (0, 3), "textcoords": "offset points", "xycoords": "axes fraction"}
    bold = {"fontweight": "bold", "fontsize": 10, "va": "bottom", "annotation_clip": False}
    return [
        axes.annotate(letter, (0, 1), **above, **bold)
        for axes in figure.axes
        if re.fullmatch("[a-z]", letter := str(axes.get_label())) and axes.get_visible()
    ]


def place_letters(letters: Sequence[Annotation]) -> None:
    """Move letters to the left ends of their panels, names of axes and ticks included.

    Panels that begin at the same place form a column, whose letters are aligned. Where other words
    are in the way, a letter moves beyond that end, or above all of its panel.
    """
    for letter in letters:
        letter.set_in_layout(False)
    words = [pair for letter in letters[:1] for pair in _words(letter.get_figure(root=True))]
    panels = [axes for letter in letters if isinstance(axes := letter.axes, Axes)]
    # Measured once: every measurement lays out all tick labels of a panel.
    boxes = {axes: axes.get_tightbbox(for_layout_only=True) or axes.bbox for axes in panels}
    ends = _column_ends(boxes)
    for letter in letters:
        axes, figure = letter.axes, letter.get_figure(root=True)
        assert isinstance(axes, Axes) and figure
        drawn = boxes[axes]
        own, above = letter.get_window_extent(), (drawn.y1 - axes.bbox.y1) * 72 / figure.dpi
        title = _left_title(axes)
        own_left, edge = min(drawn.x0, axes.bbox.x0), MARGIN * figure.dpi
        places = (
            (ends[axes], 3.0),
            (own_left, 3.0),
            (own_left - 1.3 * own.width, 3.0),
            (own_left, above + 1),
        )
        for x, up in places:
            place = axes.transAxes.inverted().transform((max(x, edge), 0))[0]
            letter.xy, letter.xyann = (round(float(place), 6), 1), (0, round(up, 3))
            if not letter.get_window_extent().count_overlaps(
                [box for text, box in words if text is not title]
            ):
                break
        _beside_letter(title, letter)


def _column_ends(boxes: Mapping[Axes, BboxBase]) -> dict[Axes, float]:
    """Return, by panel, the left end of the panel's column including labels, in dots.

    Args:
        boxes: Each panel with its box including labels, in dots.
    """
    ends = {}
    for axes in boxes:
        figure = axes.get_figure(root=True)
        assert figure
        beside = ALIGNED * figure.dpi
        column = [other for other in boxes if abs(other.bbox.x0 - axes.bbox.x0) < beside]
        ends[axes] = min(box.x0 for box in [axes.bbox, *(boxes[other] for other in column)])
    return ends


def _left_title(axes: Axes) -> Text | None:
    """Return the title at the left end of axes, if there is one."""
    titles = (text for text in axes.get_children() if isinstance(text, Text))
    return next((text for text in titles if text.get_text() == axes.get_title("left") != ""), None)


def _beside_letter(title: Text | None, letter: Annotation) -> None:
    """Move a title to the right of its panel's letter, if the letter is in the way."""
    axes = letter.axes
    if title is None or not isinstance(axes, Axes):
        return
    box, own = title.get_window_extent(), letter.get_window_extent()
    end = own.x1 + own.width / 2
    if own.x0 < box.x1 and box.x0 < end and own.y0 < box.y1 and box.y0 < own.y1:
        title.set_x(title.get_position()[0] + (end - box.x0) / axes.bbox.width)


def _words(figure: Any) -> list[tuple[Text | Legend, Bbox]]:
    """Return the words of a figure and their places, except the letters of its panels."""
    texts = [
        artist
        for artist in figure.findobj(lambda artist: isinstance(artist, (Text, Legend)))
        if artist.get_visible() and artist.get_in_layout()
    ]
    boxes = [(artist, artist.get_window_extent()) for artist in texts]
    return [(artist, box) for artist, box in boxes if box.width > 0]
