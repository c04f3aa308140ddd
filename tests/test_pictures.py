"""Every picture of the committed numbers, drawn once: the gallery's, legible, and true.

True: values are in the unit of their axis, and what is of a spike mode has its colour. That nothing
else changes, tests/drawn says.
"""

import re
from difflib import unified_diff
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import style
from figures.captions import caption
from figures.drawing import Words
from figures.panels import Data
from figures.style import MODES
from figures.verdicts import HOLLOW
from scripts import redraw
from scripts.redraw import PROJECT, read_numbers
from tests.drawing.record import record, settled, values_of
from tests.experiments.planned import committed_run, numbers_of
from tests.legible import covered, outside, recorded, unreadable, written
from tests.test_drawn import rendered
from tests.test_figures import ROOM, assert_is_shown

PAGE_HEIGHT = 9.0
"""Inches: below a picture there is room for its caption."""


class Drawn(NamedTuple):
    """A picture with its colours, the boxes of its texts, and its numbers."""

    name: str
    dots: np.ndarray
    texts: dict
    figure: Figure
    data: Data


@pytest.fixture(scope="module", params=ROOM)
def drawn(request):
    """Each picture, as it is in the gallery."""
    name = request.param
    of = name.partition("_")[0]
    data, words = read_numbers(of, PROJECT.reference(of))
    # What is shown is the paper's preset or says which one it is; nothing is modified.
    preset = PROJECT.committed_preset(of)
    assert words == Words("" if preset == "paper" else f"preset: {preset}")
    with recorded() as texts:
        figure, dots = redraw.drawn(name, data, words)
    return Drawn(name, dots, texts, figure, data)


def test_reference_numbers_give_the_gallery(drawn):
    shown = ROOM[drawn.name].gallery / f"{drawn.name}.png"
    assert drawn.dots.shape[1] == redraw.WIDTH
    assert_is_shown(drawn.dots, shown, 2e-3)


def test_reference_numbers_give_the_record_of_what_is_drawn(drawn):
    """Pixels may differ by letters; labels, ticks, looks and values may not."""
    old = (ROOM[drawn.name].folder / "tests" / "drawn" / f"{drawn.name}.txt").read_text()
    new = settled(record(drawn.figure), old)
    changed = unified_diff(old.split("\n"), new.split("\n"), lineterm="", n=0)
    assert not (violations := list(changed)), "\n".join(
        ["make gallery, if that is meant", *violations]
    )


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
    assert path.is_file(), f"write {path}: see CONTRIBUTING.md, A figure"
    declared = caption(drawn.name, path.parent)
    groups = re.findall(r"^\*\*([a-z](?:, [a-z])*)\*\*", declared.body, re.MULTILINE)
    others = sorted(set(letters) ^ set(", ".join(groups).split(", ")))
    assert not others, f"{path}: a paragraph for each panel, and for no other: {', '.join(others)}"
    assert declared.headline.endswith("."), f"{path}: begins with a heading, the claim"


EQUAL = 1e-6
"""Values that differ by a smaller share are the same."""
LARGEST = 100_000
"""Numbers of an array; what is larger, rasters and weights, no curve shows."""
SHORTEST = 3
"""Values that decide which row they are; fewer are equal by chance."""
UNITS = {
    "s": ("time", 1),
    "ms": ("time", 1e3),
    "rad": ("angle", 1),
    "°": ("angle", 180 / np.pi),
    "Hz": ("rate", 1),
    "1/potential": ("1/potential", 1),
}
"""Dimension, and size of its first unit in this one."""
NOTES = {
    *("%", "× time steps", "units of $y$", "units of E[$y$]", "stochastic", "grey: exact gradient"),
    *("asinh axis", "symlog; area: path probability", "0: linear, 1: squared"),
    *("a mark: a network; large on pink: wrong sign", HOLLOW, f"bars: 95 %; {HOLLOW}"),
    *("bars: 95 %", "bars: 95 % intervals", "bars: 95 % intervals, dots: networks"),
    "below 1: hidden learning helps; bars: 95 % intervals, dots: seeds",
    "0: stochastic AD, systematic, 1: SG, through the reset, slope × 1/4",
}
"""Words other than a unit, in parentheses at the end of an axis' label."""
ELSEWHERE = {
    ("fig6_supplement", "x", "interspike interval (ms)"),
    ("fig6_supplement", "x", "rate (Hz)"),
    ("fig9_details", "x", "duration (ms)"),
}
"""Axes that other tests draw, with made-up numbers."""


@cache
def quantities(figure):
    """Numbers of a figure's arrays that have a unit, by dimension and in its first unit."""
    run = committed_run(figure).root.panels
    actual = {}
    for panel, named in numbers_of(figure).items():
        for name, array in named.items():
            declared = run[panel].ARRAYS.get(name)  # none of what is computed no more
            if declared is None or declared.unit not in UNITS or array.size > LARGEST:
                continue
            dimension, size = UNITS[declared.unit]
            several = [array, np.median(array, axis=0)] if array.ndim > 1 else [array]
            if name == "dt":
                # A clock that runs as long as the panel's network does.
                several = [array[0] * np.arange(n + 1) for n in steps(run[panel], named)]
            actual.setdefault(dimension, []).extend(np.unique(each) / size for each in several)
    return actual


def steps(experiment, named):
    """Sizes of all axes of steps."""
    declared = experiment.ARRAYS
    axes = [(declared[name].axes, named[name].shape) for name in named if name in declared]
    return {shape[names.index("step")] for names, shape in axes if "step" in names}


def curves(axes, which):
    """Values of lines, error bars and images along an axis, but of guides and single marks."""
    for image in axes.images:
        yield np.array(image.get_extent()[slice(2) if which == "x" else slice(2, 4)])
    for artist in [*axes.lines, *axes.collections]:
        in_data = artist.get_transform().contains_branch_seperately(axes.transData)
        values = dict(values_of(artist)).get(which, np.empty(0))
        values = np.unique(values[np.isfinite(values)])
        if in_data["xy".index(which)] and values.size >= SHORTEST:
            yield values


def made_of(values, quantity):
    """Are all values but the least, which may be cut, among others?"""
    above = values[1:]
    place = np.searchsorted(quantity, above * (1 - EQUAL)).clip(max=quantity.size - 1)
    return np.allclose(quantity[place], above, EQUAL, 0)


def is_named(unit):
    """Return whether the text is empty, a unit or a known note."""
    return unit in ("", *UNITS) or " ".join(unit.split()) in NOTES


def test_a_note_is_known_whole():
    assert is_named("bars: 95 %;\nhollow: undecided") and is_named("ms")
    assert not any(map(is_named, ("bars: mV", "upper: mV", "hollow: undecided, mV", "mV")))


def test_values_are_in_the_unit_of_their_axis(drawn):
    for axes in drawn.figure.findobj(Axes):
        for which, label in (("x", axes.get_xlabel()), ("y", axes.get_ylabel())):
            unit = (re.findall(r"\(([^()]*)\)$", label) or [""])[0]
            assert is_named(unit), f"no unit {unit}: {label}"
            if unit not in UNITS or (drawn.name, which, label) in ELSEWHERE:
                continue
            dimension, size = UNITS[unit]
            known = quantities(drawn.name.partition("_")[0]).get(dimension, [])
            shared = getattr(axes, f"get_shared_{which}_axes")().get_siblings(axes)
            actual = [values / size for other in shared for values in curves(other, which)]
            for values in actual:
                fits = [quantity for quantity in known if made_of(values, quantity)]
                assert fits, f"{label}: no array declared in a unit of {dimension} has {values}"
            assert actual, f"{label}: nothing to compare"


def test_what_is_of_a_spike_mode_has_its_colour(drawn):
    """Curves that change with the numbers of one network are not in the colour of the other."""
    panels = {mode: [x for x in drawn.data if x.partition("_")[0] == mode] for mode in MODES}
    if not all(panels.values()):
        assert drawn.name[:4] not in ("fig6", "fig7")
        return  # It shows one mode.
    for mode, named in panels.items():
        other = {
            name: {k: 1.01 * a if a.dtype.kind == "f" else a for k, a in drawn.data[name].items()}
            for name in named
        }
        both = curves_of(drawn.figure), curves_of(rendered(drawn.name, drawn.data | other))
        actual = {
            line.get_color()
            for line, new in zip(*both, strict=True)
            if not np.array_equal(line.get_xydata(), new.get_xydata(), equal_nan=True)
        }
        assert actual & set(MODES.values()) == {MODES[mode]}


def curves_of(figure):
    """Lines of all axes; fewer points may be a network of one mode, tested in the other."""
    lines = [line for axes in figure.findobj(Axes) for line in axes.lines]
    return [line for line in lines if len(line.get_xdata()) >= SHORTEST]
