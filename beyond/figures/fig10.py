"""Figure 10, beyond the paper: without any sampling, which part of a biased gradient learns."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from beyond.figures.looks import LOOKS
from beyond.figures.panels.exact_flows import (
    CURVES,
    REFERENCE,
    curve,
    draw_alignment,
    draw_cells,
    draw_differences,
    draw_escape,
    draw_parts,
    draw_solved,
    draw_ways,
    draw_work,
    methods,
)
from figures import style
from figures.panels import Data, Panel
from figures.panels.forest import group_key

MAIN = {"steep": "steep noise", "shallow": "shallow noise"}
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
    "steep": "b, d",
    "shallow": "c, d",
    "escape": "e, f",
    "ends": "g",
    **dict.fromkeys(CELLS, "h"),
    "surrogates": "i, j",
    "spiking_easy": "supplement a, e, f",
    "spiking_steep": "supplement b to f",
    "picture": "supplement f",
    **dict.fromkeys(("parts", "parts_shallow"), "supplement g"),
    "moons_width": "supplement h, i",
    "moons_count": "supplement h",
}
"""Where each panel of the configuration is drawn."""


def render(data: Data) -> Figure:
    """Draw the figure; panels that a preset leaves out stay empty."""
    cells = {words: data[name] for name, words in CELLS.items() if name in data}
    heights = [2.0, 2.2, 2.15] + [2.05] * (bool(cells) or "surrogates" in data)
    figure = plt.figure(figsize=(style.FULL_WIDTH, sum(heights)))
    top, middle, bottom, *last = style.rows(figure, heights)
    _solved(top, data)
    main = {words: data[name] for name, words in MAIN.items() if name in data}
    names = dict.fromkeys(name for panel in main.values() for name in methods(panel))
    axes = middle.subplot_mosaic("d")["d"]
    draw_differences(axes, main, [name for name in names if name != REFERENCE])
    group_key(axes, main)
    parts = style.columns(bottom, (2.6, 2.4, 2.0))
    panels = ("escape", draw_escape), ("escape", draw_work), ("ends", draw_ways)
    for part, letter, (name, draw) in zip(parts, "efg", panels, strict=True):
        axes = _shown(part, letter, name in data)
        if name in data:
            draw(axes, data[name])
    for part in last:
        _general(part, cells, data.get("surrogates"))
    return figure


def teaser(data: Data) -> Figure:
    """Draw the tasks solved along each direction."""
    figure = plt.figure(figsize=style.TEASER)
    axes, key = figure.subplots(1, 2, width_ratios=(1.6, 1))
    draw_solved(axes, data["steep"])
    axes.set_ylabel("share of tasks solved")
    _key(key)
    return figure


def _general(part: SubFigure, cells: Data, surrogates: Panel | None) -> None:
    left, *right = style.columns(part, (3.2, 2.0, 1.8))
    axes = _shown(left, "h", bool(cells))
    if cells:
        draw_cells(axes, cells)
    predictors = [] if surrogates is None else [str(name) for name in surrogates["predictors"]]
    for where, letter, place in zip(right, "ij", range(2), strict=True):
        axes = _shown(where, letter, place < len(predictors))
        if surrogates is not None:
            draw_alignment(axes, surrogates, predictors[place])
            axes.set_ylabel("" if place else "right patterns at the end")


def _shown(part: SubFigure, letter: str, shown: bool) -> Axes:
    axes = part.subplot_mosaic(letter)[letter]
    axes.set_visible(shown)
    return axes


def _solved(part: SubFigure, data: Data) -> None:
    first, *others = style.columns(part, (2.2, 2.4, 2.4))
    sketch, key = first.subplots(2, 1, height_ratios=(1.3, 1))
    draw_parts(sketch)
    style.name_panels("a", [sketch])
    _key(key)
    for where, letter, (name, words) in zip(others, "bc", MAIN.items(), strict=True):
        axes = _shown(where, letter, name in data)
        if name in data:
            draw_solved(axes, data[name])
            axes.set_title(words, size=7)
            axes.set_ylabel("share of tasks solved")


def _key(axes: Axes) -> None:
    axes.axis("off")
    for name in CURVES:
        axes.plot([], [], label=LOOKS[name].narrow, **curve(name))
    axes.legend(fontsize=6, loc="center left", handlelength=2.6, borderaxespad=0, labelspacing=0.3)
