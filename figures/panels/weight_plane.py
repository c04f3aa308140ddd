"""Maps over the plane of two weights: an output, an integral, and how two integrals differ."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.contour import ContourSet

from figures.numerals import printed
from figures.panels import Panel
from figures.panels.schematic import pointer
from figures.style import INK, OUTPUT, name_looks

STEP = 50.0
"""Length of the descent arrow in units of the gradient."""
FINE, COARSE = 0.05, 0.2
"""Steps between greys, and between lines, in units of the output."""
SHORT = 0.1
"""Length of a short arrow, as a share of the plane."""


def levels(*fields: np.ndarray) -> np.ndarray:
    """Return levels that all maps of a figure share, whole multiples of `FINE`."""
    low, high = min(f.min() for f in fields), max(f.max() for f in fields)
    # Half a level more: a plateau at a whole level then has a single colour.
    ends = np.floor(low / FINE) - 0.5, np.ceil(high / FINE) + 0.5
    step = max(1, round((ends[1] - ends[0]) / 40))
    return FINE * np.arange(ends[0], ends[1] + step, step)


def _lines(levels: np.ndarray) -> np.ndarray:
    """Return the levels of lines, between plateaus at 0, 1/2 and 1."""
    step = COARSE * max(1, round((levels[-1] - levels[0]) / 2))
    lines = step * np.arange(np.ceil(levels[0] / step), levels[-1] / step)
    return lines[~np.isclose(lines % 0.5, 0)]


def draw(axes: Axes, data: Panel, values: np.ndarray, levels: np.ndarray, title: str) -> ContourSet:
    """Draw a map with its lines.

    Args:
        axes: where.
        data: with the axes of the plane, ``v1`` and ``v2``.
        values: (v1, v2).
        levels: as of `levels`.
        title: what it is.
    """
    filled = axes.contourf(data["v1"], data["v2"], values.T, levels, cmap=OUTPUT)
    filled.set_rasterized(True)
    axes.contour(data["v1"], data["v2"], values.T, _lines(levels), colors=INK, linewidths=0.5)
    axes.set_title(title, fontsize=7)
    _dress(axes, data)
    return filled


def draw_difference(axes: Axes, data: Panel, values: np.ndarray, largest: float) -> QuadMesh:
    """Draw a map of signed values, white at 0."""
    image = axes.pcolormesh(
        data["v1"],
        data["v2"],
        values.T,
        cmap="PuOr_r",
        vmin=-largest,
        vmax=largest,
        rasterized=True,
    )
    _dress(axes, data)
    return image


def _dress(axes: Axes, data: Panel) -> None:
    limits = {"xlim": data["v1"][[0, -1]], "ylim": data["v2"][[0, -1]]}
    ticks = [np.linspace(data[name][0], data[name][-1], 3) for name in ("v1", "v2")]
    axes.set(aspect="equal", xticks=ticks[0], yticks=ticks[1], **limits)


def bar(axes: Axes, filled: ContourSet, levels: np.ndarray, label: str) -> None:
    """Draw the colour bar, with the levels of the lines as its ticks."""
    lines = _lines(levels)
    drawn = axes.figure.colorbar(filled, cax=axes, label=label, ticks=lines)
    drawn.ax.hlines(lines, 0, 1, color=INK, lw=0.5, transform=drawn.ax.get_yaxis_transform())


def descent(axes: Axes, data: Panel, i: int) -> None:
    """Draw the descent step along a surrogate gradient, or a cross if the gradient is 0.

    Nothing where the probe lies outside of the plane.
    """
    probe, gradient = data["probe"], data["probe_gradient"][i]
    if not _inside(data):
        return
    if data["probe_at_rest"][i]:
        axes.plot(*probe, "x", color="black", ms=5, mew=1.4)
        return
    # A step shorter than the usual head gets a small head, and a dot that leaves it visible.
    small = STEP * np.hypot(*gradient) < SHORT * np.ptp(data["v1"])
    head = "-|>,head_width=0.12,head_length=0.2" if small else "-|>,head_width=0.25,head_length=0.4"
    look = {"arrowstyle": head, "color": "black", "lw": 0.8 if small else 1.2}
    pointer(axes, tuple(probe), tuple(probe - STEP * gradient), **look)
    axes.plot(*probe, "o", color="black", ms=1.6 if small else 3)


def _inside(data: Panel) -> bool:
    ends = (data[name][[0, -1]] for name in ("v1", "v2"))
    return all(low <= v <= high for v, (low, high) in zip(data["probe"], ends, strict=True))


def name_descent(panels: Sequence[Axes], data: Panel) -> None:
    """Name dot, arrow and cross, each in the first map that has it."""
    if not _inside(data):
        return
    v1, v2 = data["probe"]
    moving: dict[str, dict[str, Any]] = {
        f"({printed(v1)}, {printed(v2)})": {"marker": "o", "ms": 3},
        f"{printed(-STEP)} × SG": {"marker": r"$\rightarrow$", "ms": 8},
    }
    resting: dict[str, dict[str, Any]] = {"no step: SG is 0": {"marker": "x", "ms": 5, "mew": 1.4}}
    frame = {"frameon": True, "edgecolor": "none", "framealpha": 0.85, "borderpad": 0.2}
    look = {"handlelength": 1, "handletextpad": 0.7, "labelspacing": 0.2, "fontsize": 6}
    for at_rest, marks in ((False, moving), (True, resting)):
        maps = zip(panels, data["probe_at_rest"], strict=True)
        for axes in [axes for axes, rests in maps if bool(rests) == at_rest][:1]:
            looks = {words: {"color": "black", "ls": "", **mark} for words, mark in marks.items()}
            name_looks(axes, looks, loc="upper left", borderaxespad=0.3, **frame, **look)
