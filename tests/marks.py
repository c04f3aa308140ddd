"""Markers of methods in pictures, and the names that keys give them.

A marker and a colour together belong to one method in all pictures. Two other signs have the colour
of a method: a dot (`.`) is a single value, as a seed or a task, and a thin cross (`x`) is a stalled
training. A marker with a black edge is a point of a curve, as a minimum.
"""

from collections.abc import Iterator, Mapping

from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D

from figures.looks import Look

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


def marked(figure: Figure) -> Iterator[tuple[Line2D, Mark]]:
    """Yield the lines of a figure that have markers, with their marks; ticks have numbers."""
    for line in figure.findobj(Line2D):
        shape = line.get_marker()
        drawn = line.get_visible() and str(shape).lower() not in ("", "none")
        if drawn and not isinstance(shape, int):
            face, edge = to_hex(line.get_markerfacecolor()), to_hex(line.get_markeredgecolor())
            mark = edge if face == HOLLOW else face, str(shape).replace(" ", "")
            if edge != POINT:
                yield line, mark


def hollow(figure: Figure) -> bool:
    """Return whether a picture has hollow markers."""
    return any(
        to_hex(line.get_markerfacecolor()) == HOLLOW != mark[0] and mark[1] not in ".,"
        for line, mark in marked(figure)
    )


def mistaken(figure: Figure, looks: Mapping[str, Look]) -> list[str]:
    """Return the marks of a picture that the table does not have, or has for another method.

    Args:
        figure: The picture.
        looks: Looks by method.
    """
    fills = {look.fill for look in looks.values()}
    known = set().union(*map(marks_of, looks.values()))
    marks = dict(marked(figure))
    actual = {
        f"{mark} is no method's"
        for mark in set(marks.values()) - known
        if mark[0] in fills and mark[1] not in SIGNS
    }
    named = {look.label: look for look in looks.values()}
    for name, handle in _keyed(figure):
        mark = marks.get(handle) if isinstance(handle, Line2D) else None
        if name not in named:
            owners = [look.label for look in looks.values() if mark in marks_of(look)]
            # A first word is enough of a name.
            words = tuple(label.split(",")[0] for label in owners)
            if words and name not in WEARING and not name.startswith(words):
                actual.add(f"{name} has the mark of {', '.join(owners)}")
            continue
        look = named[name]
        if isinstance(handle, Line2D) and handle.get_linestyle() != "None":
            if (color := to_hex(handle.get_color())) != look.color:
                actual.add(f"{name} is a line in {color}, not {look.color}")
        if mark and mark[1] not in SIGNS and mark not in marks_of(look):
            actual.add(f"{name} is {mark}, not {sorted(marks_of(look))}")
    return sorted(actual)


def _keyed(figure: Figure) -> Iterator[tuple[str, object]]:
    """Yield name and handle of each entry of a key; a name in one line."""
    for legend in figure.findobj(Legend):
        assert isinstance(legend, Legend)
        for text, handle in zip(legend.get_texts(), legend.legend_handles, strict=True):
            yield " ".join(text.get_text().split()), handle
