"""Panels of the figures beyond the paper."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.legend import Legend
from numpy.typing import NDArray

from figures.looks import Look
from figures.panels import Panel, names_of
from figures.panels.forest import DASHES, Estimate, Group, forest
from figures.style import INK, NEUTRAL, SMALL, name_looks
from figures.verdicts import HOLLOW


def drawable(axes: Axes, available: bool, why: str = "not computed\nby this preset") -> bool:
    """Return whether something can be drawn; if not, leave the panel empty and say why."""
    if not available:
        axes.axis("off")
        place = {"transform": axes.transAxes, "ha": "center", "va": "center"}
        axes.text(0.5, 0.5, why, size=SMALL, color=NEUTRAL, in_layout=False, **place)
    return available


def trained(axes: Axes, panel: Panel) -> bool:
    """Return whether any task's outputs spike before training; if not, write that none learns."""
    why = "no task could be trained:\nno output spikes"
    return drawable(axes, not np.all(panel["silent"]), why)


def pairs(
    panel: Panel,
    rows: Iterable[tuple[str, str, Look]],
    values: NDArray[Any],
    decided: NDArray[Any] | None = None,
) -> Group:
    """Return comparisons of two methods by row, as far as a panel has them.

    Args:
        panel: its methods, and which comparisons are decided.
        rows: first and second method of each row, and its look.
        values: ratios or differences with intervals, ``(method, method, statistic)``.
        decided: whether the comparison of each first method is decided; by default the panel's.
    """
    names = names_of(panel)
    decided = panel["decided"] if decided is None else decided
    return {
        y: Estimate(
            values[names.index(first), names.index(second)], look, bool(decided[names.index(first)])
        )
        for y, (first, second, look) in enumerate(rows)
        if {first, second} <= {*names}
    }


def draw_rows(
    axes: Axes,
    groups: Mapping[str, Group],
    labels: Sequence[str],
    null: float | None = None,
    size: float = 4.0,
    ticks: Sequence[float] = (),
) -> None:
    """Draw estimates with intervals in named rows.

    Args:
        axes: where.
        groups: estimates by row number, by a common property.
        labels: names of the rows, from top to bottom.
        null: no effect, a line.
        size: of markers.
        ticks: labelled places of a logarithmic axis; a linear axis without them.
    """
    forest(axes, groups, null, size)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    label_rows(axes, labels)
    if ticks:
        axes.set_xscale("log")
        few_ticks(axes.xaxis, ticks)


def label_rows(axes: Axes, labels: Sequence[str], size: float = 6) -> None:
    """Name rows 0, 1, ... of a panel, in place of an axis, in letters of a size."""
    axes.set_yticks(range(len(labels)), labels, size=size)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def few_ticks(axis: Axis, wanted: Sequence[float]) -> None:
    """Label the wanted places within the range of an axis."""
    low, high = axis.get_view_interval()
    ticks = [tick for tick in wanted if low < tick < high]
    axis.set_ticks(ticks, labels=[f"{tick:g}".replace("-", "−") for tick in ticks])
    axis.axes.minorticks_off()


def group_key(
    where: Any,
    groups: Iterable[str],
    hollow: str = HOLLOW,
    further: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    in_rows: bool = True,
    **place: Any,
) -> Legend:
    """Name the groups by their dashes, and explain hollow markers, by default above the axes.

    Args:
        where: axes where the groups are drawn, or a part of a figure.
        groups: words for them.
        hollow: words for hollow markers; empty if there are none.
        further: looks by name, at the end of the key.
        in_rows: whether two groups are the upper and the lower interval of each row.
        place: of the key.
    """
    words = list(groups)
    if in_rows and len(words) == 2:
        words = [f"{side}: {name}" for side, name in zip(("upper", "lower"), words, strict=True)]
    dashed = zip(words, DASHES, strict=False)
    looks = {name: {"color": NEUTRAL, "lw": 1.3, "ls": dashes} for name, dashes in dashed}
    marker = Look(hollow, "other", "o", tint=INK).markers(3.5, decided=False) | {"ls": ""}
    looks |= {hollow: marker} if hollow else {}
    above = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.2, "ncols": 4}
    look: dict[str, Any] = {"fontsize": 6, "handlelength": 2, "columnspacing": 1}
    return name_looks(where, looks | dict(further), **(above | look | place))
