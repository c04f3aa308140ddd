"""Looks: one for each method, the same everywhere, told apart by all eyes and in grey."""

import importlib
import itertools
import re

import matplotlib as mpl
import numpy as np
import pytest
from colorspacious import cspace_convert
from matplotlib.colors import rgb_to_hsv, to_rgb

from experiments import estimators
from figures import style
from figures.looks import FAMILIES, FILLS, HEXAGRAM, LOOKS, SLOPES, Look, slope_of
from figures.style import MODES
from scripts.redraw import PROJECT
from tests.marks import shared

SOURCES = sorted(p for room in PROJECT.places for p in (room.folder / "figures").rglob("*.py"))
LISTS = ("estimators", "surrogates", "variants", "methods")
"""Arrays of names."""

TABLES = {
    room.figures: importlib.import_module(f"{room.figures}.looks").LOOKS for room in PROJECT.places
}
"""Tables of looks: the companion's, and those that add rows to it."""
EVERY = {name: look for looks in TABLES.values() for name, look in looks.items()}
SLOPED = EVERY | {name: LOOKS[name] for name in (f"surrogate_x{slope:g}" for slope in SLOPES)}
"""Looks of the tables, and of the surrogate gradient at other slopes."""


SIGHTS = ("normal", "deuteranomaly", "protanomaly")
APART = 12.0
"""Least distance of two colours that have different meanings."""


def seen(color, sight):
    """Return a colour in CAM02-UCS as an eye, or a print in "grey", shows it.

    Colour blindness is simulated as by Machado, Oliveira and Fernandes (2009). In CAM02-UCS (Luo,
    Cui and Li 2006), a distance of 1 is about the least that an eye tells apart.
    """
    rgb = np.array(to_rgb(color))
    if sight in SIGHTS[1:]:
        space = {"name": "sRGB1+CVD", "cvd_type": sight, "severity": 100}
        rgb = np.clip(cspace_convert(rgb, space, "sRGB1"), 0, 1)
    return cspace_convert(rgb, "sRGB1", "CAM02-UCS") * ([1, 0, 0] if sight == "grey" else 1)


def distance(one, other, sight):
    return float(np.linalg.norm(seen(one, sight) - seen(other, sight)))


def names_in_numbers(figures):
    """Names of methods in the committed arrays of figures."""
    for figure in figures:
        with np.load(PROJECT.reference(figure)) as file:
            for key in file:
                if key.split("/")[-1] in LISTS:
                    yield from map(str, file[key].ravel())


def marks(look: Look):
    return look.color, look.marker, str(look.dashes)


@pytest.mark.parametrize("room", TABLES)
def test_no_two_methods_look_or_are_called_the_same(room):
    looks = TABLES[room]
    # A mixture is told by the name of its row.
    single = [look for look in looks.values() if look.marker != HEXAGRAM]
    assert len({marks(look) for look in single}) == len(single)
    assert len({look.label for look in looks.values()}) == len(looks)
    assert {look.family for look in looks.values()} <= set(FAMILIES) - {"other"}
    # A table that adds rows changes none.
    assert LOOKS.items() <= looks.items()


SAME = {
    # A mark of one meaning for several methods: a broad surrogate, exact values, mixtures.
    frozenset({"surrogate_x0.25", "surrogate_through_x0.25"}),
    frozenset({"exact", "exact_enumeration"}),
}
SYNONYMS = {
    "stochastic_ad": "straight_through",  # the default coupling
    "unbiased_in_broader": "systematic",
}
COUPLED = re.compile("right|left|two_sided|straight_through|stochastic_ad$")


def meaning(name):
    """What a marker means, whatever its colour."""
    for words in (COUPLED, re.compile("systematic|unbiased_in_broader"), re.compile("x0.25")):
        if found := words.search(name):
            return SYNONYMS.get(found[0], found[0])
    return name


def test_a_marker_has_one_meaning_in_every_colour():
    """A coupling and a slope have one marker in all families."""
    owners: dict[str, set[str]] = {}
    for name, look in SLOPED.items():
        if look.marker not in ("", HEXAGRAM):
            owners.setdefault(str(look.marker), set()).add(name)
    several = {marker: names for marker, names in owners.items() if len(names) > 1}
    assert {">", "<", "D", "H", "v", "8"} == several.keys()
    for marker, names in several.items():
        assert marker == "8" or len({meaning(name) for name in names}) == 1, (marker, names)
    assert all(name.startswith("exact") for name in owners["8"])


def test_a_colour_and_a_marker_belong_to_one_method():
    """Dashes cannot be seen where markers have no line."""
    single = {name: look for name, look in SLOPED.items() if look.marker != HEXAGRAM}
    assert {frozenset(row.split(": ")[1].split(", ")) for row in shared(single)} <= SAME


def test_a_slope_gives_a_look():
    flat = LOOKS["surrogate_x0.25"]
    assert flat.label == "SG, slope × 1/4" and LOOKS["surrogate"].label == "SG, matched"
    assert flat.color == LOOKS["surrogate"].color and flat.marker != LOOKS["surrogate"].marker
    assert LOOKS["surrogate_x0.03125"].color == LOOKS["surrogate"].color
    assert LOOKS["nobody"].family == LOOKS["nobody_x2"].family == "other"
    slopes = [slope_of(f"surrogate{end}") for end in ("", "_x0.25", "_through_x4", "_super_spike")]
    assert slopes == [1, 0.25, 4, 1]


def test_a_colour_has_one_meaning():
    """Unbiased estimators and no others are indigo; no method has the colour of a spike mode."""
    oracles = {"exact_enumeration", "transfer_matrix"}
    for name in estimators.CATALOGUE:
        look = LOOKS[name]
        if look.family == "other":  # A method without a row is grey.
            continue
        assert (look.family == "unbiased") == (
            estimators.is_unbiased(name) and name not in oracles
        ), name
        assert (look.family == "exact") == (name in oracles), name
    families: dict[str, str] = {}
    for look in EVERY.values():
        for color in (look.color, look.fill):
            assert families.setdefault(color, look.family) == look.family, look
    # Yellow is the surrogate gradient, and nothing else: neither a mode nor a value of a map.
    assert not {*MODES.values()} & families.keys()
    yellows = [c for c in (*families, *MODES.values()) if is_yellow(c)]
    assert yellows and all(families.get(color) == "surrogate" for color in yellows)
    with style.applied():
        usual = mpl.colormaps[mpl.rcParams["image.cmap"]]
    for shades in (style.OUTPUT, usual):
        assert not any(map(is_yellow, shades(np.linspace(0, 1, 21))))


def is_yellow(color):
    hue, saturation, value = rgb_to_hsv(to_rgb(color))
    return 0.1 < hue < 0.17 and saturation > 0.3 and value > 0.5


def test_lines_can_be_seen_on_white():
    """WCAG asks 3 of what is not text; the exact gradient is a broad line below others.

    The light teal of stochastic spikes is a little fainter, and its ticks are larger.
    """
    assert style.contrast(FILLS["surrogate"]) < 2
    colors = {name: look.color for name, look in EVERY.items() if name != "exact"}
    for name, color in (colors | {"deterministic": style.DETERMINISTIC}).items():
        assert style.contrast(color) >= 3, name
    assert style.contrast(style.STOCHASTIC) >= 2.6


def test_letters_in_the_colour_of_a_method_can_be_read():
    assert style.contrast("black") == 21 and style.contrast("#767676") == pytest.approx(4.54, 1e-3)
    assert style.contrast(FILLS["surrogate"]) < 2  # Yellow letters could not.
    for looks in TABLES.values():
        assert all(style.contrast(look.ink) >= 4.5 for look in looks.values())
    assert style.ink(style.INK) == style.INK


def test_hollow_markers_are_undecided_and_nothing_else():
    """They are made in one place."""
    decided, open_ = (LOOKS["surrogate"].markers(3, decided=each) for each in (True, False))
    assert (decided["mfc"], open_["mfc"]) == (LOOKS["surrogate"].fill, "white")
    # A marker without a face has the method's colour, too.
    edge = Look("made up", "surrogate", "x").markers(3)["mec"]
    assert edge == LOOKS["surrogate"].color
    for path in SOURCES:
        if path.name not in ("looks.py", "forest.py"):
            assert not re.search(r"mfc\W+(?:\S+ else )?\"(white|none)\"", path.read_text()), path


@pytest.mark.parametrize("sight", SIGHTS)
def test_families_and_modes_differ_to_all_eyes(sight):
    kinds = {name: color for name, color in FAMILIES.items() if name != "other"}
    for one, other in itertools.combinations(kinds, 2):
        assert distance(kinds[one], kinds[other], sight) > APART, (one, other)
    assert distance(*MODES.values(), sight) > 20


def test_modes_and_values_of_a_parameter_differ_in_grey():
    assert distance(*MODES.values(), "grey") > 16
    for n in (3, 5):
        ramp = style.greys(n)
        assert len(ramp) == n and style.contrast(ramp[0]) >= 3
        assert all(len({*to_rgb(grey)}) == 1 for grey in ramp)  # no colour of a method
        steps = [distance(*pair, "grey") for pair in itertools.pairwise(ramp)]
        assert min(steps) > 2 * APART / (n - 1), n


def test_a_dark_tone_of_yellow_has_one_meaning():
    """Tones are kinds of surrogate gradients; slope and reset have marks and dashes alone."""
    words: dict[str, list[str]] = {}
    for name, look in EVERY.items():
        if look.family == "surrogate" and look.tint:
            words.setdefault(look.tint, []).append(name)
    meanings = {"deterministic", "super_spike", "scaled_sigmoid"}
    shared = [{word for word in meanings if word in name} for name in sum(words.values(), [])]
    assert len(words) == len(meanings) and all(len(found) == 1 for found in shared)
    for names in words.values():
        assert len({word for name in names for word in meanings if word in name}) == 1, names
    detached, through = LOOKS["surrogate"], LOOKS["surrogate_through"]
    assert detached.color == through.color and detached.marker != through.marker


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
        for name in re.findall(r"LOOKS\[\"([^\"]+)\"\]", path.read_text()):
            assert LOOKS[name].family != "other", (path, name)


def test_every_estimator_of_the_catalogue_has_a_look_of_its_own():
    """One that is not in the table takes what its name gives it, if that is no other's."""
    observed: dict[tuple, str] = {}
    for name in dict.fromkeys([*LOOKS, *estimators.CATALOGUE]):
        look = LOOKS[name]
        other = observed.setdefault(marks(look), name)
        assert other == name, f"{name} looks like {other}: give it a row in figures/looks.py"


def test_reference_numbers_name_estimators_of_the_catalogue():
    figures = {"fig3", "fig8"} & PROJECT.presets().keys()
    named = set(names_in_numbers(figures))
    assert named and named <= set(estimators.CATALOGUE)
