"""Distances of colours as all eyes see them, and methods that a reader of a panel would confuse.

Colour blindness is simulated as by Machado, Oliveira and Fernandes (2009); distances are those of
CAM02-UCS (Luo, Cui and Li 2006), in which 1 is about the least that an eye tells apart.
"""

import itertools
import re
from collections.abc import Iterable, Iterator

import numpy as np
from colorspacious import cspace_convert
from matplotlib.colors import to_rgb

from figures.looks import Look
from figures.style import MODES

SIGHTS = ("normal", "deuteranomaly", "protanomaly")
APART = 12.0
"""Least distance of two colours that have different meanings."""
BROAD = 3.0
"""Points: wider curves lie below others, as a different mark."""
UCS = "CAM02-UCS"

ARTIST = re.compile(
    r"  Line2D(?: (?P<line>#\w+) (?P<width>[\d.]+))?(?: dashes (?P<dashes>[\d. ]+))?(?: steps\S*)?"
    r"(?: marker (?P<marker>\S+) [\d.]+ (?P<face>#\w+) #\w+)?"
)
POINTS = re.compile(r"; x \[(\d+)\]")
"""Number of points of an artist that has more than a few."""


def seen(color: str, sight: str) -> np.ndarray:
    """Return a colour in CAM02-UCS as an eye, or a print in "grey", shows it."""
    rgb = np.array(to_rgb(color))
    if sight in SIGHTS[1:]:
        space = {"name": "sRGB1+CVD", "cvd_type": sight, "severity": 100}
        rgb = np.clip(cspace_convert(rgb, space, "sRGB1"), 0, 1)
    return cspace_convert(rgb, "sRGB1", UCS) * ([1, 0, 0] if sight == "grey" else 1)


def distance(one: str, other: str, sight: str) -> float:
    """Return the distance of two colours as an eye, or a print in "grey", shows them."""
    return float(np.linalg.norm(seen(one, sight) - seen(other, sight)))


def confused(record: str, looks: Iterable[Look]) -> list[str]:
    """Return pairs of methods or spike modes that a reader of a panel would confuse.

    Two colours of different families must be far apart to all eyes. In grey, two markers need
    different shapes, and two curves different dashes or markers, or else different lightness.

    Args:
        record: what is drawn in a picture, from `tests.drawing.record.record`.
        looks: all looks of methods.
    """
    family = {color: f"mode {mode}" for mode, color in MODES.items()}
    family |= {color: look.family for look in looks for color in (look.color, look.fill)}
    actual = []
    for panel in record.split("\n\n"):
        drawn = sorted({mark for mark in _marks(panel) if mark[0] in family})
        for one, other in itertools.combinations(drawn, 2):
            if family[one[0]] != family[other[0]]:
                unlike = [s for s in SIGHTS if distance(one[0], other[0], s) <= APART]
                same = one[1:] == other[1:] != ("", "")
                same = same and distance(one[0], other[0], "grey") <= APART
                unlike += ["grey"] if same else []
                actual += [f"{one} and {other}: {', '.join(unlike)}"] if unlike else []
    return actual


def _marks(panel: str) -> Iterator[tuple[str, str, str]]:
    """Give colour, dashes and marker of curves and of markers.

    A line of few points, as an interval in a row that has a name, has a colour alone.
    """
    for line in panel.splitlines():
        match = ARTIST.match(line)
        if not match:
            continue
        points = POINTS.search(line)
        if match["line"] and not points:
            yield match["line"], "", ""
        elif match["line"]:
            broad = "broad " if float(match["width"]) >= BROAD else ""
            yield match["line"], broad + (match["dashes"] or "-"), match["marker"] or ""
        elif match["face"]:
            yield match["face"], "", match["marker"]
