"""Every picture of the committed numbers, drawn once: the gallery's, legible, and unambiguous."""

import re
from typing import NamedTuple

import numpy as np
import pytest
from matplotlib.figure import Figure

from figures import style
from figures.captions import caption
from figures.verdicts import HOLLOW
from scripts import gallery
from scripts.redraw import PROJECT, committed
from tests.legible import covered, outside, recorded, unreadable, written
from tests.marks import hollow, mistaken
from tests.test_figures import ROOM, assert_is_shown
from tests.test_looks import SLOPED

PAGE_HEIGHT = 9.0
"""Inches: below a picture there is room for its caption."""


class Drawn(NamedTuple):
    """A picture with its colours and the boxes of its texts."""

    name: str
    dots: np.ndarray
    texts: dict
    figure: Figure


@pytest.fixture(scope="module", params=ROOM)
def drawn(request):
    """Each picture, as it is in the gallery."""
    name = request.param
    of = name.partition("_")[0]
    data, words = committed(of)
    # What is shown is the paper's preset or says which one it is; nothing is modified.
    preset = PROJECT.committed_preset(of)
    assert words == ("" if preset == "paper" else f"preset: {preset}")
    with recorded() as texts:
        figure, dots = gallery.drawn(name, data, words)
    return Drawn(name, dots, texts, figure)


def test_reference_numbers_give_the_gallery(drawn):
    shown = ROOM[drawn.name].gallery / f"{drawn.name}.png"
    assert drawn.dots.shape[1] == gallery.WIDTH
    assert_is_shown(drawn.dots, shown)


def test_text_is_legible_at_the_printed_width_and_lies_on_nothing(drawn):
    (canvas,) = {(frame.width / 72, frame.height / 72) for _, frame in drawn.texts.values()}
    assert canvas[0] <= style.FULL_WIDTH and canvas[1] <= PAGE_HEIGHT
    with style.applied():
        assert not [
            *covered(drawn.texts),
            *outside(drawn.texts),
            *unreadable(written(drawn.figure)),
        ]


def test_captions_describe_every_panel(drawn):
    letters = sorted(
        text.get_text()
        for text in drawn.texts
        if text.get_fontweight() == "bold" and re.fullmatch("[a-z]", text.get_text())
    )
    assert letters, f"{drawn.name}.py has no panel with a letter, as those of subplot_mosaic"
    path = ROOM[drawn.name].captions / f"{drawn.name}.md"
    assert path.is_file(), f"write {path}: see docs/recipes/figure.md"
    declared = caption(drawn.name, path.parent)
    groups = re.findall(r"^\*\*([a-z](?:, [a-z])*)\*\*", declared.body, re.MULTILINE)
    others = sorted(set(letters) ^ set(", ".join(groups).split(", ")))
    assert not others, f"{path}: a paragraph for each panel, and for no other: {', '.join(others)}"
    assert declared.headline.endswith("."), f"{path}: begins with a heading, the claim"


def test_a_colour_and_a_marker_mean_one_method(drawn):
    assert not mistaken(drawn.figure, SLOPED)


def test_hollow_markers_are_undecided_and_the_caption_states_it(drawn):
    words = caption(drawn.name, ROOM[drawn.name].captions).body
    assert hollow(drawn.figure) == (HOLLOW in words)
    # Nothing else is called hollow.
    assert words.count("hollow") == words.count(HOLLOW)
    texts = " ".join(text.get_text() for text in drawn.texts)
    assert texts.count("hollow") == " ".join(texts.split()).count(HOLLOW)
