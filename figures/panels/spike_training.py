"""Spike matching: medians over seeds with their range along training, and ratios after it."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from figures.looks import Look
from figures.panels import Data, Panel
from figures.panels.forest import Estimate, forest
from figures.panels.rasters import MODE_INKS
from figures.style import INK, MODES, NEUTRAL, SHADE, SMALL, name_looks
from figures.verdicts import BY_HOLM

TRAINED, FROZEN, SLOW = "-", (0, (1, 1.2)), (0, (4, 1.2, 1, 1.2))
OUTPUT = (0, (4, 1.5))
CONDITIONS = {
    "deterministic": (
        ("deterministic", TRAINED, "all learn"),
        ("deterministic_frozen", FROZEN, "frozen"),
        ("deterministic_frozen_slow", SLOW, "frozen, slower\nreadout"),
    ),
    "stochastic": (
        ("stochastic", TRAINED, "all learn"),
        ("stochastic_frozen", FROZEN, "frozen"),
    ),
}
"""Per spike mode: panel, dashes, and what is trained; controls after the network they belong to."""
OTHER: dict[str, Any] = {"color": INK, "marker": ".", "ls": "", "ms": 2.5, "mew": 0}


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


def distances(axes: Axes, data: Data, name: str, mode: str) -> None:
    """Draw a distance along training: a mode, controls, and tests under the other mode."""
    for panel, dashes, _ in CONDITIONS[mode]:
        curve(axes, data[panel], name, MODES[mode], dashes)
    tested = np.median(data[mode][f"other_{name}"], axis=0)[1:]
    axes.plot(data[mode]["observed_epoch"][0][1:], tested, **OTHER)
    axes.set_title(mode, fontsize=7, color=MODE_INKS[mode], fontweight="bold")
    epochs(axes)


def key(figure: SubFigure) -> None:
    """Name the lines of `distances`, above them."""
    looks = {
        "all weights learn": {"color": NEUTRAL, "ls": TRAINED},
        "hidden weights frozen": {"color": NEUTRAL, "ls": FROZEN},
        "frozen, slower readout": {"color": NEUTRAL, "ls": SLOW},
        "all learn, tested in the other mode": OTHER,
    }
    looks["range of seeds"] = SHADE
    row = {"ncols": 5, "handlelength": 2.4, "columnspacing": 1.0}
    name_looks(figure, looks, loc="outside upper center", **row)


def ratios(axes: Axes, data: Data, name: str) -> None:
    """Draw a distance after training over that of each control: mean, 95 % interval, and seeds.

    A filled mean differs from 1 by Holm's procedure over all comparisons.
    """
    row, ticks, rows = 0, {}, {}
    for mode, ((trained, *_), *controls) in CONDITIONS.items():
        look = Look(mode, "other", "o", tint=MODES[mode])
        for control, _, words in controls:
            ticks[row] = f"{mode}\n{words}"
            if f"ratio_{name}" in data[control]:
                pairs = data[trained][f"last_{name}"] / data[control][f"last_{name}"]
                mean, low, high = data[control][f"ratio_{name}"]
                axes.plot(pairs, np.full(len(pairs), row + 0.24), ".", color=INK, ms=3, mew=0)
                decided = bool(data[control][f"decided_{name}"])
                rows[row] = Estimate((mean, low, high), look, decided)
                ends = f" [{low:.3f}, {high:.3f}]" if np.isfinite(high) else ", one seed"
                place: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "va": "center"}
                axes.text(0.02, row - 0.32, f"{mean:.3f}{ends}", fontsize=SMALL, **place)
            row += 1
    forest(axes, {"": rows}, null=1, size=4.5)
    axes.set_yticks(list(ticks), ticks.values(), fontsize=SMALL)
    axes.set_ylim(row - 0.5, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.set_title(f"beyond the paper;\n{BY_HOLM}", fontsize=SMALL, color=NEUTRAL)


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
    axes.set(ylabel="Fano factor (stochastic)", ylim=(0, None))
    axes.set_title("variability from trial to trial (0: none)", size=SMALL)
    epochs(axes)
    middle = {"loc": "center", "bbox_to_anchor": (0.6, 0.5), "labelspacing": 0.2}
    axes.legend(fontsize=SMALL, handlelength=2, borderpad=0, **middle)


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


def histogram(axes: Axes, data: Data, name: str, bins: np.ndarray) -> None:
    """Draw the distribution after training, all seeds together, as the share of each bin."""
    for mode, color in MODES.items():
        for layer, ls in (("hidden", "-"), ("output", OUTPUT)):
            values = data[mode][f"{name}_{layer}"].astype(float).ravel()
            values = values[np.isfinite(values)]
            share = 100 * np.histogram(values, bins)[0] / max(values.size, 1)
            # No line down to zero at the ends, where the axis ends and values go on.
            axes.stairs(share, bins, baseline=None, color=color, ls=ls, lw=1)
    axes.set_xlim(bins[0], bins[-1])
