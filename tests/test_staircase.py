"""The impossible staircase is figure 5: once around it is the committed number."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from figures import staircase, style
from figures.panels.staircase import GOLD, PALE, SALMON, Path, Staircase
from scripts import gallery
from scripts.redraw import PROJECT, committed
from tests.legible import outside, recorded
from tests.test_figures import assert_is_shown

GALLERY = PROJECT.place("fig5").gallery
LAPS = 3


@pytest.fixture(scope="module")
def data():
    return committed("fig5")[0]


@pytest.fixture(scope="module")
def stairs(data):
    return Staircase(data[staircase.LOOP], LAPS)


def dots(axes, color):
    """Heights of the dots of a colour that are larger than the walker's."""
    return [
        line.get_ydata()[0]
        for line in axes.lines
        if line.get_marker() == "o" and line.get_markerfacecolor() == color
    ]


def test_once_around_is_the_committed_number(data, stairs):
    committed = data["second"]["sg_loop"][1]
    assert data["second"]["beta_surrogate"][1] == 5 and committed == pytest.approx(0.369109936)
    for laps in (1, 2, LAPS):
        assert stairs.surrogate(laps).z[-1] == pytest.approx(laps * committed, abs=1e-12)
    assert abs(stairs.smooth(1).z[-1]) < 1e-12
    assert f"{committed:+.2f} higher" in staircase.sentences(stairs.left)[2][2]


def test_dots_are_drawn_at_the_heights_of_the_laps(data, stairs):
    axes = plt.figure().subplots()
    stairs.draw(axes, laps=LAPS)
    start, drawn = dots(axes, SALMON), dots(axes, GOLD.fill)
    assert len(start) == 1 and len(drawn) == LAPS
    heights = np.array([0.0, *data["second"]["sg_loop"][1] * np.arange(1, LAPS + 1)])
    there = np.zeros(heights.size), np.full(heights.size, float(data["second"]["radius"]))
    _, up, _ = stairs.project(Path(*there, heights))
    np.testing.assert_allclose([*start, *drawn], up, atol=1e-12)
    # A loop that closes would leave all dots at one height.
    assert np.diff(up).min() > 0.1
    words = [text.get_text() for text in axes.texts]
    assert words == ["start", "+0.37", "+0.74", "+1.11"]


def test_the_first_axis_of_the_floor_is_the_first_direction(data, stairs):
    """Greys inside the circle are those of the output there; a transposed floor has others."""
    panel = data["second"]
    with style.applied():
        figure = plt.figure(figsize=(6, 6), dpi=100, layout="none")
        axes = figure.add_axes((0, 0, 1, 1))
        stairs.draw(axes, 0, 0)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
    grey = np.asarray(canvas.buffer_rgba())[..., 0] / 255
    ring = Path(
        *(share * values for share, values in zip((0.85, 0.85, 1), stairs.ring(), strict=True))
    )
    right, up, _ = stairs.project(ring)
    places = axes.transData.transform(np.column_stack([right, up]))
    seen = np.array([grey[round(grey.shape[0] - y), round(x)] for x, y in places])
    output = panel["plane_output"].astype(float)
    i, j = (np.abs(panel["plane_axis"][:, None] - way).argmin(axis=0) for way in (ring.x, ring.y))

    def agreement(output):
        return np.mean(np.abs(style.OUTPUT(output[i, j] / PALE)[:, 0] - seen) < 0.03)

    assert agreement(output) > 0.85 > 0.7 > agreement(output.T)


def test_the_still_is_that_of_the_committed_numbers():
    assert_is_shown(gallery.still(), GALLERY / "staircase.png")


def test_the_animation_ends_with_the_still_and_is_small():
    path = GALLERY / "staircase.gif"
    assert path.stat().st_size < 300_000
    with Image.open(path) as animation:
        assert animation.n_frames == len(staircase.moments())
        animation.seek(animation.n_frames - 1)
        last = np.asarray(animation.convert("RGB")).astype(np.int16)
    # The animation has 64 colours, and the still has more.
    assert_is_shown(last, GALLERY / "staircase.png", most=1e-2)
    total = sum(moment.duration for moment in staircase.moments())
    assert 8_000 < total < 13_000


def test_all_words_of_the_still_are_inside(data):
    with style.applied(), recorded() as texts:
        FigureCanvasAgg(staircase.still(data)).draw()
    assert texts and not [*outside(texts)]
