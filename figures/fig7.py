"""Figure 7: deep networks learn speech with deterministic and with stochastic spikes."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.panels import Data, Panel
from figures.panels.accuracies import difference, tests, training
from figures.panels.rasters import activity, layers, levels, repeats
from figures.panels.schematic import arrow, box, pointer
from figures.panels.variability import fano
from figures.style import FULL_WIDTH, NEUTRAL, SMALL, TEASER, columns, name_panels, rows

PUBLISHED = ((16, 68), (32, 21), (64, 5))
"""Features × positions of the hidden layers of the published network, which hears 700 channels."""
BOX = 0.52
"""Height of a box, in rows."""


def render(data: Data) -> Figure:
    """Draw activity, accuracies, and variability."""
    figure = plt.figure(figsize=(FULL_WIDTH, 6.7))
    above, below = rows(figure, (4.4, 2.3))
    activities, learning = columns(above, (4.5, 2.5))
    drawn = levels(data)
    grid = activities.add_gridspec(len(drawn), 3, width_ratios=(0.68, 1, 1))
    network = activities.add_subplot(grid[:, 0])
    draw_network(network, data["stochastic"])
    cells = [[activities.add_subplot(grid[y, x]) for x in (1, 2)] for y in range(len(drawn))]
    activity(np.array(cells), data)
    upper, lower = rows(learning, (1.8, 2.6))
    curves = upper.subplots()
    tested, compared = lower.subplots(2, 1, height_ratios=(1.9, 0.7))
    training(curves, data)
    tests(tested, data)
    difference(compared, data)

    depth = len(drawn) - 2
    grid = below.add_gridspec(depth, 3, width_ratios=(1.6, 1.6, 3))
    trials = np.array([[below.add_subplot(grid[i, j]) for j in (0, 1)] for i in range(depth)])
    repeats(trials, data)
    factors = below.add_subplot(grid[:, 2])
    fano(factors, data)
    name_panels("abcde", (network, curves, tested, trials[0, 0], factors))
    return figure


def teaser(data: Data) -> Figure:
    """Draw test accuracies under both kinds of spikes."""
    figure = plt.figure(figsize=TEASER)
    axes = figure.subplots()
    tests(axes, data)
    words = "synthetic speech: SuperSpike trains\nnetworks of both kinds of spikes"
    axes.set_title(words, size=7.5)
    return figure


def _units(panel: Panel) -> list[tuple[str, str]]:
    """Return, from the top, names and numbers of units: features × positions."""
    n_inputs, n_outputs = panel["sample_input"].shape[-1], panel["classes"].shape[-1]
    names = layers(panel)
    sizes = [panel[f"sample_{number}"].shape[-1] for number in range(1, len(names) + 1)]
    published = [n_inputs, *sizes] == [700, *(f * p for f, p in PUBLISHED)]
    units = [f"{f} × {p}" for f, p in PUBLISHED] if published else sizes
    hidden = [(name, f"{n} LIF") for name, n in zip(names, units, strict=True)]
    return [
        ("input", f"{n_inputs} channels"),
        *hidden,
        ("readout", f"{n_outputs} leaky units"),
    ]


def draw_network(axes: Axes, panel: Panel) -> None:
    """Draw the levels from input to readout, one per unit of height, and their connections."""
    drawn = _units(panel)
    recurrent = panel["recurrent_kernel"][0] > 0
    for row, (name, units) in enumerate(drawn):
        y = row + 0.5
        if recurrent and 0 < row < len(drawn) - 1:
            head = {"arrowstyle": "-|>", "mutation_scale": 7}
            look = {"color": NEUTRAL, "lw": 1, "ls": "solid", **head}
            arrow(axes, (0.95, y - BOX / 4), (0.95, y + BOX / 4), bend=-1.3, **look)
        box(axes, (0, y), 1.9, BOX, BOX / 6)
        axes.text(0, y - 0.11, name, ha="center", va="center", size=SMALL, weight="bold")
        axes.text(0, y + 0.12, units, ha="center", va="center", size=6)
        if row:
            pointer(axes, (0, y - 1 + BOX / 2), (0, y - BOX / 2), color=NEUTRAL)
    axes.set(xlim=(-1.0, 1.4), ylim=(len(drawn), 0))
    axes.axis("off")
