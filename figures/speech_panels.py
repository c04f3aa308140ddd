"""Panels of figure 7 on what trained networks do: activity, repeats, variability and rates."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import SubFigure

from figures.style import DETERMINISTIC, NEUTRAL, STOCHASTIC

Panel = dict[str, np.ndarray]

MODES = {"deterministic": DETERMINISTIC, "stochastic": STOCHASTIC}
# The stochastic network is what the figure is about.
STOCHASTIC_FIRST = tuple(reversed(MODES.items()))
LAYERS = ("layer 1", "layer 2", "layer 3")
ROWS = ("input", *LAYERS, "readout")
# The stochastic networks' colour, from the first layer to the last; dashes tell them apart in grey.
SHADES = ("#f0cb52", "#b98d00", "#6b5200")
DASHES = ("-", (0, (4, 1)), (0, (1, 0.8)))
SMALL = 6.5

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
    sizes = np.diff([*starts, len(values)])
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


def curve(axes: Axes, x: np.ndarray, values: np.ndarray, **look: object) -> None:
    """Median over seeds, and their range; seeds without a value are left out.

    Args:
        axes: Where.
        x: (point,).
        values: (seed, point), NaN or infinite where there is no value.
        **look: Colour, dashes and label of the line.
    """
    finite = np.ma.masked_invalid(values)
    axes.plot(x, np.ma.median(finite, axis=0).filled(np.nan), **{"lw": 1, **look})
    if len(values) > 1:
        low, high = (end.filled(np.nan) for end in (finite.min(axis=0), finite.max(axis=0)))
        axes.fill_between(x, low, high, color=look["color"], alpha=0.25, lw=0)


def legend_above(axes: Axes) -> None:
    """A legend in two columns above the axes, to the right of the panel's letter."""
    place = {"loc": "lower left", "bbox_to_anchor": (0.08, 1)}
    axes.legend(fontsize=6, handlelength=2, ncols=2, columnspacing=1, **place)


def fano(axes: Axes, data: dict[str, Panel]) -> None:
    """Fano factor in moving windows against their middle, and of a trial's counts at the right."""
    panel = data["stochastic"]
    dt, n_steps = float(panel["dt"][0]), panel["sample_input"].shape[2]
    n_windows = panel["fano"].shape[-1]
    window = n_steps - n_windows  # the last window is left out
    middle = (np.arange(n_windows) + window / 2) * dt
    end = n_steps * dt
    axes.axhline(1, color=NEUTRAL, lw=0.6, ls=(0, (1, 1.2)))
    axes.text(end, 0.985, "Poisson", fontsize=6, color=NEUTRAL, ha="right", va="top")
    for layer, name in enumerate(LAYERS):
        color = SHADES[layer]
        curve(
            axes, middle, panel["fano"][:, layer], color=color, ls=DASHES[layer], lw=0.8, label=name
        )
        counts = np.median(panel["fano_counts"][:, layer])
        axes.plot(1.07 * end, counts, "o", color=color, ms=3.5, clip_on=False)
        curve(axes, middle, data["deterministic"]["fano"][:, layer], color=DETERMINISTIC, lw=1.5)
    axes.text(end / 2, 0.03, "deterministic", fontsize=6, color=DETERMINISTIC, ha="center")
    axes.plot([], [], "o", color=NEUTRAL, ms=3.5, label="whole trial")
    axes.set(
        xlabel="time (s)",
        ylabel=f"Fano factor, {1e3 * window * dt:.0f} ms",
        xlim=(0, 1.1 * end),
        ylim=(-0.02, None),
    )
    legend_above(axes)


def rates(axes: Axes, data: dict[str, Panel]) -> None:
    """Distribution over neurons of the rate, layer by layer: one mode to the left, one right."""
    everything = [data[mode][f"unit_rates_{layer}"] for mode in MODES for layer in (1, 2, 3)]
    top = np.quantile(np.concatenate([r.ravel() for r in everything]), 0.98)
    bins = np.linspace(0, max(top, 1), 26)
    for side, (mode, color) in zip((-1, 1), MODES.items(), strict=True):
        for layer in (1, 2, 3):
            values = data[mode][f"unit_rates_{layer}"].ravel()
            counts = np.histogram(values, bins)[0]
            width = side * 0.43 * counts / max(counts.max(), 1)
            axes.stairs(
                layer + width,
                bins,
                baseline=layer,
                orientation="horizontal",
                fill=True,
                color=color,
                alpha=0.55,
            )
            axes.plot([layer, layer + side * 0.43], [np.median(values)] * 2, color="black", lw=0.8)
    axes.set(
        xticks=(1, 2, 3), xlabel="hidden layer (bars: medians)", ylabel="rate (Hz)", ylim=(0, None)
    )
