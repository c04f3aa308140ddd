"""Figures: pictures from numbers alone, teasers, and faults of texts that are found."""

import numpy as np
import pytest
from PIL import Image

from experiments.engine.errors import guarded
from figures import style
from figures.captions import caption
from figures.drawing import draw, headline, pictures
from figures.style import MODES
from scripts import captions, gallery, redraw
from scripts.redraw import PROJECT, committed
from tests.legible import covered, outside, recorded, unreadable, written

ROOM = {
    picture: room
    for room in PROJECT.places
    for figure in room.figures_in()
    for picture in pictures(figure, room.figures)
}


def assert_is_shown(dots, path, most=1e-5):
    """A picture's colours are those of the gallery.

    With the pinned Matplotlib no dot differs by more than rounding; a curve of the wrong colour
    is some hundred dots.
    """
    with Image.open(path) as image:
        shown = np.asarray(image).astype(np.int16)
    assert shown.shape == dots.shape, "make gallery"
    assert np.mean(np.abs(dots - shown).max(axis=-1) > 16) < most, "make gallery"


HALF_A_COLUMN = 415
"""Dots across a teaser in README."""


TEASED = [f for f in PROJECT.presets() if (ROOM[f].gallery / f"{f}_teaser.png").is_file()]
"""Figures with a teaser, which those of one's own need not have."""


@pytest.mark.parametrize("figure", TEASED)
def test_a_teaser_is_a_picture_of_its_own_that_can_be_read_in_half_a_column(figure):
    assert gallery.has_teaser(figure)
    data, words = committed(figure)
    with recorded() as texts:
        built, colors = gallery.drawn(figure, data, words, teaser=True)
    assert_is_shown(colors, ROOM[figure].gallery / f"{figure}_teaser.png")
    # All of one size, for rows of one height.
    size = np.array(style.TEASER) * gallery.WIDTH / style.FULL_WIDTH
    np.testing.assert_allclose(colors.shape[1::-1], size, rtol=1e-9)
    dots = HALF_A_COLUMN / (72 * style.TEASER[0])
    assert min(text.get_fontsize() for text in texts) * dots >= 9
    with style.applied():
        assert not [*covered(texts), *outside(texts), *unreadable(written(built))]


def test_no_headline_leaves_an_orphan():
    """It was so in figures 1 and 9, and in two supplements."""
    text = "The matched surrogate gradient of a neuron is its mean response's derivative, of noise."
    assert style.wrapped(text, len(text)) == [text]
    one, two = style.wrapped(text, len(text) - 1)
    assert f"{one} {two}" == text and len(two) > 12
    for picture, room in ROOM.items():
        lines = style.wrapped(caption(picture, room.captions).headline, 87)
        assert len(lines) == 1 or len(lines[-1]) > 16, picture


def test_pages_have_the_captions():
    for room in PROJECT.places:
        written = (room.folder / captions.PAGE).read_text()
        assert written == captions.page(room), "make gallery"


def test_the_gallery_has_the_exact_colours():
    with Image.open(ROOM["fig6"].gallery / "fig6.png") as image:
        dots = np.asarray(image.convert("RGB")).reshape(-1, 3)
    for color in MODES.values():
        exact = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
        assert np.all(dots == exact, axis=1).sum() > 100


def test_packing_keeps_every_dot(tmp_path):
    dots = np.random.default_rng(0).integers(0, 256, (7, 5, 3), np.uint8)
    path = tmp_path / "dots.png"
    gallery.write_png(dots, path)
    np.testing.assert_array_equal(np.asarray(Image.open(path)), dots)
    assert list(tmp_path.iterdir()) == [path]


def test_the_committed_numbers_are_redrawn_and_an_unknown_figure_is_refused(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(redraw, "REDRAWN", tmp_path)
    assert guarded(redraw.main, ["fig2"]) == 0
    names = {f"fig2{part}.{kind}" for part in ("", "_supplement") for kind in ("pdf", "png")}
    assert {path.name for path in tmp_path.iterdir()} == names
    assert guarded(redraw.main, ["fig12"]) == 2
    assert "no figure fig12" in capsys.readouterr().err


@pytest.mark.parametrize("figure", PROJECT.presets())
def test_the_preset_of_a_headline_is_that_of_the_committed_numbers(figure):
    for picture in pictures(figure, PROJECT.place(figure).figures):
        about = caption(picture, PROJECT.place(figure).captions)
        assert about.preset == PROJECT.committed_preset(figure), picture


def test_only_a_run_of_the_committed_preset_has_a_headline_and_others_their_changes_in_words():
    data, _ = committed("fig1")
    claim = caption("fig1").headline

    def written(stamp, teaser=False):
        built = draw("fig1", data, stamp, [], teaser=teaser)
        return [text.get_text().replace("\n", " ") for text in built.texts]

    assert claim in written("") and claim not in written("", teaser=True)
    stamp = "preset: smoke   modified: panels.neuron.beta=8, seeds=[3]"
    words = "computed with preset “smoke” instead of “paper”   changed: beta of panel neuron = 8"
    assert written(stamp) == [*(x for x in written("") if x != claim), f"{words}, seeds=[3]"]
    # A change of the committed preset is a change, too.
    assert claim not in written("modified: panels.neuron.beta=8")
    assert stamp not in written(stamp, teaser=True)
    medium = caption("fig7")
    assert headline("preset: medium", medium) == medium.headline
    assert not headline("", medium)
