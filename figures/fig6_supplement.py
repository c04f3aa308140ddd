"""Supplement of figure 6: the picture as it emerges, the hidden layers, rates and intervals."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.panels import spike_training
from figures.panels.spike_pictures import SMALLEST, Place, show
from figures.style import FULL_WIDTH, INK, MODES, columns, name_panels, rows

HEIGHTS = (1.45, 1.6, 0.25, 1.8)
"""Heights of the rows, inches."""
GAP = 0.05


def render(data: dict[str, dict[str, np.ndarray]]) -> Figure:
    """Draw rasters during and after training, and statistics of spikes."""
    figure = plt.figure(figsize=(FULL_WIDTH, sum(HEIGHTS)))
    _, second, key, third = rows(figure, HEIGHTS)
    frames = _frames(figure, data["stochastic"], sum(HEIGHTS[1:]) + 0.2)
    layers = _layers(figure, data, sum(HEIGHTS[2:]) + 0.3)
    rates = columns(second, (4.05, 2.95))[1].subplots()
    spike_training.rates(rates, data)
    spike_training.layer_key(key)
    isi, cv, rate = third.subplots(1, 3)
    spike_training.histogram(isi, data, "isi", np.arange(0.5, 60))
    spike_training.histogram(cv, data, "cv", np.linspace(0, 3, 31))
    spike_training.histogram(rate, data, "rates", np.linspace(0, 600, 31))
    isi.set(xlabel="interspike interval (ms)", ylabel="% of intervals, per ms", yscale="log")
    cv.set(xlabel="CV of intervals", ylabel="% of neurons, per 0.1")
    rate.set(xlabel="rate (Hz)", ylabel="% of neurons, per 20 Hz")
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
