"""Figure 10, supplement: the map in shallow noise, which part it is, other tasks and methods."""

from collections.abc import Callable

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from beyond.figures.fig10 import CELLS
from beyond.figures.panels import drawable
from beyond.figures.panels.between_spikes import ROWS, draw_map, draw_ratios
from beyond.figures.panels.exact_flows import (
    REFERENCE,
    draw_alignment,
    draw_cells,
    draw_differences,
)
from beyond.figures.panels.hybrids import draw_shares, key_over_labels
from figures import style
from figures.panels import Data, names_of

REGIMES = {"spiking_steep": "steep", "spiking_easy": "ample noise"}
WHICH = {"which_steep": "steep noise", "which_shallow": "shallow noise"}
MAIN = {"steep": "steep noise", "shallow": "shallow noise"}
PARTS = {"parts": "steep noise", "parts_shallow": "shallow noise"}


def render(data: Data) -> Figure:
    """Draw the supplement; panels that a preset leaves out stay empty."""
    figure = plt.figure(figsize=(style.FULL_WIDTH, 8.6))
    for part, pair in zip(style.rows(figure, (2.3, 1.65, 2.45, 2.2)), ROWS_OF_PANELS, strict=True):
        for where, (letter, names, draw) in zip(
            style.columns(part, (3.2, 0.4, 2.9, 0.5))[::2], pair, strict=True
        ):
            axes = where.subplot_mosaic(letter)[letter]
            panels = {words: data[name] for name, words in names.items() if name in data}
            if drawable(axes, bool(panels)):
                draw(axes, panels)
    return figure


def _map(axes: Axes, panels: Data) -> None:
    (data,) = panels.values()
    draw_map(axes, data)
    axes.set_title("% of tasks solved (shallow noise)", size=7)


def _differences(axes: Axes, panels: Data) -> None:
    names = dict.fromkeys(name for panel in panels.values() for name in names_of(panel))
    draw_differences(axes, panels, [name for name in names if name != REFERENCE])


def _with_key(axes: Axes, panels: Data) -> None:
    _differences(axes, panels)
    key_over_labels(axes, panels)


def _alignment(axes: Axes, panels: Data) -> None:
    (data,) = panels.values()
    draw_alignment(axes, data)


Drawn = tuple[str, dict[str, str], Callable[[Axes, Data], None]]
ROWS_OF_PANELS: tuple[tuple[Drawn, Drawn], ...] = (
    (("a", {"map_shallow": "map"}, _map), ("b", {"surrogates": "all"}, _alignment)),
    (("c", WHICH, _differences), ("d", PARTS, _differences)),
    (("e", MAIN, _with_key), ("f", REGIMES, draw_shares)),
    (("g", CELLS, draw_cells), ("h", {name: name for name in ROWS}, draw_ratios)),
)
"""Letter, panels with their words, and what draws them."""
