"""What is drawn in a picture, as text: axes with their labels, scales and ticks, and every artist.

tests/drawn/figN.txt has the look of each line, band, image and text of a picture, and a digest of
its values: all of a few, else number, first, middle, last, range and mean. Letters differ between
platforms, which pixels show; these lines do not, and say in a difference what has changed.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.cm import ScalarMappable
from matplotlib.collections import Collection, LineCollection, PathCollection, QuadMesh
from matplotlib.colors import to_hex
from matplotlib.figure import Figure, FigureBase
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Patch, Polygon
from matplotlib.spines import Spine
from matplotlib.text import Annotation, Text

from figures import style

NUMBER = re.compile(r"(?<![#\w.])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
FEW = 4
"""Values that are all written."""
NOTHING = 1e-9
"""A value below this share of the largest is rounding."""
FOUR_DIGITS = 1.1e-3
"""Two numbers that differ by a smaller share are one, rounded to four digits."""


def settled(new: str, old: str) -> str:
    """Return a record with lines of an old one in place of those that differ by rounding alone."""
    known: dict[str, list[str]] = {}
    for line in reversed(old.splitlines()):
        known.setdefault(NUMBER.sub("", line), []).append(line)
    lines = []
    for line in new.splitlines():
        # The first line with these words, then the second, ...
        same = known.get(NUMBER.sub("", line), [])
        before = same.pop() if same else line
        lines.append(before if _equal(line, before) else line)
    return "\n".join(lines) + "\n"


def _equal(new: str, old: str) -> bool:
    one, other = (np.array(NUMBER.findall(line), float) for line in (new, old))
    return np.allclose(one, other, rtol=FOUR_DIGITS, atol=0)


def record(figure: Figure) -> str:
    """Return one line for each axes, axis and artist of a figure that was laid out."""
    lines: list[str] = []
    with style.applied():
        for axes in figure.findobj(Axes):
            assert isinstance(axes, Axes)
            if axes.get_visible():
                lines += [*_axes(axes), *_artists(axes), ""]
        for part in figure.findobj(FigureBase):
            lines += _artists(part)
    return "\n".join(lines) + "\n"


def _axes(axes: Axes) -> Iterator[str]:
    titles = (axes.get_title(side) for side in ("left", "center", "right"))
    yield " | ".join(["axes", *map(repr, filter(None, titles))])
    for axis in (axes.xaxis, axes.yaxis) if axes.axison else ():
        low, high = axis.get_view_interval()
        words = [
            f"  {axis.axis_name} {axis.get_label_text()!r} {axis.get_scale()}",
            _few((low, high)),
        ]
        yield ", ".join([*words, f"ticks {' '.join(map(repr, _ticks(axis)))}"])


def _ticks(axis: Axis) -> list[str]:
    """Return what is written at the ticks that are in view."""
    low, high = sorted(axis.get_view_interval())
    room = 1e-6 * (high - low)
    ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
    return [
        tick.label1.get_text()
        for tick in ticks
        if tick.label1.get_visible()
        and tick.label1.get_text()
        and low - room <= tick.get_loc() <= high + room
    ]


def _artists(parent: Any) -> Iterator[str]:
    """Give a line for each artist that is no axes, axis or frame."""
    frame = parent.patch
    titles = (
        [parent.get_title(s) for s in ("left", "center", "right")]
        if isinstance(parent, Axes)
        else []
    )
    for artist in parent.get_children():
        if artist is frame or not artist.get_visible():
            continue
        if isinstance(artist, Text):
            if artist.get_text() and artist.get_text() not in titles:
                yield _text(artist)
        elif isinstance(artist, Legend):
            yield f"  legend {' '.join(repr(t.get_text()) for t in artist.get_texts())}"
            yield from (f"  {_look(handle)}" for handle in artist.legend_handles if handle)
        elif not isinstance(artist, (Axes, Axis, FigureBase, Spine)):
            label = str(artist.get_label())
            words = [
                _look(artist),
                *([repr(label)] if label not in ("", "None") and label[0] != "_" else []),
            ]
            values = [f"{name} {_digest(v)}" for name, v in values_of(artist) if v.size]
            yield "; ".join([" ".join(words), *values])


def _text(text: Text) -> str:
    at = [*text.get_position(), *(text.xy if isinstance(text, Annotation) else ())]
    look = f"{to_hex(text.get_color())} {text.get_fontsize():g}"
    return f"  text {text.get_text()!r} {look}; at {_few(at)}"


def _look(artist: Any) -> str:
    """Kind, colours, width, dashes and marker."""
    # What the stubs of Matplotlib do not have is read from here.
    raw = artist
    words: list[object] = [f"  {type(artist).__name__}"]
    if isinstance(artist, Line2D):
        if artist.get_linestyle() != "None":
            words += [to_hex(artist.get_color()), f"{artist.get_linewidth():g}"]
            dashes = raw._unscaled_dash_pattern[1]
            words += [f"dashes {_few(dashes)}"] if dashes else []
            words += [artist.get_drawstyle()] if artist.get_drawstyle() != "default" else []
        if artist.get_marker() not in ("", "None", None):
            face, edge = artist.get_markerfacecolor(), artist.get_markeredgecolor()
            marker = str(artist.get_marker()).replace(" ", "")
            words += [f"marker {marker}", f"{artist.get_markersize():g}"]
            words += [to_hex(face), to_hex(edge)]
        if artist.get_alpha() is not None:
            words += [f"alpha {artist.get_alpha():g}"]
    elif isinstance(artist, (Patch, Collection)):
        for of in (raw.get_facecolor(), raw.get_edgecolor()):
            different = dict.fromkeys(map(tuple, np.reshape(of, (-1, 4)).tolist()))
            colors = list(dict.fromkeys(to_hex(c, keep_alpha=True) for c in different))
            words += [*colors[:FEW], *([f"of {len(colors)}"] if len(colors) > FEW else [])]
    if isinstance(artist, Patch):
        words += [f"{artist.get_linewidth():g}", artist.get_linestyle()]
    if isinstance(artist, ScalarMappable) and artist.get_array() is not None:
        words += [artist.get_cmap().name, _few(artist.get_clim())]
    return " ".join(map(str, words))


def values_of(artist: Any) -> Iterator[tuple[str, np.ndarray]]:
    """Give the values of an artist, by what they are."""
    points: Any = np.empty((0, 2))
    raw = artist
    if isinstance(artist, ScalarMappable) and artist.get_array() is not None:
        yield "values", np.ma.filled(np.ma.asarray(artist.get_array(), float), np.nan).ravel()
    if isinstance(artist, Line2D):
        points = artist.get_xydata()
    elif isinstance(artist, PathCollection):
        points = np.ma.filled(artist.get_offsets(), np.nan)
    elif isinstance(artist, LineCollection) and all(len(s) == 2 for s in artist.get_segments()):
        # Error bars: where they are, and how long.
        ends = np.array(raw.get_segments()).reshape(-1, 2, 2)
        points = ends.mean(axis=1)
        half = (ends[:, 1] - ends[:, 0]).T / 2
        yield from ((f"±{name}", each) for name, each in zip("xy", half, strict=True) if each.any())
    elif isinstance(artist, QuadMesh):
        points = raw.get_coordinates().reshape(-1, 2)
    elif isinstance(artist, Collection):
        points = np.concatenate([points, *(p.vertices for p in artist.get_paths())])
    elif isinstance(artist, FancyArrowPatch):
        # Its path is in dots, its ends are not.
        points = np.array(raw._posA_posB or np.empty((0, 2)))
    elif isinstance(artist, Polygon):
        points = artist.get_xy()
    elif isinstance(artist, Patch):
        points = artist.get_path().get_extents(artist.get_patch_transform()).get_points()
    elif hasattr(artist, "get_extent"):
        yield "extent", np.array(raw.get_extent())
    yield from zip("xy", np.asarray(points, float).T, strict=True)


def _digest(values: np.ndarray) -> str:
    finite = values[np.isfinite(values)]
    if values.size <= FEW or not finite.size:
        return _few(values)
    ends = [*values[[0, len(values) // 2, -1]], finite.min(), finite.max(), finite.mean()]
    return f"[{values.size}] {_few(ends)}"


def _few(values: Iterable[float]) -> str:
    """Four digits of each value."""
    array = np.array([*values], float)
    nothing = NOTHING * np.abs(array[np.isfinite(array)]).max(initial=0)
    return " ".join(f"{0.0 if abs(v) <= nothing else v:.4g}" for v in array)
