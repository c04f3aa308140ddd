"""Markers of methods in pictures, and the names that keys give them.

A marker and a colour together belong to one method in all pictures. Two other signs have the colour
of a method: a dot (`.`) is a single value, as a seed or a task, and a thin cross (`x`) is a stalled
training. A marker with a black edge is a point of a curve, as a minimum.
"""

import re
from collections.abc import Iterator, Mapping

from figures.looks import Look
from tests.drawing.names import TEXT, plain

LINE = re.compile(r"^    Line2D (?P<color>#\w+)")
MARKER = re.compile(r" marker (?P<marker>\S+) [\d.]+ (?P<face>#\w+) (?P<edge>#\w+)")
SIGNS = {".", "x"}
HOLLOW, POINT = "#ffffff", "#000000"
"""Face of an undecided marker, and edge of a point of a curve."""

WEARING = {
    # The gradient itself, under the name that its picture needs.
    "exact gradient",
    "true derivative",
    "layered",
    # Groups, with the mark of one of their methods.
    "broad surrogates",
    "matched surrogates",
    "unbiased",
    # What is learned, simulated or trained by the method.
    "solution",
    "simulated (bars: 95 %)",
    "E$[S]$, simulated",
    "LIF networks",
    "MLP networks",
}
"""Names in keys that are no method's and have the mark of one."""

Mark = tuple[str, str]
"""Colour of the face, or else of the edge, and shape."""


def marks_of(look: Look) -> set[Mark]:
    """Return the marks of a method: filled, and hollow or thin in the colour of its lines."""
    shape = str(look.marker).replace(" ", "")
    return {(look.fill, shape), (look.color, shape)} if shape else set()


def shared(looks: Mapping[str, Look]) -> list[str]:
    """Return each mark of a table that belongs to several methods, with their names."""
    owners: dict[Mark, list[str]] = {}
    for name, look in looks.items():
        for mark in marks_of(look):
            owners.setdefault(mark, []).append(name)
    return [f"{mark}: {', '.join(names)}" for mark, names in owners.items() if len(names) > 1]


def mistaken(record: str, looks: Mapping[str, Look]) -> list[str]:
    """Return the marks of a picture that the table does not have, or has for another method.

    Args:
        record: what is drawn in a picture, from `tests.drawing.record.record`.
        looks: looks by method.
    """
    fills = {look.fill for look in looks.values()}
    known = set().union(*map(marks_of, looks.values()))
    drawn = {_mark(match) for match in MARKER.finditer(record) if match["edge"] != POINT}
    actual = [
        f"{mark} is no method's"
        for mark in drawn - known
        if mark[0] in fills and mark[1] not in SIGNS
    ]
    named = {look.label: look for look in looks.values()}
    for name, handle in keyed(record):
        line, marker = LINE.match(handle), MARKER.search(handle)
        if name not in named:
            if marker and name not in WEARING and not name.startswith(_owners(marker, looks)):
                actual.append(f"{name} has the mark of {_owners(marker, looks)}")
            continue
        look = named[name]
        if line and line["color"] != look.color:
            actual.append(f"{name} is a line in {line['color']}, not {look.color}")
        if marker and _mark(marker)[1] not in SIGNS and _mark(marker) not in marks_of(look):
            actual.append(f"{name} is {_mark(marker)}, not {sorted(marks_of(look))}")
    return sorted(actual)


def keyed(record: str) -> Iterator[tuple[str, str]]:
    """Yield name and look of each entry of a key."""
    lines = record.splitlines()
    for i, line in enumerate(lines):
        if line.startswith("  legend"):
            names = [plain(one or other) for one, other in TEXT.findall(line)]
            yield from zip(names, lines[i + 1 :], strict=False)


def _owners(marker: re.Match[str], looks: Mapping[str, Look]) -> tuple[str, ...]:
    """Return the names of the methods that own a mark; a first word is enough of a name."""
    owners = [look.label for look in looks.values() if _mark(marker) in marks_of(look)]
    return tuple(label.split(",")[0] for label in owners) or ("",)


def _mark(match: re.Match[str]) -> Mark:
    return match["edge" if match["face"] == HOLLOW else "face"], match["marker"]
