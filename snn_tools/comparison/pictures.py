"""Pictures of what was measured: the one module of this package that knows Matplotlib.

It is imported when a picture is asked for, and Matplotlib when one is drawn: nothing else needs it.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from snn_tools.comparison.table import Comparison
    from snn_tools.doctor.measurements import Layer
    from snn_tools.doctor.report import Report
    from snn_tools.doctor.shape import Shape

YOURS = "yours"
"""Name of the gradient that an examination is about."""


def new_figure(width: float, height: float) -> Figure:
    """An empty figure that belongs to no window, in inches.

    Raises:
        ImportError: without matplotlib, which is not installed along with this package.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            "snn: matplotlib is not installed, and pictures need it. Install it with "
            "`pip install matplotlib`."
        ) from error
    return Figure(figsize=(width, height), layout="constrained")


def comparison(found: Comparison) -> Figure:
    """Cosine and norm ratio of each candidate, group by group, with standard errors."""
    groups = [t.group for t in found.truth]
    figure = new_figure(7.0, 1.2 + 0.35 * len(groups))
    left, right = figure.subplots(1, 2, sharey=True)
    draw_rows(left, found, "cosine")
    draw_rows(right, found, "ratio")
    left.set_xlabel("cosine to the true gradient")
    right.set_xlabel("norm over that of the true gradient")
    right.set_xscale("log")
    left.set_yticks(range(len(groups)), groups)
    left.invert_yaxis()
    names = list(dict.fromkeys(row.candidate for row in found.rows))
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=len(names))
    return figure


def draw_rows(axes: Any, found: Comparison, what: str) -> None:
    """One number of all candidates, a marker each; what is unknown is left out."""
    groups = [t.group for t in found.truth]
    names = list(dict.fromkeys(row.candidate for row in found.rows))
    axes.axvline(1.0, color="0.6", lw=0.8)
    for i, name in enumerate(names):
        rows = [row for row in found.rows if row.candidate == name]
        x = np.array([getattr(row, what) if row.known else np.nan for row in rows])
        error = np.array([getattr(row, f"{what}_se") for row in rows])
        y = np.arange(len(groups)) + 0.12 * (i - (len(names) - 1) / 2)
        axes.errorbar(x, y, xerr=error, fmt="osD^vPX*"[i % 8], ms=4, lw=1, label=name)


def examination(report: Report) -> Figure:
    """An examination at a glance: rows are layers of spikes, below them all arrays together."""
    figure = new_figure(9.0, 2.0 + 1.5 * len(report.layers))
    n = len(report.layers)
    grid = figure.add_gridspec(n + 1, 3, height_ratios=[1] * n + [1.4])
    for i, layer in enumerate(report.layers):
        _spikes(figure.add_subplot(grid[i, 0]), layer)
        _error(figure.add_subplot(grid[i, 1]), layer)
        _shape(figure.add_subplot(grid[i, 2]), report.shapes[i], last=i == n - 1)
    if report.comparison is not None:
        found = report.comparison
        yours = dataclasses.replace(
            found, rows=tuple(r for r in found.rows if r.candidate == YOURS)
        )
        left, middle = (figure.add_subplot(grid[n, k]) for k in (0, 1))
        for axes, what in ((left, "cosine"), (middle, "ratio")):
            draw_rows(axes, yours, what)
            axes.set_yticks(range(len(found.truth)), [t.group for t in found.truth], fontsize=7)
            axes.invert_yaxis()
        left.set_xlabel("cosine to the true gradient")
        middle.set_xlabel("norm over that of the true one")
        _sweep(figure.add_subplot(grid[n, 2]), found)
    verdict = f"{len(report.faults)} fault{'s' * (len(report.faults) != 1)}"
    figure.suptitle(", ".join([verdict, *dict.fromkeys(f.kind for f in report.faults)]))
    return figure


def _spikes(axes: Any, layer: Layer) -> None:
    names = ["silent", "saturated", "within middle half"]
    axes.barh(names, [layer.silent, layer.saturated, layer.within], color="0.5")
    axes.set_xlim(0, 1)
    axes.set_title(f"layer {layer.index}: {layer.rate:.3f} spikes per step", fontsize=8)


def _error(axes: Any, layer: Layer) -> None:
    error = np.array(layer.error)
    if error.any():
        axes.semilogy(np.where(error > 0, error, np.nan), color="0.2", lw=1)
    axes.set_title("root mean square of dL/dv, by step", fontsize=8)


def _shape(axes: Any, shapes: tuple[Shape, Shape], last: bool) -> None:
    for values, name, y in ((shapes[0], "surrogate", 1.0), (shapes[1], "slope of the noise", 0.5)):
        axes.plot(values.middle, [y, y], lw=3, solid_capstyle="butt")
        axes.annotate(name, (0, y + 0.12), ha="center", fontsize=7)
    axes.set_ylim(0.2, 1.4)
    axes.set_yticks([])
    axes.set_title("middle halves of the integrals", fontsize=8)
    if last:
        axes.set_xlabel("potential minus threshold")


def _sweep(axes: Any, found: Comparison) -> None:
    group = found.truth[0].group
    rows = [r for r in found.rows if r.group == group]
    y = np.arange(len(rows))
    x = [r.cosine if r.known else np.nan for r in rows]
    axes.errorbar(x, y, xerr=[r.cosine_se for r in rows], fmt="o", ms=3, lw=1, color="0.2")
    axes.set_yticks(y, [r.candidate for r in rows], fontsize=6)
    axes.invert_yaxis()
    axes.set_xlabel("cosine, slope and reset")
