"""Estimates with their intervals, one a row; hollow where an interval decides nothing."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.legend import Legend
from matplotlib.lines import Line2D

from figures.looks import Look
from figures.style import DASHES, INK, NEUTRAL

SHIFTS = {1: (0.0,), 2: (-0.17, 0.17), 3: (-0.22, 0.0, 0.22)}
"""Places of groups in a row, the first above."""
EVERYWHERE = (-np.inf, np.inf)


class Estimate(NamedTuple):
    """One estimate of a row.

    Attributes:
        values: estimate and ends of its interval; ends that are not finite are not drawn.
        look: of what is estimated.
        decided: whether it is told from no effect; None: where the interval leaves that out.
    """

    values: Any
    look: Look
    decided: bool | None = None


Group = Mapping[Any, Estimate]
"""Estimates by row."""


def forest(
    axes: Axes,
    groups: Mapping[str, Group],
    null: float | None = None,
    size: float = 4.0,
    reach: tuple[float, float] = EVERYWHERE,
    upright: bool = False,
) -> None:
    """Draw estimates and intervals by row.

    Args:
        axes: where.
        groups: by what they have in common, of which the dashes of their intervals tell.
        null: no effect, a line.
        size: of markers.
        reach: estimates and intervals beyond end here.
        upright: whether rows are columns.
    """
    if null is not None:
        (axes.axhline if upright else axes.axvline)(null, color=NEUTRAL, lw=0.8, zorder=0)
    for shift, dashes, group in zip(SHIFTS[len(groups)], DASHES, groups.values(), strict=False):
        for row, (values, look, decided) in group.items():
            value, low, high = np.clip(values, *reach)
            known = np.isfinite([low, high]).all()
            if decided is None:
                decided = null is None or bool(known and not values[1] <= null <= values[2])
            place = row + shift
            dot: dict[str, Any] = look.markers(size, decided) | {"marker": look.marker or "o"}
            ends, places, at = (low, high), (place, place), (value, place)
            if upright:
                ends, places, at = places, ends, (place, value)
            if known:
                axes.plot(ends, places, color=look.color, lw=1.3, ls=dashes, zorder=2)
            axes.plot(*at, clip_on=False, zorder=3, **dot)


def group_key(axes: Axes, groups: Mapping[str, Any], **place: Any) -> Legend:
    """Name the groups by their dashes, and say what is hollow, above the axes if not told."""
    lines = [
        Line2D([], [], color=NEUTRAL, lw=1.3, ls=dashes, label=words)
        for words, dashes in zip(groups, DASHES, strict=False)
    ]
    hollow = {"marker": "o", "ls": "", "ms": 3.5, "mfc": "white", "mec": INK, "mew": 0.9}
    lines.append(Line2D([], [], label="undecided", **hollow))
    above = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.2, "ncols": 3}
    look: dict[str, Any] = {"fontsize": 6, "handlelength": 2, "columnspacing": 1}
    return axes.legend(handles=lines, **(above | look | place))
