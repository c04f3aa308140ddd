"""Figure 10, details: the map in high noise, parts of gradients, further tasks and losses."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from beyond.figures.fig10 import CELLS
from beyond.figures.fig10_supplement import differences
from beyond.figures.panels import drawable
from beyond.figures.panels.between_spikes import FRAMES, ROWS, draw_map, draw_ratios
from beyond.figures.panels.exact_flows import draw_cells
from beyond.figures.panels.hybrids import key_over_labels
from figures import style
from figures.panels import Data

MAIN = {"steep": "low noise", "shallow": "high noise"}
PARTS = {"parts": "low noise", "parts_shallow": "high noise"}


def render(data: Data) -> Figure:
    """Draw the details; panels that a preset leaves out stay empty."""
    figure = plt.figure(figsize=(style.FULL_WIDTH, 6.7))
    top, middle, bottom = style.rows(figure, (2.3, 2.6, 1.8))
    upper = style.columns(top, (3.3, 0.1, 3.1, 0.5))[::2]
    lower = style.columns(middle, (3.4, 0.4, 3.2))[::2]
    panels = [part.subplots() for part in (*upper, *lower, bottom)]
    style.name_panels("abcde", panels)
    if drawable(panels[0], "map_shallow" in data):
        draw_map(panels[0], data["map_shallow"])
        head = f"% of {data['map_shallow']['n_tasks']} tasks solved (high noise: slope 4)"
        panels[0].set_title(f"{head}\n{FRAMES}", size=6.5)
    differences(panels[1], data, PARTS)
    differences(panels[2], data, MAIN)
    for axes, words in ((panels[1], PARTS), (panels[2], MAIN)):
        key_over_labels(axes, data, words)
    changed = {words: data[name] for name, words in CELLS.items() if name in data}
    if drawable(panels[3], bool(changed)):
        draw_cells(panels[3], changed)
    losses = {name: data[name] for name in ROWS if name in data}
    if drawable(panels[4], bool(losses)):
        draw_ratios(panels[4], losses)
    return figure
