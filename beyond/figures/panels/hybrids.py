"""Spiking networks trained by broad, unbiased and mixed gradients: losses, shares, freezing."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from beyond.figures.looks import LOOKS
from beyond.figures.panels import group_key, label_rows
from figures.looks import DOTTED
from figures.panels import Data, Panel, names_of
from figures.panels.forest import SHIFTS, Estimate, forest
from figures.style import INK, NEUTRAL
from figures.verdicts import HOLLOW

UNBIASED, BROAD = "stochastic_ad_systematic", "surrogate_through_x0.25"
"""Methods between which the gap is."""
REPEATED = f"{UNBIASED}_x8"
STATEMENTS = {
    REPEATED: "variance",
    "broad_jittered": "noise",
    "unbiased_in_broader_noise": "smoothing",
    "unbiased_at_silent": "reverse",
    "broad_at_silent": "revival",
    "super_spike": "",
}
"""Statement about the share of the gap, by method; its margin was recorded before."""
AT_MOST = {"noise", "reverse"}
"""Predictions of a share that is at most the margin; the other ones: at least."""
REACH = (-0.6, 1.6)
"""Shares beyond are not drawn: an interval ends at the edge."""


def draw_shares(axes: Axes, panels: Data) -> None:
    """Draw the share of the gap closed by each method, with interval and margin."""
    names = [n for n in STATEMENTS if any(n in names_of(data) for data in panels.values())]
    forest(axes, {words: _shares(data, names) for words, data in panels.items()}, 0, 4.5, REACH)
    axes.axvline(1, color=NEUTRAL, lw=0.8, zorder=0)
    margins: dict[str, float] = {}
    for data, shift in zip(panels.values(), SHIFTS[len(panels)], strict=True):
        for y, (values, *_) in _shares(data, names).items():
            if values[0] < REACH[0]:
                place: dict[str, Any] = {"va": "center", "size": 6, "color": INK}
                axes.text(
                    REACH[0] + 0.04,
                    y + shift,
                    f"off the scale: {values[0]:.1f}".replace("-", "−"),
                    **place,
                )
        margins |= zip(map(str, data["statements"]), data["margins"], strict=True)
    for y, name in enumerate(names):
        if (margin := margins.get(STATEMENTS[name])) is not None:
            axes.plot([margin] * 2, [y - 0.38, y + 0.38], color=INK, lw=0.8, ls=DOTTED)
            side = "at most" if STATEMENTS[name] in AT_MOST else "at least"
            words = f"predicted: {side} {margin:g}"
            axes.text(REACH[1], y, words, va="center", ha="right", size=6, color=INK)
    axes.set(xlim=(REACH[0] - 0.1, REACH[1]), ylim=(len(names) - 0.4, -0.6))
    label_rows(axes, [LOOKS[name].label for name in names])
    ends = f"0: {LOOKS[UNBIASED].label}, 1: {LOOKS[BROAD].label}"
    axes.set_xlabel(
        f"share of the gap in final loss that a method closes (bars: 95 %)\n({ends})", size=7
    )
    margin = {"margin, predicted": {"color": INK, "lw": 0.8, "ls": DOTTED}}
    # Hollow markers are about the line at zero, not about the dotted margins.
    group_key(axes, panels, f"{HOLLOW}, bar meets 0", further=margin)


def _shares(data: Panel, names: list[str]) -> dict[float, Estimate]:
    """Return the row of each method whose share is known."""
    closed = dict(zip(names_of(data), data["closed"], strict=True))
    return {
        y: Estimate(closed[name], LOOKS[name])
        for y, name in enumerate(names)
        if name in closed and np.isfinite(closed[name][0])
    }


def key_over_labels(axes: Axes, data: Data, words: dict[str, str]) -> None:
    """Name the panels that are there above the rows' labels, without taking room from the axes."""
    if groups := {words[name]: data[name] for name in words if name in data}:
        place = {"loc": "lower right", "bbox_to_anchor": (1.02, 1), "columnspacing": 0.7}
        group_key(axes, groups, hollow="", handlelength=1.5, **place).set_in_layout(False)
