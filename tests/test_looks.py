"""Looks: one for each method, the same everywhere, told apart by all eyes and in grey."""

import importlib
import itertools
import re
from dataclasses import replace

import numpy as np
import pytest
from colorspacious import cspace_convert
from matplotlib.colors import to_rgb

from experiments import estimators
from figures import style
from figures.looks import FAMILIES, LOOKS, Look
from figures.method import Method
from figures.style import MODES
from scripts.redraw import PROJECT
from tests.test_method import names_in_numbers

SOURCES = sorted(p for room in PROJECT.rooms for p in (room.folder / "figures").rglob("*.py"))
CHANGED = {"surrogate_through_bounded", "surrogate_through_unsigned"}
"""Figure 9 alone changes one part of the reset: these are no estimators to choose."""
SIGHTS = ("deuteranomaly", "protanomaly", "grey")
UCS = "CAM02-UCS"


TABLES = {
    room.figures: importlib.import_module(f"{room.figures}.looks").LOOKS for room in PROJECT.rooms
}
"""Tables of looks: the companion's, and those that add rows to it."""


def marks(look: Look):
    return look.color, look.marker, str(look.dashes)


@pytest.mark.parametrize("room", TABLES)
def test_no_two_methods_look_or_are_called_the_same(room):
    looks = TABLES[room]
    assert len({marks(look) for look in looks.values()}) == len(looks)
    for words in ("label", "specific", "narrow"):
        assert len({getattr(look, words) for look in looks.values()}) == len(looks), words
    assert {look.family for look in looks.values()} <= set(FAMILIES) - {"other"}
    # A table that adds rows changes none.
    assert LOOKS.items() <= looks.items()


def test_slope_loss_and_budget_give_a_look():
    flat, one = LOOKS["surrogate_x0.25"], LOOKS["surrogate_through_one"]
    assert (flat.label, flat.narrow) == ("SG, slope × 1/4", "SG × 1/4")
    assert flat.color == LOOKS["surrogate"].color and flat.marker != LOOKS["surrogate"].marker
    assert one.specific == "SG, through the reset, 1 trial"
    assert one.color == LOOKS["surrogate_through"].color
    assert LOOKS["linear_loss_surrogate_x0.25"].label == "SG, slope × 1/4, linear loss"
    assert LOOKS["surrogate_x0.03125"].color == LOOKS["surrogate"].color
    assert LOOKS["nobody"].family == "other"


def test_a_colour_means_one_kind_of_method():
    """Blue are unbiased estimators and no others; the deterministic SG has its spike mode's."""
    oracles = {"exact_enumeration", "transfer_matrix"}
    for name in estimators.CATALOGUE:
        look = LOOKS[name]
        assert (look.family == "unbiased") == (
            estimators.is_unbiased(name) and name not in oracles
        ), name
        assert (look.family == "exact") == (name in oracles), name
        of_mode = name == "surrogate_deterministic"
        assert (look.color == FAMILIES["unbiased"]) <= (look.family == "unbiased" or of_mode)
        assert (look.color == FAMILIES["smoothed"]) == (look.family == "smoothed")


def test_letters_in_the_colour_of_a_method_can_be_read():
    assert style.contrast("black") == 21 and style.contrast("#767676") == pytest.approx(4.54, 1e-3)
    assert style.contrast(FAMILIES["surrogate"]) < 2  # Yellow letters could not.
    for looks in TABLES.values():
        assert all(style.contrast(look.ink) >= 4.5 for look in looks.values())
    assert style.ink(style.INK) == style.INK


def test_hollow_markers_are_undecided_and_nothing_else():
    """They are made in one place."""
    decided, open_ = (LOOKS["surrogate"].markers(3, decided=each) for each in (True, False))
    assert (decided["mfc"], open_["mfc"]) == (LOOKS["surrogate"].color, "white")
    # A marker without a face has the method's colour, too.
    edge = Look("made up", "surrogate", "x").markers(3)["mec"]
    assert edge == LOOKS["surrogate"].color
    for path in SOURCES:
        if path.name not in ("looks.py", "forest.py"):
            assert not re.search(r"mfc\W+(?:\S+ else )?\"(white|none)\"", path.read_text()), path


def seen(color, sight):
    """A colour in a space where distances are what the eye tells apart (CAM02-UCS)."""
    rgb = np.array(to_rgb(color))
    if sight != "grey":
        space = {"name": "sRGB1+CVD", "cvd_type": sight, "severity": 100}
        return cspace_convert(np.clip(cspace_convert(rgb, space, "sRGB1"), 0, 1), "sRGB1", UCS)
    return cspace_convert(rgb, "sRGB1", UCS) * [1, 0, 0]


def distance(one, other, sight):
    return np.linalg.norm(seen(one, sight) - seen(other, sight))


@pytest.mark.parametrize("sight", SIGHTS)
def test_the_colour_blind_and_a_grey_print_tell_looks_apart(sight):
    assert distance(*MODES.values(), sight) > 20
    for one, other in itertools.combinations(style.STOCHASTIC_LAYERS, 2):
        assert distance(one, other, sight) > 12
    every = {name: look for looks in TABLES.values() for name, look in looks.items()}
    for (a, one), (b, other) in itertools.combinations(every.items(), 2):
        if (one.marker, one.dashes) == (other.marker, other.dashes):
            assert distance(one.color, other.color, sight) > 12, (a, b)


def test_a_red_and_a_green_that_differ_are_one_to_the_colour_blind():
    plain = (cspace_convert(to_rgb(color), "sRGB1", UCS) for color in ("#a0552d", "#6f7a2d"))
    assert np.linalg.norm(np.subtract(*plain)) > 20
    assert distance("#a0552d", "#6f7a2d", "deuteranomaly") < 12


def test_colours_stand_in_the_table_of_looks_and_in_the_style_alone():
    for path in SOURCES:
        if path.name not in ("looks.py", "style.py"):
            assert not re.findall(r"\"#[0-9a-fA-F]{3,8}\"", path.read_text()), path


def test_no_legend_hangs_on_the_edge_of_a_figure():
    # It would move into the headline, which is written beyond that edge. Panels get a row of a
    # figure, beyond whose edge there is another.
    for path in SOURCES:
        if path.parent.name == "panels":
            continue
        assert 'loc="outside' not in path.read_text(), path


def test_names_that_sources_look_up_are_in_the_table():
    for path in SOURCES:
        assert set(re.findall(r"LOOKS\[\"([^\"]+)\"\]", path.read_text())) <= set(LOOKS), path


def test_every_estimator_of_the_catalogue_has_a_look_of_its_own():
    """One that is not in the table takes what its name gives it, if that is no other's."""
    names = [name for name, entry in estimators.CATALOGUE.items() if entry.compared]
    seen: dict[tuple, str] = {}
    for name in dict.fromkeys([*LOOKS, *names]):
        look = LOOKS[name]
        other = seen.setdefault(marks(look), name)
        assert other == name, f"{name} looks like {other}: give it a row in figures/looks.py"


def test_reference_numbers_name_estimators_of_the_catalogue():
    figures = {"fig3", "fig8", "fig9"} & PROJECT.presets().keys()
    # Some trainings have another budget than the others.
    named = {replace(Method.of(name), runs=1).name for name in names_in_numbers(figures)}
    assert named and named - CHANGED <= set(estimators.CATALOGUE)
