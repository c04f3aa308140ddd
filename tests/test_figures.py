"""Figures: pictures from numbers alone, texts that can be read, and a gallery that is not stale."""

import os
import re
import subprocess
import sys
from difflib import unified_diff
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.text import Text
from PIL import Image

from experiments.engine.compose import plan
from experiments.engine.errors import guarded
from figures import style
from figures.captions import caption
from figures.drawing import Words, draw, pictures, unpack
from figures.style import MODES
from scripts import captions, redraw
from scripts.drawn import record, settled
from scripts.redraw import PROJECT, main, numbers
from tests.legible import covered, outside, recorded, unreadable

ROOT = Path(__file__).parents[1]
ROOM = {
    picture: room
    for room in PROJECT.rooms
    for figure in room.figures_in()
    for picture in pictures(figure, room.figures)
}
PAGE_HEIGHT = 9.0
"""Inches: below a picture there is room for its caption."""
# All that could stand between a checkout of numbers and a picture.
NOT_NEEDED = "jax jaxlib hydra omegaconf scipy optax flax snn snn_tools".split()


@pytest.mark.parametrize("figure", PROJECT.presets())
def test_reference_numbers_have_what_follows_from_all_seeds(figure):
    with np.load(PROJECT.reference(figure)) as file:
        data = unpack(file)[0]
    choice = f"figure={figure}/{PROJECT.committed_preset(figure)}"
    for panel, experiment in plan(PROJECT, [choice]).root.panels.items():
        for name, array in experiment.pooled(data[panel]).items():
            if array.dtype.kind in "US":
                np.testing.assert_array_equal(data[panel][name], array)
            else:
                np.testing.assert_allclose(data[panel][name], array, rtol=1e-12, err_msg=name)


@pytest.fixture(scope="module", params=ROOM)
def drawn(request, tmp_path_factory):
    """A picture of the committed numbers: name, file, texts with their boxes, and its record."""
    name, path = request.param, tmp_path_factory.mktemp("drawn") / "figure.png"
    figure = name.partition("_")[0]
    data, words = numbers(figure, PROJECT.reference(figure))
    # What is shown is the paper's preset or says which one it is; nothing is modified.
    preset = PROJECT.committed_preset(figure)
    assert words == Words("" if preset == "paper" else f"preset: {preset}")
    with recorded() as texts:
        figure = draw(name, data, words, [path], ROOM[name].figures, redraw.DPI)
    return name, path, texts, record(figure, data), figure


def test_reference_numbers_give_the_gallery(drawn):
    name, path, *_ = drawn
    with Image.open(path) as new, Image.open(ROOM[name].gallery / f"{name}.png") as shown:
        new, shown = redraw.reduced(new).astype(int), np.asarray(shown).astype(int)
    assert shown.shape[1] == redraw.WIDTH
    assert shown.shape == new.shape, "make gallery"
    # Another matplotlib may draw letters otherwise; a stale panel differs by more.
    assert np.mean(np.abs(new - shown).max(axis=-1) > 64) < 2e-3, "make gallery"


HALF_A_COLUMN = 415
"""Dots across a teaser in README."""


TEASED = [f for f in PROJECT.presets() if (ROOM[f].gallery / f"{f}_teaser.png").is_file()]
"""Figures with a teaser, which those of one's own need not have."""


@pytest.mark.parametrize("figure", TEASED)
def test_a_teaser_is_a_picture_of_its_own_that_can_be_read_in_half_a_column(figure, tmp_path):
    assert redraw.has_teaser(figure)
    path, room = tmp_path / "teaser.png", PROJECT.room(figure)
    data, words = numbers(figure, PROJECT.reference(figure))
    with recorded() as texts:
        made = draw(figure, data, words, [path], room.figures, redraw.DPI, teaser=True)
    with Image.open(path) as new, Image.open(room.gallery / f"{figure}_teaser.png") as shown:
        new, shown = redraw.reduced(new).astype(int), np.asarray(shown).astype(int)
    # All of one size, for rows of one height.
    size = np.array(style.TEASER) * redraw.WIDTH / style.FULL_WIDTH
    np.testing.assert_allclose(shown.shape[1::-1], size, rtol=1e-9)
    assert np.mean(np.abs(new - shown).max(axis=-1) > 64) < 4e-3, "make gallery"
    dots = HALF_A_COLUMN / (72 * style.TEASER[0])
    assert min(text.get_fontsize() for text in texts) * dots >= 9
    with style.applied():
        assert not [*covered(texts), *outside(texts), *unreadable(made)]


def test_reference_numbers_give_the_record_of_what_is_drawn(drawn):
    """Pixels may differ by letters; labels, ticks, looks and values may not."""
    name, _, _, new, _ = drawn
    old = (ROOM[name].folder / "tests" / "drawn" / f"{name}.txt").read_text()
    changed = unified_diff(old.split("\n"), settled(new, old).split("\n"), lineterm="", n=0)
    assert not (found := list(changed)), "\n".join(["make gallery, if that is meant", *found])


def test_text_is_legible_at_the_printed_width_and_lies_on_nothing(drawn):
    name, _, texts, _, figure = drawn
    (canvas,) = {(frame.width / 72, frame.height / 72) for _, frame in texts.values()}
    assert canvas[0] <= style.FULL_WIDTH and canvas[1] <= PAGE_HEIGHT, name
    with style.applied():
        assert not [*covered(texts), *outside(texts), *unreadable(figure)]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({}, ""),
        ({"position": (0.5, 0.42)}, "'said' lies on something"),
        ({"position": (0.21, 0.5)}, "'said' lies on something"),
        ({"fontsize": 5.9}, "'said' has 5.9 points"),
        ({"color": style.STOCHASTIC}, "'said' has a contrast of 1."),
        ({"color": "#ffffff"}, "'said' has a contrast of 1."),
    ],
)
def test_a_text_moved_onto_a_curve_or_a_marker_is_found(change, fault):
    with style.applied():
        figure = plt.figure(figsize=(3, 2), layout="none")
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, 1), ylim=(0, 1))
        axes.axis("off")
        axes.plot([0.4, 0.9], [0.4, 0.6], lw=0.8)
        axes.plot(0.22, 0.5, "o", ms=3, color=style.STOCHASTIC)
        # A band and a shade are no curve.
        axes.axhspan(0.55, 1, **style.WRONG)
        axes.text(**{"x": 0.5, "y": 0.8, "s": "said", "ha": "center", "fontsize": 7} | change)
        found = [*unreadable(figure)]
    plt.close(figure)
    assert [text[: len(fault)] for text in found] == [fault] * bool(fault)


def test_a_label_of_a_figure_moved_onto_its_curve_is_found():
    data, words = numbers("fig2", PROJECT.reference("fig2"))
    figure = draw("fig2", data, words, [])
    (text,) = [t for t in figure.findobj(Text) if "dotted" in t.get_text()]
    with style.applied():
        assert not [*unreadable(figure)]
        text.set_position((0.4, 0.3))
        assert any("dotted" in fault for fault in unreadable(figure))


def test_no_headline_leaves_an_orphan():
    """It was so in figures 1 and 9, and in two supplements."""
    text = "The matched surrogate gradient of a neuron is its mean response's derivative, of noise."
    assert style.wrapped(text, len(text)) == [text]
    one, two = style.wrapped(text, len(text) - 1)
    assert f"{one} {two}" == text and len(two) > 12
    for picture, room in ROOM.items():
        lines = style.wrapped(caption(picture, room.captions).headline, 87)
        assert len(lines) == 1 or len(lines[-1]) > 16, picture


def test_captions_describe_every_panel(drawn):
    name, _, texts, *_ = drawn
    letters = sorted(
        text.get_text()
        for text in texts
        if text.get_fontweight() == "bold" and re.fullmatch("[a-z]", text.get_text())
    )
    assert letters, f"figures/{name}.py has no panel with a letter, as those of subplot_mosaic"
    path = ROOM[name].captions / f"{name}.md"
    assert path.is_file(), f"write {path}: see CONTRIBUTING.md, A figure"
    said = caption(name, ROOM[name].captions)
    groups = re.findall(r"^\*\*([a-z](?:, [a-z])*)\*\*", said.body, re.MULTILINE)
    others = sorted(set(letters) ^ set(", ".join(groups).split(", ")))
    assert not others, f"{path}: a paragraph for each panel, and for no other: {', '.join(others)}"
    assert said.headline.endswith("."), f"{path}: begins with a heading, the claim"


@pytest.mark.parametrize("picture", list(ROOM))
def test_captions_are_short(picture):
    words = len(caption(picture, ROOM[picture].captions).body.split())
    most = 60 if picture.endswith("_supplement") else 150
    assert words <= most, f"{words} words: how it was measured goes to the figure's page, once"


def test_pages_have_the_captions():
    for room in PROJECT.rooms:
        for path, text in captions.written(room, PROJECT).items():
            assert path.read_text() == text, "make gallery"


def test_the_gallery_has_the_exact_colours():
    with Image.open(ROOM["fig6"].gallery / "fig6.png") as image:
        dots = np.asarray(image.convert("RGB")).reshape(-1, 3)
    for color in MODES.values():
        exact = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
        assert np.all(dots == exact, axis=1).sum() > 100


def test_packing_keeps_every_dot(tmp_path):
    dots = np.random.default_rng(0).integers(0, 256, (7, 5, 3), np.uint8)
    path = tmp_path / "dots.png"
    redraw.pack(dots, path)
    np.testing.assert_array_equal(np.asarray(Image.open(path)), dots)
    assert list(tmp_path.iterdir()) == [path]


BLOCKED = f"""
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {NOT_NEEDED!r}:
            raise ImportError(name + " is not needed to draw")
sys.meta_path.insert(0, Block())
from scripts.redraw import main
sys.exit(main(sys.argv[1:]))
"""


def redrawn(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", BLOCKED, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=dict(os.environ))


def test_a_figure_is_redrawn_by_numpy_and_matplotlib_alone(tmp_path):
    target = tmp_path / "new" / "figure.pdf"
    done = redrawn(5, PROJECT.reference("fig5"), target)
    assert done.returncode == 0, done.stderr
    both = [target, target.with_stem("figure_supplement")]
    assert done.stdout.split() == list(map(str, both))
    assert all(path.read_bytes().startswith(b"%PDF") for path in both)
    assert sorted(target.parent.iterdir()) == both


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["12"], ("no such figure", "one of fig1, fig2")),
        (["4", "nowhere/fig4.npz"], ("no file nowhere/fig4.npz", "make figure-4")),
        (["4", "figure.gif"], ("figure.gif", "figure.pdf")),
        (
            ["4", str(PROJECT.reference("fig5")), "{tmp}/a.png"],
            ("not the numbers of fig4", "along_w"),
        ),
    ],
)
def test_what_cannot_be_redrawn_is_refused_in_words(arguments, said, tmp_path, capsys):
    arguments = [argument.format(tmp=tmp_path) for argument in arguments]
    assert guarded(main, arguments) == 2
    error = capsys.readouterr().err
    assert all(part in error for part in said), error
    assert "Traceback" not in error
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"numbers", b"PK\3\4", None])
def test_numbers_that_cannot_be_read_are_named(content, tmp_path, capsys):
    path = tmp_path / "fig4.npz"
    path.write_bytes(PROJECT.reference("fig4").read_bytes()[:-99] if content is None else content)
    assert guarded(main, ["4", str(path), str(tmp_path / "a.png")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: the file of fig4's numbers cannot be read") and "fix:" in error
    assert [path.name] == [made.name for made in tmp_path.iterdir()]
