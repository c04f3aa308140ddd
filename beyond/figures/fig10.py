"""Figure 10, beyond the paper: a surrogate gradient depends on the loss between spikes."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from beyond.figures.panels.between_spikes import draw_courses, draw_map, draw_over_time
from beyond.figures.panels.exact_flows import draw_escape, draw_work
from figures import style
from figures.panels import Data

REGIMES = {"lambda_steep": "steep noise, recurrent", "lambda_easy": "ample noise"}
CELLS = {
    "slope_1": "slope 1",
    "slope_64": "slope 64",
    "one_layer": "one hidden layer",
    "three_layers": "three hidden layers",
    "four_bits": "4 bits",
    "small_weights": "half the initial weights",
    "large_weights": "twice the initial weights",
    "plain": "plain descent",
    "no_epsilon": "Adam, ε = 1e−15",
}
"""Panels that differ from the steep one in one respect."""

LETTERS = {
    "map_steep": "b",
    "lambda_easy": "c",
    "lambda_steep": "c",
    "escape": "d, e",
    "map_shallow": "supplement a",
    "which_steep": "supplement c",
    "which_shallow": "supplement c",
    **dict.fromkeys(("lambda_picture", "hidden_easy", "hidden_steep"), "supplement b"),
    **dict.fromkeys(("steep", "shallow"), "supplement e"),
    **dict.fromkeys(("parts", "parts_shallow"), "supplement d"),
    **dict.fromkeys(CELLS, "supplement g"),
    "surrogates": "supplement h",
    **dict.fromkeys(("spiking_easy", "spiking_steep"), "supplement f"),
}
"""Where each panel of the configuration is drawn."""

TEASER = (0.22, 0.42, 0.72, 0.96)


def render(data: Data) -> Figure:
    """Draw the figure; panels that a preset leaves out stay empty."""
    figure = plt.figure(figsize=(style.FULL_WIDTH, 5.0))
    top, bottom = style.rows(figure, (2.9, 2.1))
    left, middle, right = style.columns(top, (1.45, 3.75, 1.8))
    courses = left.subplots()
    draw_courses(courses)
    style.letter_beside(courses, "a", -0.05)
    axes = middle.subplots()
    if "map_steep" in data:
        draw_map(axes, data["map_steep"])
        axes.set_title("% of tasks solved (steep noise)", size=7)
        style.letter_beside(axes, "b", -0.1)
    else:
        style.absent(axes, "b")
    axes = right.subplots()
    panels = {words: data[name] for name, words in REGIMES.items() if name in data}
    if panels:
        draw_over_time(axes, panels)
        axes.set_ylabel("final loss / that of unbiased", size=7)
        style.letter_beside(axes, "c", -0.25)
    else:
        style.absent(axes, "c")
    _escape(bottom, data)
    return figure


def _escape(part: SubFigure, data: Data) -> None:
    plane, work = style.columns(part, (4.0, 3.0))
    for where, letter, draw in ((plane, "d", draw_escape), (work, "e", draw_work)):
        axes: Axes = where.subplots()
        if "escape" in data:
            draw(axes, data["escape"])
            style.letter_beside(axes, letter, -0.12)
        else:
            style.absent(axes, letter)
