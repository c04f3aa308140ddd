"""The recurrent spiking network whose true gradient is measured."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch

from figures.style import BRANCH, INK, NEUTRAL, STOCHASTIC

LAYERS = (
    ("20 inputs", 5, "s", NEUTRAL),
    ("20 LIF", 5, "o", STOCHASTIC),
    ("10 LIF", 3, "o", STOCHASTIC),
)
"""Words, neurons drawn, marker and colour."""


def lif_network(axes: Axes) -> None:
    """Draw inputs, recurrent hidden layer and outputs from left to right."""
    heights = [np.linspace(-(n - 1) / 2, (n - 1) / 2, n) * 0.8 for _, n, _, _ in LAYERS]
    for x in (0, 1):
        for a in heights[x]:
            for b in heights[x + 1]:
                axes.plot([x, x + 1], [a, b], color=BRANCH, lw=0.5, zorder=1)
    for x, ((words, _, marker, color), ys) in enumerate(zip(LAYERS, heights, strict=True)):
        axes.scatter([x] * len(ys), ys, s=26, c=color, marker=marker, ec=INK, lw=0.6, zorder=2)
        axes.text(x, -2.25, words, size=6.5, ha="center", va="top")
    loop = FancyArrowPatch(
        (0.82, heights[1][-1] + 0.15),
        (1.18, heights[1][-1] + 0.15),
        connectionstyle="arc3,rad=-1.4",
        arrowstyle="-|>",
        mutation_scale=7,
        color=NEUTRAL,
    )
    axes.add_patch(loop)
    axes.set(xlim=(-0.45, 2.45), ylim=(-3, 2.9))
    axes.axis("off")
