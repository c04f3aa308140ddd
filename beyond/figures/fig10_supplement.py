"""Figure 10, supplement: the map in shallow noise, which part it is, other tasks and methods."""

from collections.abc import Callable

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from beyond.figures.fig10 import CELLS
from beyond.figures.panels.between_spikes import ROWS, draw_map, draw_ratios
from beyond.figures.panels.exact_flows import (
    REFERENCE,
    draw_alignment,
    draw_cells,
    draw_differences,
    methods,
)
from beyond.figures.panels.hybrids import draw_shares
from figures import style
from figures.panels import Data

REGIMES = {"spiking_steep": "steep", "spiking_easy": "ample noise"}
WHICH = {"which_steep": "steep noise", "which_shallow": "shallow noise"}
MAIN = {"steep": "steep noise", "shallow": "shallow noise"}
PARTS = {"parts": "steep noise", "parts_shallow": "shallow noise"}
COUNTS = (1.12, 1.42)
"""Where counts stand beside the axes, as shares of their width."""


def render(data: Data) -> Figure:
    """Draw the supplement; panels that a preset leaves out stay empty."""
    figure = plt.figure(figsize=(style.FULL_WIDTH, 8.7))
    for part, pair in zip(style.rows(figure, (2.3, 1.7, 2.5, 2.2)), ROWS_OF_PANELS, strict=True):
        for where, (letter, names, beside, draw) in zip(
            style.columns(part, (3.2, 0.4, 2.9, 0.5))[::2], pair, strict=True
        ):
            axes, shown = where.subplots(), {n: w for n, w in names.items() if n in data}
            if shown:
                draw(axes, {words: data[name] for name, words in shown.items()})
                style.letter_beside(axes, letter, beside)
            else:
                style.absent(axes, letter)
    return figure


def _map(axes: Axes, panels: Data) -> None:
    (data,) = panels.values()
    draw_map(axes, data)
    axes.set_title("% of tasks solved (shallow noise)", size=7)


def _differences(axes: Axes, panels: Data) -> None:
    names = dict.fromkeys(name for panel in panels.values() for name in methods(panel))
    draw_differences(axes, panels, [name for name in names if name != REFERENCE], COUNTS)
    axes.set_xlabel("share solved − that of h", size=7)
    style.few_ticks(axes.xaxis, (-0.4, -0.2, 0, 0.2, 0.4))


def _alignment(axes: Axes, panels: Data) -> None:
    (data,) = panels.values()
    draw_alignment(axes, data, "cosine_before")
    axes.set_ylabel("right patterns at the end", size=7)


Drawn = tuple[str, dict[str, str], float, Callable[[Axes, Data], None]]
ROWS_OF_PANELS: tuple[tuple[Drawn, Drawn], ...] = (
    (
        ("a", {"map_shallow": "map"}, -0.1, _map),
        ("b", {name: name for name in ROWS}, -0.5, draw_ratios),
    ),
    (("c", WHICH, -0.5, _differences), ("d", PARTS, -0.5, _differences)),
    (("e", MAIN, -0.5, _differences), ("f", REGIMES, -0.5, draw_shares)),
    (("g", CELLS, -0.4, draw_cells), ("h", {"surrogates": "all"}, -0.2, _alignment)),
)
"""Letter, panels with their words, place of the letter, and what draws them."""
