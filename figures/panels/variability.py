"""How a trained network's spikes vary from trial to trial, and how often its neurons spike."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from figures.panels import Data
from figures.panels.rasters import layers, round_ticks
from figures.style import DASHES, LAYERS, MODES, NEUTRAL, SMALL

KEY_LINE = 0.075
"""Height of a line of the key, as a share of the axes."""
SLOWEST = 0.01
"""Rates below are drawn here, Hz: a few spikes in all of the test set."""


def fano(axes: Axes, data: Data) -> None:
    """Draw the Fano factor in moving windows."""
    panel, silent = data["stochastic"], data["deterministic"]
    end = panel["sample_input"].shape[2] * float(panel["dt"][0])
    time, factors = silent["fano_time"], silent["fano"][0].T
    lines = axes.plot(time, factors, color=MODES["deterministic"], lw=1.5)
    lines[0].set_label("deterministic")
    for layer, (name, dashes) in enumerate(zip(layers(panel), LAYERS, strict=False)):
        look = {"color": MODES["stochastic"], "ls": dashes, "lw": 1.2}
        axes.plot(panel["fano_time"], panel["fano"][0, layer], label=f"stochastic, {name}", **look)
    axes.axhline(1, color=NEUTRAL, lw=0.6, ls=DASHES[2], label="Poisson")
    top = 1.12 * np.fmax.reduce(panel["fano"][0], axis=None, initial=1.0)
    axes.set(
        xlabel="time (s)",
        ylabel=f"Fano factor\n({1e3 * panel['fano_window']:.0f} ms windows)",
        xlim=(0, end),
        ylim=(-0.03 * top, top),
        xticks=round_ticks(end, 2),
    )
    place: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (-0.1, 1.1), "ncols": 1}
    room = 0.18 + KEY_LINE * (2 + len(layers(panel)))
    if np.fmin.reduce(panel["fano"][0], axis=None, initial=np.inf) > room * top:
        place |= {"bbox_to_anchor": (0.02, 0.09), "ncols": 1, "labelspacing": 0.2}
    axes.legend(fontsize=SMALL, handlelength=2, borderaxespad=0, **place)


def whole_trials(axes: Axes, data: Data) -> None:
    """Draw the Fano factor of counts in whole trials, on an axis of its own."""
    panel, silent = data["stochastic"], data["deterministic"]
    names = layers(panel)
    # Factors of a silent layer are NaN: they have no bar.
    axes.bar(range(len(names)), panel["fano_counts"][0], 0.6, color=MODES["stochastic"])
    axes.plot(
        range(silent["fano_counts"][0].size),
        silent["fano_counts"][0],
        "_",
        color=MODES["deterministic"],
        ms=13,
        mew=2,
    )
    axes.axhline(1, color=NEUTRAL, lw=0.6, ls=DASHES[2])
    axes.set_xticks(range(len(names)), [name.removeprefix("layer ") for name in names])
    axes.set(xlabel="layer", ylabel="Fano factor\n(whole trials)", ylim=(-0.05, None))


def rates(axes: Axes, data: Data) -> None:
    """Draw the cumulative distribution of the rates of all hidden neurons, and the silent share."""
    fastest = 150.0
    for mode, color in MODES.items():
        names = [name for name in data[mode] if name.startswith("unit_rates_")]
        rates = np.concatenate([data[mode][name].ravel() for name in names])
        values = np.sort(rates).clip(SLOWEST)
        axes.ecdf(values, color=color, lw=1.5, label=mode)
        axes.plot(SLOWEST, np.mean(rates == 0), "o", color=color, ms=4, mew=0, clip_on=False)
        fastest = max(fastest, values[-1])
    axes.set(xscale="log", xlim=(SLOWEST, fastest), ylim=(0, 1))
    axes.set_xticks((0.01, 0.1, 1, 10, 100), ("0", "0.1", "1", "10", "100"))
    axes.minorticks_off()
    axes.set(xlabel="rate (Hz)", ylabel="share of hidden neurons")
    axes.set_title("rates (dots: never spike)", size=7.5)
    axes.legend(fontsize=SMALL, loc="upper left", borderaxespad=0.3, handlelength=1.4)
