"""Rasters of a trained network: a sample in all layers, and a neuron in many trials."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from figures.panels import Data, Panel
from figures.style import BRANCH, INK, MODES, NEUTRAL, ink

MODE_INKS = {mode: ink(color) for mode, color in MODES.items()}
"""Spike modes in words."""

# A raster of more neurons and steps than this is coarser in print: the ink of a dot is the square
# root of the share of its neurons and steps with a spike. At this ink its colour is full, or at the
# raster's 98 % quantile if that is more.
PRINTED = (80, 180)
DARK = 0.5


def layers(panel: Panel) -> list[str]:
    """Return the names of a network's hidden layers."""
    return [f"layer {number + 1}" for number in range(panel["repeats"].shape[1])]


def activity(grid: np.ndarray, panel: Panel) -> None:
    """Draw two utterances in one network, from the input (top) to the readout, a column each.

    Rasters of input and layers, and the readout's traces, the true class highlighted.
    """
    dt, names, color = float(panel["dt"][0]), panel["classes"][0], MODES["stochastic"]
    for sample, column in enumerate(grid.T):
        for axes, row in zip(column, ["input", *layers(panel)], strict=False):
            spikes = panel["sample_" + row.removeprefix("layer ")][0, sample]
            raster(axes, spikes.T, NEUTRAL if row == "input" else color, dt)
        traces, label = panel["sample_readout"][0, sample], panel["sample_label"][0, sample]
        time = np.arange(1, len(traces) + 1) * dt
        column[0].set_title(f"“{names[label]}”", fontsize=7, color=INK, fontweight="bold")
        readout = column[-1]
        readout.plot(time, traces, color=BRANCH, lw=0.4)
        readout.plot(time, traces[:, label], color=color, lw=1.5)
        readout.set(yticks=[], xlim=(0, time[-1]), xlabel="time (s)")
        readout.set_ylim(top=traces.min() + 1.3 * np.ptp(traces))
        words = f"heard “{names[panel['sample_answer'][sample]]}”"
        text = {"fontsize": 6, "color": INK, "va": "top", "transform": readout.transAxes}
        readout.text(0.02, 0.99, words, **text)


def raster(axes: Axes, spikes: np.ndarray, color: str, dt: float) -> None:
    """Draw spikes as an image, rows from bottom to top, time from left to right.

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
    axes.spines[:].set(visible=True, linewidth=0.4)


def _shares(values: np.ndarray, most: int) -> np.ndarray:
    """Return means of neighbouring rows, so that at most a given number of rows is left."""
    size = -(-len(values) // most)
    starts = np.arange(0, len(values), size)
    sizes = np.diff(starts, append=len(values))
    return np.add.reduceat(values, starts, axis=0) / sizes[:, None]


def round_ticks(end: float, n: int) -> np.ndarray:
    """Return ticks from 0 on, n steps of the largest round size that do not pass the end."""
    power = 10.0 ** np.floor(np.log10(end / n))
    step = max(digit for digit in (1, 2, 3, 5) if digit * power * n <= end * (1 + 1e-9))
    return step * power * np.arange(n + 1)


def repeats(grid: np.ndarray, data: Data) -> None:
    """Draw a neuron of every hidden layer (rows) in 30 trials with one sample, a column a mode."""
    for column, mode in zip(grid.T, MODES, strict=True):
        panel = data[mode]
        dt = float(panel["dt"][0])
        for axes, spikes in zip(column, panel["repeats"][0], strict=False):
            raster(axes, spikes, MODES[mode], dt)
        for axes in column[len(layers(panel)) :]:
            axes.axis("off")
        column[0].set_title(mode, fontsize=6, color=MODE_INKS[mode], fontweight="bold")
        column[-1].set_xticks(round_ticks(spikes.shape[1] * dt, 2))
        column[-1].set_xlabel("time (s)")
    deepest = max((layers(data[mode]) for mode in MODES), key=len)
    for axes, name in zip(grid[:, 0], deepest, strict=True):
        axes.set_ylabel(f"{name},\n{len(spikes)} trials", fontsize=6)
