"""Supplement of figure 6: the picture as it emerges, the hidden layers, rates and intervals."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.panels import spike_training
from figures.panels.spike_pictures import SMALLEST, Place, show
from figures.style import FULL_WIDTH, INK, MODES, columns, name_panels, rows

HEIGHTS = (1.45, 1.6, 0.25, 3.0)
"""Heights of the rows, inches."""
GAP = 0.05
BINS = np.arange(0.5, 60), np.linspace(0, 3, 31), np.linspace(0, 600, 31)
LABELS = (
    ("% of intervals,\nper ms", "interspike interval (ms)"),
    ("% of neurons,\nper 0.1", "CV of intervals"),
    ("% of neurons,\nper 20 Hz", "rate (Hz)"),
)


def render(data: dict[str, dict[str, np.ndarray]]) -> Figure:
    """Draw rasters during and after training, and statistics of spikes."""
    figure = plt.figure(figsize=(FULL_WIDTH, sum(HEIGHTS)))
    _, second, key, third = rows(figure, HEIGHTS)
    frames = _frames(figure, data["stochastic"], sum(HEIGHTS[1:]) + 0.2)
    layers = _layers(figure, data, sum(HEIGHTS[2:]) + 0.3)
    rates = columns(second, (4.05, 2.95))[1].subplots()
    spike_training.rates(rates, data)
    spike_training.layer_key(key)
    grid = third.subplots(2, 3, sharex="col", sharey="col")
    for row, when in zip(grid, ("before", "after"), strict=True):
        for axes, name, bins in zip(row, ("isi", "cv", "rates"), BINS, strict=True):
            spike_training.histogram(axes, data, name, bins, when)
            axes.set_title(f"{when} training", fontsize=7.5)
    isi, cv, rate = grid[0]
    isi.set_yscale("log")
    for column, words in zip(grid.T, LABELS, strict=True):
        column[0].set_ylabel(words[0])
        column[1].set(xlabel=words[1], ylabel=words[0])
    name_panels("abcdef", (frames, layers, rates, isi, cv, rate))
    return figure


def _place(i: int, bottom: float) -> Place:
    width, height = SMALLEST
    return 0.05 + i * (width + GAP), bottom, width, height


def _frames(figure: Figure, data: dict[str, np.ndarray], bottom: float) -> Axes:
    """Draw the output of the stochastic network, from before training on, and the target."""
    frames = data["frames"][0]
    drawn = []
    for i, (raster, epoch) in enumerate(zip(frames, data["frame_epoch"][0], strict=True)):
        drawn.append(
            show(figure, raster.T, _place(i, bottom), MODES["stochastic"], f"epoch {epoch}")
        )
    show(figure, data["picture"][0], _place(len(frames), bottom), INK, "target")
    return drawn[0]


def _layers(figure: Figure, data: dict[str, dict[str, np.ndarray]], bottom: float) -> Axes:
    """Draw the hidden layer and output before training, and the hidden layer after it, by mode."""
    drawn = []
    for mode, color in MODES.items():
        for when in ("before", "after"):
            raster = data[mode][f"hidden_{when}"][0].T
            place = _place(len(drawn), bottom)
            drawn.append(show(figure, raster, place, color, f"hidden, {when}"))
            drawn[-1].set_xlabel(mode, fontsize=7, labelpad=2)
    return drawn[0]
