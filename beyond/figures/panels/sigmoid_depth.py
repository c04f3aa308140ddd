"""Sigmoid networks by depth: cosine of surrogate and true gradient, before and along training."""

import numpy as np
from matplotlib.axes import Axes

from figures.looks import DASHED
from figures.panels import Panel
from figures.style import INK, NEUTRAL, STOCHASTIC

PUBLISHED = {1: 0.99, 4: 0.49}
"""Published cosines, by depth."""
PUBLISHED_INPUT = 0.1
"""Published cosine of layers close to the input, throughout training."""
LINES = {"before": ("before training", "-"), "along": ("along training", DASHED)}
MARKERS = "os"


def draw_depths(axes: Axes, groups: list[Panel]) -> None:
    """Draw cosines by depth, means over networks with 95 % intervals; crosses: published.

    Args:
        axes: Where.
        groups: Of equal width, circles; of an equal number of weights, squares.
    """
    for data, marker in zip(groups, MARKERS, strict=False):
        depths = data["depths"][0]
        for name, (label, dashes) in LINES.items():
            mean, low, high = data[name].T
            known = np.isfinite(low)
            axes.vlines(depths[known], low[known], high[known], color=STOCHASTIC, lw=1)
            dot = {"marker": marker, "ms": 3.2, "mec": INK, "mew": 0.4}
            said = {"label": label} if marker == MARKERS[0] else {}
            axes.plot(depths, mean, color=STOCHASTIC, ls=dashes, lw=1, **dot, **said)
        axes.set_xticks(depths)
    axes.plot(*zip(*PUBLISHED.items(), strict=True), ls="", marker="x", color=NEUTRAL, mew=1.2)
    axes.set(xlabel="hidden layers", ylim=(-0.05, 1.08))
    axes.legend(
        fontsize=6, loc="lower left", bbox_to_anchor=(0, 1), handlelength=2, labelspacing=0.2
    )


def draw_first_layer(axes: Axes, data: Panel) -> None:
    """Draw the cosine of the first layer of the deepest networks along training."""
    x, each = data["update"][0], data["deepest"]
    quartiles = np.quantile(each, (0.25, 0.75), axis=0)
    axes.vlines(x, *quartiles, color=STOCHASTIC, lw=1)
    axes.plot(x, each.mean(axis=0), color=STOCHASTIC, marker="o", ms=2, lw=1)
    axes.axhline(PUBLISHED_INPUT, color=NEUTRAL, ls=":", lw=0.8)
    axes.set(xlabel="updates")
    axes.set_xticks([x[0], x[-1]])
