"""Files of figures: the same bytes for the same numbers."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.transforms import Bbox

from figures import style
from figures.drawing import draw
from figures.saving import save
from scripts import redraw
from scripts.redraw import PROJECT, numbers


def test_the_same_numbers_give_the_same_bytes_whatever_else_is_drawn(tmp_path, caplog):
    data, words = numbers("fig1", PROJECT.reference("fig1"))
    draw("fig1", data, words, [tmp_path / "a.pdf", tmp_path / "a.png"])
    draw("fig1", data, words, [tmp_path / "b.png"])
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    # What it says of the dates of fonts is no matter for a user.
    assert not [record for record in caplog.records if record.name.startswith("fontTools")]


def test_places_do_not_depend_on_how_the_layout_of_this_process_rounds(tmp_path):
    with style.applied():
        figure = plt.figure(figsize=(7, 3))
        left, right = style.columns(figure, [1, 2])
        upper, lower = style.rows(right, [1, 1])
        parts = [left, right, upper, lower]
        shown = [part.subplots() for part in (left, upper, lower)]
        save(figure, Bbox([[0, 0], [7, 3]]), [tmp_path / "a.png"])
        plt.close(figure)
    places = [axes.get_position().get_points() for axes in shown]
    places += [part.bbox_relative.get_points() for part in parts]
    assert all(np.array_equal(place, place.round(9)) for place in places)
    assert not all(np.array_equal(place, place.round(3)) for place in places)


def test_a_renderers_mistake_is_shown_when_it_redraws(tmp_path, monkeypatch):
    monkeypatch.setattr(redraw, "draw", lambda *_: {}["mistyped"])
    with pytest.raises(KeyError, match="mistyped"):
        redraw.redraw("fig4", str(tmp_path / "a.png"))
    assert not list(tmp_path.iterdir())
