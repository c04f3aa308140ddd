"""Figure 10, beyond the paper: is breadth a cure for a bad start, and what else does it do?"""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from beyond.figures.panels import drawable
from beyond.figures.panels.between_spikes import draw_lines
from beyond.figures.panels.exact_flows import draw_escape, draw_work
from beyond.figures.panels.initial_gain import draw_gains, drawn, name_arms
from figures import style
from figures.panels import Data

FAMILIES = {"start_random": "random functions", "start_literals": "three literals"}
GAIN = "initial gain × slope of the noise"


def render(data: Data) -> Figure:
    """Draw the figure; panels that a preset leaves out stay empty."""
    figure = plt.figure(figsize=(style.FULL_WIDTH, 6.0))
    top, bottom, key = style.rows(figure, (2.9, 2.7, 0.4))
    escape, work = (part.subplots() for part in style.columns(top, (4.4, 2.6)))
    for axes, draw in ((escape, draw_escape), (work, draw_work)):
        if drawable(axes, "escape" in data):
            draw(axes, data["escape"])
    left, right = style.columns(bottom, (2.4, 4.6))
    lines = left.subplots()
    if drawable(lines, "map_low_noise" in data):
        draw_lines(lines, data["map_low_noise"])
        lines.set_title(f"slope 16, gain 1, {data['map_low_noise']['n_tasks']} tasks", size=7)
    gains = right.subplots(1, 2, sharey=True)
    for axes, (name, words) in zip(gains, FAMILIES.items(), strict=True):
        if drawable(axes, name in data):
            draw_gains(axes, data[name], words, drawn(data[name]))
    gains[0].set_ylabel("% of tasks solved")
    right.supxlabel(GAIN, size=8)
    arms = dict.fromkeys(arm for name in FAMILIES if name in data for arm in drawn(data[name]))
    name_arms(key, [*arms], loc="center")
    style.name_panels("abcd", (escape, work, lines, gains[0]))
    return figure


def teaser(data: Data) -> Figure:
    """Draw the shares of tasks solved against the initial gain, for functions of three literals."""
    figure = plt.figure(figsize=style.TEASER)
    axes = figure.subplots()
    arms = "exact_of_response", "broad_usual"
    draw_gains(axes, data["start_literals"], "three literals", arms)
    place = {"loc": "lower left", "bbox_to_anchor": (0, 0.1)}
    name_arms(axes, arms, ncols=1, fontsize=6, handlelength=1.4, **place)
    axes.set_xlabel(GAIN, size=7)
    axes.set_ylabel("% of tasks solved", size=7)
    words = "large initial weights (right) stop the exact gradient (grey),"
    figure.suptitle(f"{words}\nbut not a broad surrogate gradient (yellow)", size=7.5)
    return figure
