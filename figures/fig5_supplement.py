"""Supplement of figure 5: the second loop, and the planes of both."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.panels import loop
from figures.style import BRANCH, FULL_WIDTH, INK, NEUTRAL, SMALL, name_panels, rows

WEIGHTS = ("$w$", "$v_1$", "$v_2$", "$u_1$", "$u_2$")
VECTORS = ((r"$\theta_0$", "o", NEUTRAL), ("$d_1$", "s", INK), ("$d_2$", "^", BRANCH))


def render(data: dict[str, dict[str, np.ndarray]]) -> Figure:
    """Draw the second loop as figure 5 draws the first, and what spans the two planes."""
    figure = plt.figure(figsize=(FULL_WIDTH, 5.95))
    middle, top, bottom = rows(figure, (0.25, 3.9, 1.8))
    planes, curves = loop.draw(top, data["second"])
    loop.key(middle.subplots())
    spans = bottom.subplots(1, 2, sharey=True)
    titles = ("loop of figure 5, d to f", "second loop, a to c")
    for axes, panel, title in zip(spans, ("published", "second"), titles, strict=True):
        _components(axes, data[panel])
        axes.set_title(title, fontsize=7)
    spans[0].set_ylabel("component")
    # Above: within the axes, components of any plane may be.
    place = {"loc": "lower left", "bbox_to_anchor": (0.5, 1.02), "borderaxespad": 0}
    spans[0].legend(fontsize=SMALL, ncols=3, borderpad=0, handletextpad=0, **place)
    lettered = (planes[0], curves[0], curves[1], *spans)
    name_panels("abcde", lettered)
    return figure


def _components(axes: Axes, data: dict[str, np.ndarray]) -> None:
    """Draw the five weights at the centre of the loop, and the two directions of its plane."""
    axes.axhline(0, color=NEUTRAL, lw=0.5)
    places = np.arange(len(WEIGHTS))
    vectors = (data["base"], *data["directions"])
    for i, (values, (name, marker, color)) in enumerate(zip(vectors, VECTORS, strict=True)):
        x = places + 0.2 * (i - 1)
        axes.vlines(x, 0, values, color=color, lw=1.2)
        axes.plot(x, values, marker, color=color, ms=4, label=name)
    axes.set(xticks=places, xticklabels=WEIGHTS, xlabel="weight")
    axes.margins(y=0.12)
