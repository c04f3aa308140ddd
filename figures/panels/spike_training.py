"""Spike matching: medians over seeds with their range along training, and ratios after it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from figures.looks import Look
from figures.panels import Data, Panel
from figures.panels.forest import Estimate, forest
from figures.style import INK, MODES, NEUTRAL, SHADE, SMALL, name_looks

OUTPUT = (0, (4, 1.5))
SHORT = {"deterministic": "det.:", "stochastic": "stoch.:"}
CONDITIONS = {
    "deterministic": (
        ("deterministic", "all learn"),
        ("deterministic_frozen", "hidden frozen"),
        ("deterministic_frozen_slow", "frozen, slower"),
    ),
    "stochastic": (
        ("stochastic", "all learn"),
        ("stochastic_frozen", "hidden frozen"),
    ),
}
"""Per spike mode: panel, and what is trained; controls after the network they belong to."""
COLUMNS = ("", "_frozen", "_frozen_slow")
"""Ends of the names of panels, in the order of the columns of `distances`."""
TITLES = (
    "all weights learn",
    "hidden weights frozen",
    "frozen, slower readout",
    "all learn, other spikes in test",
)


def curve(axes: Axes, data: Panel, name: str, color: str, ls: Any, label: str = "") -> None:
    """Draw the median over seeds, and their range."""
    epoch, values = data["epoch"][0], data[name].astype(float)
    # A single point needs a marker.
    look: dict[str, Any] = {"color": color, "ls": ls, "lw": 1, "label": label}
    axes.plot(epoch, np.median(values, axis=0), marker="." if len(epoch) == 1 else "", **look)
    if len(values) > 1:
        low, high = values.min(axis=0), values.max(axis=0)
        axes.fill_between(epoch, low, high, color=color, alpha=0.25, lw=0)


def epochs(axes: Axes) -> None:
    """Label the axis of epochs."""
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(3, prune="upper"))


def distances(row: Sequence[Axes], data: Data, name: str) -> None:
    """Draw a distance along training, a condition in each panel, both spike modes in each."""
    for axes, end in zip(row, COLUMNS, strict=False):
        for mode, color in MODES.items():
            if f"{mode}{end}" in data:
                curve(axes, data[f"{mode}{end}"], name, color, "-", mode)
    for mode, color in MODES.items():
        tested = np.median(data[mode][f"other_{name}"], axis=0)[1:]
        epoch = data[mode]["observed_epoch"][0][1:]
        row[-1].plot(epoch, tested, color=color, marker="." if len(epoch) == 1 else "", lw=1)
    for axes in row:
        epochs(axes)


def ratios(axes: Axes, data: Data, name: str) -> None:
    """Draw a distance after training over that of each control: mean, 95 % interval, and seeds.

    A filled mean differs from 1 by Holm's procedure over all comparisons. The number is at the
    right of each row.
    """
    row, ticks, rows = 0, {}, {}
    for mode, ((trained, _), *controls) in CONDITIONS.items():
        look = Look(mode, "other", "o", tint=MODES[mode])
        for control, words in controls:
            ticks[row] = f"{SHORT[mode]} {words}"
            if f"ratio_{name}" in data[control]:
                pairs = data[trained][f"last_{name}"] / data[control][f"last_{name}"]
                mean, low, high = data[control][f"ratio_{name}"]
                axes.plot(pairs, np.full(len(pairs), row + 0.28), ".", color=INK, ms=3, mew=0)
                decided = bool(data[control][f"decided_{name}"])
                rows[row] = Estimate((mean, low, high), look, decided)
                ends = f"[{low:.2f}, {high:.2f}]" if np.isfinite(high) else "one seed"
                place: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "va": "center"}
                axes.text(1.03, row, f"{mean:.2f} {ends}", fontsize=SMALL, **place)
            row += 1
    forest(axes, {"": rows}, null=1, size=4.5)
    axes.set_yticks(list(ticks), ticks.values(), fontsize=SMALL)
    axes.set_ylim(row - 0.5, -0.6)
    axes.tick_params(axis="y", length=0)


def logarithmic(axes: Axes) -> None:
    """Make the axis of ratios logarithmic, with few round ticks."""
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    subs = (1, 2, 5) if high < 100 * low else (1,)
    axes.xaxis.set_major_locator(LogLocator(subs=subs, numticks=5))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_locator(NullLocator())


def fano(axes: Axes, data: Panel) -> None:
    """Draw Fano factors of the stochastic network, of single bins and of whole trials."""
    for name, ls in (("hidden", "-"), ("output", OUTPUT)):
        curve(axes, data, f"fano_{name}", MODES["stochastic"], ls, f"{name}, 1 ms bins")
        curve(axes, data, f"fano_counts_{name}", NEUTRAL, ls, f"{name}, whole trials")
    axes.set(ylabel="Fano factor", ylim=(0, None))
    axes.set_title("variability, stochastic", size=7.5)
    epochs(axes)
    middle = {"loc": "center", "bbox_to_anchor": (0.62, 0.46), "labelspacing": 0.15}
    axes.legend(fontsize=SMALL, handlelength=2, borderpad=0, **middle)


def mode_key(figure: SubFigure) -> None:
    """Name the colours of both spike modes, in a row of its own."""
    looks: dict[str, Any] = {mode: {"color": color, "lw": 1.4} for mode, color in MODES.items()}
    looks["shaded: range of seeds"] = SHADE
    name_looks(figure, looks, loc="outside upper center", ncols=3)


def layer_key(figure: SubFigure) -> None:
    """Name the lines of `histogram`, above them."""
    looks = {mode: {"color": color, "lw": 1} for mode, color in MODES.items()}
    looks |= {
        f"{layer} layer": {"color": NEUTRAL, "lw": 1, "ls": ls}
        for layer, ls in (("hidden", "-"), ("output", OUTPUT))
    }
    name_looks(figure, looks, loc="outside upper center", ncols=4, handlelength=2.6)


def rates(axes: Axes, data: Data) -> None:
    """Draw the rates of both layers along training."""
    for mode, color in MODES.items():
        curve(axes, data[mode], "rate_hidden", color, "-", mode)
        curve(axes, data[mode], "rate_output", color, OUTPUT)
    axes.plot([], [], color=NEUTRAL, ls=OUTPUT, label="output layer")
    axes.plot([], [], color=NEUTRAL, label="hidden layer")
    axes.set(ylabel="rate (Hz)", ylim=(0, None))
    epochs(axes)
    axes.legend(
        fontsize=SMALL, handlelength=2.2, loc="center", bbox_to_anchor=(0.55, 0.55), ncols=2
    )


def histogram(axes: Axes, data: Data, name: str, bins: np.ndarray, when: str) -> None:
    """Draw the distribution before or after training, all seeds together, as shares of bins."""
    end = "_before" if when == "before" else ""
    for mode, color in MODES.items():
        for layer, ls in (("hidden", "-"), ("output", OUTPUT)):
            values = data[mode][f"{name}_{layer}{end}"].astype(float).ravel()
            values = values[np.isfinite(values)]
            share = 100 * np.histogram(values, bins)[0] / max(values.size, 1)
            # No line down to zero at the ends, where the axis ends and values go on.
            axes.stairs(share, bins, baseline=None, color=color, ls=ls, lw=1)
    axes.set_xlim(bins[0], bins[-1])
