"""Rasters of a trained network: one sample through all layers, and one neuron in many trials."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import SubFigure

from figures.style import MODES, NEUTRAL, SMALL

Panel = dict[str, np.ndarray]

# The stochastic network is what the figure is about.
STOCHASTIC_FIRST = tuple(reversed(MODES.items()))
LAYERS = ("layer 1", "layer 2", "layer 3")
ROWS = ("input", *LAYERS, "readout")

# A raster of more neurons and steps than this is coarser in print: the ink of a dot is the square
# root of the share of its neurons and steps with a spike. At this ink its colour is full, or at the
# raster's 98 % quantile if that is more.
PRINTED = (80, 180)
DARK = 0.5


def activity(block: SubFigure, data: dict[str, Panel]) -> Axes:
    """Input, three hidden layers and readout of two samples, beside each other under both modes.

    Args:
        block: Where to draw.
        data: The figure's panels.

    Returns:
        The axes at the upper left.
    """
    # The narrow column keeps the two modes apart.
    grid = block.add_gridspec(len(ROWS), 5, width_ratios=(1, 1, 0.02, 1, 1))
    axes = {x: [block.add_subplot(grid[y, x]) for y in range(len(ROWS))] for x in (0, 1, 3, 4)}
    for left, (mode, color) in zip((0, 3), STOCHASTIC_FIRST, strict=True):
        for sample in (0, 1):
            _sample(axes[left + sample], data[mode], sample, mode, color)
    for first, row in zip(axes[0], ROWS, strict=True):
        n = "" if row == "readout" else data["stochastic"][_raster_name(row)].shape[-1]
        first.set_ylabel(f"{row}\n{n}".strip(), fontsize=SMALL)
    return axes[0][0]


def _raster_name(row: str) -> str:
    return "sample_" + row.removeprefix("layer ")


def _sample(column: list[Axes], panel: Panel, sample: int, mode: str, color: str) -> None:
    """One sample from the input (top) to the readout's traces, the true class highlighted."""
    dt, names = float(panel["dt"][0]), panel["classes"][0]
    for axes, row in zip(column, ROWS[:-1], strict=False):
        spikes = panel[_raster_name(row)][0, sample]
        raster(axes, spikes.T, NEUTRAL if row == "input" else color, dt)
    traces, label = panel["sample_readout"][0, sample], panel["sample_label"][0, sample]
    time = np.arange(1, len(traces) + 1) * dt
    column[0].set_title(f"{mode}, “{names[label]}”", fontsize=7, color=color, fontweight="bold")
    readout = column[-1]
    readout.plot(time, traces, color="0.75", lw=0.4)
    readout.plot(time, traces[:, label], color=color, lw=1.3)
    readout.set(yticks=[], xlim=(0, time[-1]), xlabel="time (s)")
    # The class whose trace reaches the highest value is the answer.
    heard = names[traces.max(axis=0).argmax()]
    readout.set_ylim(top=traces.min() + 1.2 * np.ptp(traces))
    text = {"fontsize": 6, "color": NEUTRAL, "va": "top", "transform": readout.transAxes}
    readout.text(0.02, 0.99, f"heard as “{heard}”", **text)


def raster(axes: Axes, spikes: np.ndarray, color: str, dt: float) -> None:
    """Spikes as an image, rows from bottom to top, time from left to right.

    Args:
        axes: Where.
        spikes: bool, (row, time).
        color: A spike's colour; fainter where only some of a printed row's neurons spiked.
        dt: Time step, s.
    """
    ink = np.sqrt(_shares(_shares(spikes.astype(float), PRINTED[0]).T, PRINTED[1]).T)
    opacity = np.minimum(ink / max(np.quantile(ink, 0.98), DARK), 1)[..., None]
    image = opacity * to_rgb(color) + (1 - opacity)
    extent = (0, spikes.shape[1] * dt, 0, len(spikes))
    axes.imshow(image, aspect="auto", origin="lower", extent=extent, interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_linewidth(0.4)


def _shares(values: np.ndarray, most: int) -> np.ndarray:
    """Means of as many neighbouring rows as leave at most so many of them."""
    size = -(-len(values) // most)
    starts = np.arange(0, len(values), size)
    sizes = np.diff(starts, append=len(values))
    return np.add.reduceat(values, starts, axis=0) / sizes[:, None]


def repeats(grid: np.ndarray, data: dict[str, Panel]) -> None:
    """Three hidden neurons (rows) in 30 trials with one sample, either mode a column."""
    for column, (mode, color) in zip(grid.T, STOCHASTIC_FIRST, strict=True):
        panel = data[mode]
        dt = float(panel["dt"][0])
        for axes, spikes in zip(column, panel["repeats"][0], strict=True):
            raster(axes, spikes, color, dt)
        column[0].set_title(mode, fontsize=7, color=color, fontweight="bold")
        column[-1].set_xlabel(f"{len(spikes)} trials, {spikes.shape[1] * dt:.1f} s", fontsize=7)
    for axes, name in zip(grid[:, 0], LAYERS, strict=True):
        axes.set_ylabel(name, fontsize=SMALL)
