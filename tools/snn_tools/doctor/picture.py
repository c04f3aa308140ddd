"""An examination as one picture."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from snn_tools.comparison.table import Comparison, draw_rows
from snn_tools.doctor.direction import YOURS
from snn_tools.doctor.measurements import Layer
from snn_tools.doctor.shape import Shape
from snn_tools.printing import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw(
    layers: Sequence[Layer],
    shapes: Sequence[tuple[Shape, Shape]],
    found: Comparison | None,
    faults: Sequence[str],
) -> Figure:
    """Draw a row for each layer, below them all arrays together; the title counts the faults."""
    n = len(layers)
    figure = new_figure(9.0, 2.0 + 1.5 * n)
    grid = figure.add_gridspec(n + 1, 3, height_ratios=[1] * n + [1.4])
    for i, layer in enumerate(layers):
        _spikes(figure.add_subplot(grid[i, 0]), layer)
        _error(figure.add_subplot(grid[i, 1]), layer)
        _shape(figure.add_subplot(grid[i, 2]), shapes[i], last=i == n - 1)
    if found is not None:
        rows = tuple(row for row in found.rows if row.candidate == YOURS)
        yours = dataclasses.replace(found, rows=rows)
        left, middle = (figure.add_subplot(grid[n, k]) for k in (0, 1))
        for axes, what in ((left, "cosine"), (middle, "ratio")):
            draw_rows(axes, yours, what)
            axes.set_yticks(range(len(found.truth)), [t.group for t in found.truth], fontsize=7)
            axes.invert_yaxis()
        left.set_xlabel("cosine to the true gradient")
        middle.set_xlabel("norm over that of the true one")
        _sweep(figure.add_subplot(grid[n, 2]), found)
    verdict = f"{len(faults)} fault{'s' * (len(faults) != 1)}"
    figure.suptitle(", ".join([verdict, *dict.fromkeys(faults)]))
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
    rows = found.of(found.truth[0].group)
    y = np.arange(len(rows))
    x = [r.cosine if r.known else np.nan for r in rows]
    ends = [r.interval if r.known else (np.nan, np.nan) for r in rows]
    axes.hlines(y, *zip(*ends, strict=True), lw=1, color="0.2")
    axes.plot(x, y, "o", ms=3, color="0.2")
    axes.set_yticks(y, [r.candidate for r in rows], fontsize=6)
    axes.invert_yaxis()
    axes.set_xlabel("cosine, slope and reset")
