"""How a trained network's spikes vary from trial to trial, and how often its neurons spike."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from figures.panels import Data
from figures.panels.rasters import MODE_INKS, layers, round_ticks
from figures.style import DASHES, LAYERS, MODES, NEUTRAL, SMALL, apart, ink

SLOWEST = 0.01
"""Rates below are drawn here, Hz: a few spikes in all of the test set."""


RIGHT = 1.5
"""Width of the axes of Fano factors over the trial's duration: names are at the right."""
KEY_LINE = 0.07
"""Height of a line of the key, as a share of the axes."""
LINE = 0.1
"""Height of a name, as a share of the axes."""


def fano(axes: Axes, data: Data) -> None:
    """Draw the Fano factor in moving windows, and at the right that of whole trials, with names."""
    panel, silent = data["stochastic"], data["deterministic"]
    end = panel["sample_input"].shape[2] * float(panel["dt"][0])
    axes.axvline(1.02 * end, color=NEUTRAL, lw=0.4)
    # Factors of a silent layer are NaN, which np.fmax ignores.
    largest = np.fmax.reduce(silent["fano_counts"][0])
    counts = {"deterministic": (largest, MODES["deterministic"])}
    axes.plot(silent["fano_time"], silent["fano"][0].T, color=MODES["deterministic"], lw=1.5)
    color = MODES["stochastic"]
    for layer, (name, dashes) in enumerate(zip(layers(panel), LAYERS, strict=False)):
        look = {"color": color, "ls": dashes, "lw": 1.2}
        axes.plot(panel["fano_time"], panel["fano"][0, layer], label=name, **look)
        counts[name] = panel["fano_counts"][0, layer], color
    axes.axhline(1, xmax=1.02 / RIGHT, color=NEUTRAL, lw=0.6, ls=DASHES[2])
    factors = np.append(panel["fano"][0], panel["fano_counts"][0])
    top = 1.12 * np.fmax.reduce(factors, axis=None, initial=1.0)
    axes.set(
        xlabel="time (s)",
        ylabel=f"Fano factor, {1e3 * panel['fano_window']:.0f} ms windows",
        xlim=(0, RIGHT * end),
        ylim=(-0.03 * top, top),
        xticks=round_ticks(end, 3),
    )
    place: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0, 1), "ncols": 4}
    room = 0.1 + KEY_LINE * (1 + len(layers(panel)))
    if np.fmin.reduce(panel["fano"][0], axis=None, initial=np.inf) > room * top:
        place |= {"bbox_to_anchor": (0.03, 0.08), "ncols": 1, "title": "stochastic"}
        axes.set_title("variability from trial to trial (0: none)", size=SMALL)
    axes.legend(fontsize=SMALL, handlelength=3, title_fontsize=SMALL, borderaxespad=0, **place)
    beside = {"size": SMALL, "va": "center", "transform": axes.get_yaxis_transform()}
    # A silent layer has no dot; its name is at the bottom.
    wanted = {name: float(np.nan_to_num(count)) / top for name, (count, _) in counts.items()}
    names = sorted(wanted, key=wanted.__getitem__)
    heights = apart([wanted[name] for name in names], [LINE] * len(names))
    for name, height in zip(names, heights, strict=True):
        count, color = counts[name]
        axes.plot(1.09 * end, count, "o", color=color, ms=4, clip_on=False)
        axes.text(1.14 / RIGHT, height * top, name, color=ink(color), **beside)
    axes.text(0.02 * end, 1.02, "Poisson", size=SMALL, color=NEUTRAL, va="bottom")
    axes.text(1.04 * end, top, "whole trial", size=SMALL, color=NEUTRAL, va="top")


def rates(row: np.ndarray, data: Data) -> None:
    """Draw the cumulative distribution of rates, and the share of silent neurons, by layer."""
    fastest = 150.0
    for layer, axes in enumerate(row, start=1):
        for mode, color in MODES.items():
            if f"unit_rates_{layer}" not in data[mode]:
                continue
            values = np.sort(data[mode][f"unit_rates_{layer}"].ravel()).clip(SLOWEST)
            axes.ecdf(values, color=color, lw=1.3)
            never = np.mean(data[mode][f"unit_rates_{layer}"] == 0)
            axes.plot(SLOWEST, never, "o", color=color, ms=3, mew=0, clip_on=False, zorder=3)
            fastest = max(fastest, values[-1])
        axes.set(xscale="log", xlim=(SLOWEST, fastest), ylim=(0, 1))
        axes.set_xticks((0.01, 0.1, 1, 10, 100), ("≤ 0.01", "0.1", "1", "10", "100"))
        axes.minorticks_off()
        axes.set_title(f"layer {layer}", size=7)
    # Panels of many layers are too low for both names.
    for mode, axes, y in zip(
        MODES, (row[0], row[min(1, len(row) - 1)]), (0.8, 0.8 if len(row) > 1 else 0.5), strict=True
    ):
        axes.text(0.014, y, mode, size=SMALL, color=MODE_INKS[mode], weight="bold", va="center")
    row[-1].set_xlabel("rate (Hz); dots: never")
    row[len(row) // 2].set_ylabel("share of the layer's neurons")
