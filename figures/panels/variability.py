"""How a trained network's spikes vary from trial to trial, and how often its neurons spike."""

import numpy as np
from matplotlib.axes import Axes

from figures.panels import Data
from figures.panels.rasters import MODE_INKS, layers, round_ticks
from figures.style import DASHES, DETERMINISTIC, LAYERS, MODES, NEUTRAL, SMALL

SLOWEST = 0.01
"""Rates below are drawn here, Hz: a few spikes in all of the test set."""


def fano(axes: Axes, data: Data) -> None:
    """Draw the Fano factor in moving windows, and at the right that of whole trials."""
    panel, silent = data["stochastic"], data["deterministic"]
    end = panel["sample_input"].shape[2] * float(panel["dt"][0])
    axes.axvline(1.02 * end, color=NEUTRAL, lw=0.4)
    largest = max(np.nanmax(panel[of][0], initial=0.0) for of in ("fano", "fano_counts"))
    top = max(1.9, 1.6 * largest)
    axes.plot(silent["fano_time"], silent["fano"][0].T, color=DETERMINISTIC, lw=1.5)
    for layer, (name, (color, dashes)) in enumerate(zip(layers(panel), LAYERS, strict=False)):
        line = {"color": color, "ls": dashes, "lw": 1}
        axes.plot(panel["fano_time"], panel["fano"][0, layer], **line)
        axes.plot(1.13 * end, panel["fano_counts"][0, layer], "o", color=color, ms=4, clip_on=False)
        axes.plot([], [], marker="o", ms=3, label=name, **line)
    for count in silent["fano_counts"][0]:
        axes.plot(1.13 * end, count, "o", color=DETERMINISTIC, ms=4, clip_on=False)
    axes.plot([], [], color=DETERMINISTIC, lw=1.5, label="deterministic: 0")
    axes.axhline(1, color=NEUTRAL, lw=0.6, ls=DASHES[2], label="Poisson")
    axes.text(1.04 * end, top - 0.02, "whole\ntrial", size=6, color=NEUTRAL, va="top")
    axes.set(
        xlabel="time (s)",
        ylabel=f"Fano factor, {1e3 * panel['fano_window']:.0f} ms windows",
        xlim=(0, 1.25 * end),
        ylim=(-0.03, top),
        xticks=round_ticks(end, 3),
    )
    axes.legend(fontsize=6, loc="upper left", handlelength=2.4, labelspacing=0.2, borderaxespad=0)


def rates(row: np.ndarray, data: Data) -> None:
    """Draw the share of a layer's neurons that spike at most so often, one axes a layer."""
    fastest = 150.0
    for layer, axes in enumerate(row, start=1):
        for mode, color in MODES.items():
            if f"unit_rates_{layer}" not in data[mode]:
                continue
            values = np.sort(data[mode][f"unit_rates_{layer}"].ravel()).clip(SLOWEST)
            axes.ecdf(values, color=color, lw=1.3)
            fastest = max(fastest, values[-1])
        axes.set(xscale="log", xlim=(SLOWEST, fastest), ylim=(0, 1))
        axes.set_xticks((0.01, 0.1, 1, 10, 100), ("≤ 0.01", "0.1", "1", "10", "100"))
        axes.minorticks_off()
        axes.set_title(f"layer {layer}", size=7)
    for mode, down in zip(MODES, (0.08, 0.26), strict=True):
        y = 1 - down * len(row) / 3
        row[0].text(0.014, y, mode, size=SMALL, color=MODE_INKS[mode], weight="bold", va="center")
    row[-1].set_xlabel("rate (Hz)")
    row[len(row) // 2].set_ylabel("share of the layer's neurons")
