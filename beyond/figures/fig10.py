"""Figure 10, beyond the paper: a surrogate gradient depends on the loss between spikes."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from beyond.figures.panels import drawable
from beyond.figures.panels.between_spikes import FRAME, draw_courses, draw_map, draw_over_time
from figures import style
from figures.panels import Data

REGIMES = {"lambda_steep": "low noise, recurrent", "lambda_easy": "high noise"}
CELLS = {
    "slope_1": "slope 1",
    "slope_64": "slope 64",
    "one_layer": "one hidden layer",
    "three_layers": "three hidden layers",
    "four_bits": "4 bits",
    "small_weights": "half the initial weights",
    "large_weights": "twice the initial weights",
    "plain": "plain descent",
    "no_epsilon": "Adam, ε = 10⁻¹⁵",
}
"""Panels by their difference from the panel of low noise."""


def render(data: Data) -> Figure:
    """Draw the figure; panels that a preset leaves out stay empty."""
    figure = plt.figure(figsize=(style.FULL_WIDTH, 3.1))
    part_a, middle, right = style.columns(figure, (1.45, 3.75, 1.8))
    draw_courses(part_a.subplot_mosaic("a")["a"])
    axes = middle.subplot_mosaic("b")["b"]
    if drawable(axes, "map_steep" in data):
        draw_map(axes, data["map_steep"], shapes=data.get("surrogates"))
        axes.set_title("% of tasks solved (low noise: slope 16)", size=7)
    axes = right.subplot_mosaic("c")["c"]
    panels = {words: data[name] for name, words in REGIMES.items() if name in data}
    if drawable(axes, bool(panels)):
        draw_over_time(axes, panels)
        axes.set_ylabel("final loss / that of unbiased", size=7)
    return figure


def teaser(data: Data) -> Figure:
    """Draw the map of tasks solved."""
    figure = plt.figure(figsize=style.TEASER)
    axes, exact = figure.subplots(), 100 * data["map_steep"]["share"][0, 0]
    draw_map(axes, data["map_steep"], bar=False)
    above = f"above: more than\nexact gradient ({exact:.0f} %)"
    handles = [
        Patch(fill=False, ec=FRAME, lw=1.5, label="matched, linear;\nbroad, squared"),
        Line2D([], [], color=style.INK, lw=1.8, label=above),
    ]
    small = {"fontsize": 6.5, "title_fontsize": 7.5, "title": "% of tasks solved by the mean SG"}
    axes.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.45, 1), ncols=2, **small)
    return figure
