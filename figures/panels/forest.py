"""Estimates with their intervals, one a row; hollow if undecided."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from figures.looks import Look
from figures.style import NEUTRAL
from figures.verdicts import decided

SHIFTS = {1: (0.0,), 2: (-0.17, 0.17), 3: (-0.22, 0.0, 0.22)}
"""Places of groups in a row, the first above."""
DASHES = ("-", (0, (2, 1)), (0, (0.8, 0.8)))
"""Dashes of groups, short enough to be seen in short intervals."""


class Estimate(NamedTuple):
    """Estimate in a row.

    Attributes:
        values: estimate and ends of its interval; ends that are not finite are not drawn.
        look: of what is estimated.
        decided: whether the comparison is decided; None: if the interval excludes no effect.
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
) -> None:
    """Draw estimates and intervals by row.

    Args:
        axes: where.
        groups: estimates by a common property, shown by the dashes of their intervals.
        null: no effect, a line.
        size: of markers.
    """
    if null is not None:
        axes.axvline(null, color=NEUTRAL, lw=0.8, zorder=0)
    for shift, dashes, group in zip(SHIFTS[len(groups)], DASHES, groups.values(), strict=False):
        for row, (values, look, verdict) in group.items():
            value, low, high = values
            if verdict is None:
                verdict = null is None or bool(decided(values[1:], null))
            place = row + shift
            dot: dict[str, Any] = look.markers(size, verdict) | {
                "marker": look.marker or "o",
                "ls": "",
            }
            if np.isfinite([low, high]).all():
                axes.plot(
                    (low, high), (place, place), color=look.color, lw=1.3, ls=dashes, zorder=2
                )
            axes.plot(value, place, clip_on=False, zorder=3, **dot)


def head(axes: Axes, y: float, words: str, **look: Any) -> None:
    """Name rows beside the axes, in bold, at the height of their first."""
    place = {"xytext": (-3, 0), "textcoords": "offset points", "ha": "right", "va": "center"}
    at = {"xycoords": axes.get_yaxis_transform(), "weight": "bold"}
    axes.annotate(words, (0, y), **place, **at, **look)
