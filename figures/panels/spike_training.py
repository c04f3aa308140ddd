"""Curves of spike matching: medians over seeds with their range, and every seed's last value."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from figures.style import MODES, NEUTRAL, SMALL, STOCHASTIC

Panel = dict[str, np.ndarray]
Panels = dict[str, Panel]

TRAINED, FROZEN, SLOW = "-", (0, (1, 1.2)), (0, (4, 1.2, 1, 1.2))
OUTPUT = (0, (4, 1.5))
CONDITIONS = {
    "deterministic": (
        ("deterministic", "all\nlearn", True),
        ("deterministic_frozen", "hidden\nfrozen", False),
        ("deterministic_frozen_slow", "frozen,\nslower", False),
    ),
    "stochastic": (
        ("stochastic", "all\nlearn", True),
        ("stochastic_frozen", "hidden\nfrozen", False),
    ),
}
"""Per spike mode: panel, what it is called, and whether its hidden weights learn."""


def curve(axes: Axes, data: Panel, name: str, color: str, ls: Any, label: str = "") -> None:
    """Median over seeds, and their range."""
    epoch, values = data["epoch"][0], data[name].astype(float)
    # One point alone is no line.
    look: dict[str, Any] = {"color": color, "ls": ls, "lw": 1, "label": label}
    axes.plot(epoch, np.median(values, axis=0), marker="." if len(epoch) == 1 else "", **look)
    if len(values) > 1:
        low, high = values.min(axis=0), values.max(axis=0)
        axes.fill_between(epoch, low, high, color=color, alpha=0.25, lw=0)


def epochs(axes: Axes) -> None:
    """The axis of epochs."""
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(3, prune="upper"))


def distances(axes: Axes, data: Panels, name: str) -> None:
    """A distance along training: both modes, their controls, and tests under the other mode."""
    for mode, color in MODES.items():
        curve(axes, data[mode], name, color, TRAINED)
        curve(axes, data[f"{mode}_frozen"], name, color, FROZEN)
        tested = np.median(data[mode][f"other_{name}"], axis=0)[1:]
        axes.plot(data[mode]["observed_epoch"][0][1:], tested, ".", color=color, ms=2)
    curve(axes, data["deterministic_frozen_slow"], name, MODES["deterministic"], SLOW)
    epochs(axes)


def pairs(axes: Axes, data: Panels, name: str) -> None:
    """The distance after training, every seed a line from condition to condition."""
    start, ticks, labels = 0.0, [], []
    for mode, conditions in CONDITIONS.items():
        x = start + np.arange(len(conditions))
        values = np.stack([data[panel][f"last_{name}"] for panel, *_ in conditions])
        axes.plot(x, values, color=MODES[mode], lw=0.7)
        for at, row, (_, label, learns) in zip(x, values, conditions, strict=True):
            face = MODES[mode] if learns else "white"
            axes.plot([at] * row.size, row, "o", ms=4, mfc=face, mec=MODES[mode], mew=0.9, zorder=3)
            ticks.append(at)
            labels.append(label)
        start = x[-1] + 1.5
    axes.set(xticks=ticks, xlim=(-0.5, ticks[-1] + 0.5))
    axes.set_xticklabels(labels, fontsize=SMALL)


def key(axes: Axes) -> None:
    """Names the lines and markers of all curves."""
    axes.axis("off")
    handles = [
        *(Line2D([], [], color=color, label=mode) for mode, color in MODES.items()),
        Line2D([], [], color=NEUTRAL, ls=FROZEN, label="hidden weights frozen"),
        Line2D([], [], color=NEUTRAL, ls=SLOW, label="the same, slower readout"),
        Line2D([], [], color=NEUTRAL, marker=".", ls="", ms=3, label="tested in the other mode"),
        Line2D([], [], color=NEUTRAL, marker="o", ls="", ms=4, label="a seed: all learn"),
        Line2D([], [], color=NEUTRAL, marker="o", mfc="white", ls="", ms=4, label="hidden frozen"),
    ]
    axes.legend(handles=handles, loc="center left", fontsize=SMALL, handlelength=2.4, borderpad=0)


def fano(axes: Axes, data: Panel) -> None:
    """Fano factors of the stochastic network, of single bins and of whole trials."""
    for name, ls in (("hidden", "-"), ("output", OUTPUT)):
        curve(axes, data, f"fano_{name}", STOCHASTIC, ls, f"{name}, per bin")
        curve(axes, data, f"fano_counts_{name}", NEUTRAL, ls, f"{name}, counts")
    axes.set(ylabel="Fano factor (stochastic)", ylim=(0, None))
    epochs(axes)
    middle = {"loc": "center", "bbox_to_anchor": (0.6, 0.5), "labelspacing": 0.2}
    axes.legend(fontsize=SMALL, handlelength=2, borderpad=0, **middle)


def rates(axes: Axes, data: Panels) -> None:
    """Rates of both layers along training."""
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


def histogram(axes: Axes, data: Panels, name: str, bins: np.ndarray, label: str) -> None:
    """Distribution after training; all seeds together."""
    for mode, color in MODES.items():
        for layer, ls in (("hidden", "-"), ("output", OUTPUT)):
            values = data[mode][f"{name}_{layer}"].astype(float).ravel()
            values = values[np.isfinite(values)]
            axes.hist(
                values, bins.tolist(), density=True, histtype="step", color=color, ls=ls, lw=1
            )
    axes.set(xlabel=label, yticks=[], ylabel="density", xlim=(bins[0], bins[-1]))
