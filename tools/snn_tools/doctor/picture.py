"""Picture of an examination: spikes, errors over time, cosines and norm ratios."""

import dataclasses
from typing import Any

import numpy as np

from snn_tools.comparison.table import Comparison, draw_rows
from snn_tools.doctor.observed import Layer
from snn_tools.printing import new_figure


def draw_report(layers: tuple[Layer, ...], comparison: Comparison | None, own: str) -> Any:
    """Draw the panels for which there are measurements.

    Args:
        layers: spikes and errors, layer by layer.
        comparison: gradients against the true one, if they were compared.
        own: name of the network's own gradient.

    Returns:
        A matplotlib figure.
    """
    panels = [_draw_shares]
    if any(any(layer.error) for layer in layers):
        panels.append(_draw_errors)
    rows, height = 1, 2 * len(layers)
    if comparison is not None:
        rows_of_own = dataclasses.replace(comparison, rows=comparison.rows_of(own))
        panels += [lambda axes, _: draw_rows(axes, rows_of_own, "cosine")]
        panels += [lambda axes, _: draw_rows(axes, rows_of_own, "ratio")]
        height = max(height, len(comparison.truth))
        if len(comparison.rows) > len(rows_of_own.rows):
            panels.append(lambda axes, _: _draw_sweep(axes, comparison))
            top = comparison.truth[0].group
            rows, height = 2, max(height, len(comparison.in_group(top)))
    figure = new_figure(9.0, rows * (1.6 + 0.3 * height))
    for k, draw in enumerate(panels):
        draw(figure.add_subplot(rows, -(-len(panels) // rows), k + 1), layers)
    return figure


def _draw_shares(axes: Any, layers: tuple[Layer, ...]) -> None:
    shares = {"silent": "silent", "saturated": "saturated", "within": "in the middle half"}
    for k, (share, label) in enumerate(shares.items()):
        y = [i + 0.25 * (k - 1) for i in range(len(layers))]
        values = [getattr(layer, share) for layer in layers]
        axes.barh(y, values, 0.22, color=f"{0.2 + 0.3 * k:.1f}", label=label)
    names = [f"{layer.index}\n{layer.rate:.2f} per step" for layer in layers]
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_xlim(0, 1)
    axes.set_xlabel("share of neurons, of potentials")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, fontsize=6)
    axes.invert_yaxis()


def _draw_errors(axes: Any, layers: tuple[Layer, ...]) -> None:
    for layer in layers:
        error = np.array(layer.error)
        axes.semilogy(np.where(error > 0, error, np.nan), lw=1, label=f"layer {layer.index}")
    axes.set_xlabel("step")
    axes.set_ylabel("root mean square of dL/dv")
    axes.legend(fontsize=7)


def _draw_sweep(axes: Any, comparison: Comparison) -> None:
    group = comparison.truth[0].group
    rows = [r for r in comparison.in_group(group) if r.known]
    y, ends = range(len(rows)), [r.interval for r in rows]
    axes.hlines(y, [low for low, _ in ends], [high for _, high in ends], lw=1, color="0.2")
    axes.plot([r.cosine for r in rows], y, "o", ms=3, color="0.2")
    axes.set_yticks(y, [r.candidate for r in rows], fontsize=6)
    axes.invert_yaxis()
    axes.set_xlabel(f"cosine, {group}")
