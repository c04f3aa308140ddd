"""Figure 7: deep networks learn speech with deterministic and with stochastic spikes."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.panels import Data, Panel
from figures.panels.accuracies import difference, tests, training
from figures.panels.rasters import activity, layers, repeats
from figures.panels.schematic import arrow, box, pointer
from figures.panels.variability import fano, whole_trials
from figures.style import (
    DASHES,
    FULL_WIDTH,
    MODES,
    NEUTRAL,
    SMALL,
    TEASER,
    columns,
    name_panels,
    rows,
)

PUBLISHED = ((16, 68), (32, 21), (64, 5))
"""Features × positions of the hidden layers of the published network, which hears 700 channels."""
BOX = 0.52
"""Height of a box, in rows."""


def render(data: Data) -> Figure:
    """Draw activity, accuracies, and variability."""
    figure = plt.figure(figsize=(FULL_WIDTH, 8.2))
    above, middle, below = rows(figure, (3.5, 2.4, 2.3))
    activities, learning = columns(above, (4.6, 2.4))
    stochastic = data["stochastic"]
    n_levels = len(_units(stochastic))
    grid = activities.add_gridspec(n_levels, 3, width_ratios=(0.68, 1, 1))
    network = activities.add_subplot(grid[:, 0])
    draw_network(network, stochastic)
    cells = [[activities.add_subplot(grid[y, x]) for x in (1, 2)] for y in range(n_levels)]
    activity(np.array(cells), stochastic)
    curves = learning.subplots()
    training(curves, data)
    tested, compared = (part.subplots() for part in columns(middle, (4.0, 3.0)))
    tests(tested, data)
    difference(compared, data)

    depth = max(len(layers(data[mode])) for mode in MODES)
    left, right = columns(below, (3.7, 3.3))
    trials = left.subplots(depth, 2, squeeze=False)
    repeats(trials, data)
    factors, counts = right.subplots(1, 2, width_ratios=(2.1, 1))
    fano(factors, data)
    whole_trials(counts, data)
    lettered = (network, curves, tested, compared, trials[0, 0], factors, counts)
    name_panels("abcdefg", [axes for axes in lettered if axes.axison or axes is network])
    return figure


def teaser(data: Data) -> Figure:
    """Draw the accuracies of networks tested with their own spikes, and the two controls."""
    figure = plt.figure(figsize=TEASER)
    axes = figure.subplots()
    kinds = {mode: data[mode]["test_mean"][i] for i, mode in enumerate(MODES)}
    frozen = {mode: data[f"{mode}_frozen"]["test_mean"][i] for i, mode in enumerate(MODES)}
    for x, (mode, mean) in enumerate(kinds.items()):
        axes.bar(x, 100 * mean, 0.55, color=MODES[mode])
        axes.text(x, 100 * mean + 2, f"{100 * mean:.0f} %", ha="center", weight="bold")
        look = {"color": NEUTRAL, "lw": 1.2, "ls": DASHES[1]}
        axes.hlines(100 * frozen[mode], x - 0.4, x + 0.4, **look)
    chance = 100 / data["stochastic"]["classes"].shape[1]
    axes.hlines(chance, -0.4, 1.4, color=NEUTRAL, lw=0.8)
    beside = {"size": SMALL, "color": NEUTRAL, "va": "center"}
    axes.text(1.45, 100 * frozen["stochastic"], "hidden layers\nfrozen", **beside)
    axes.text(1.45, chance, "chance", **beside)
    axes.set(xlim=(-0.5, 2.1), ylim=(0, 100), yticks=(0, 50, 100))
    axes.set_xticks(range(len(kinds)), [f"{mode}\nspikes" for mode in kinds])
    axes.set_ylabel("test accuracy (%)")
    words = "SuperSpike, a surrogate gradient (SG), trains deep"
    words += "\nnetworks on synthetic speech, with and without noise"
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
