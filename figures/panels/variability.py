"""Fano factors and rates of a trained network's layers, and curves over seeds."""

import numpy as np
from matplotlib.axes import Axes

from figures.panels.rasters import LAYERS, Panel
from figures.style import DETERMINISTIC, MODES, NEUTRAL, STOCHASTIC_LAYERS

DASHES = ("-", (0, (4, 1)), (0, (1, 0.8)))


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
        color = STOCHASTIC_LAYERS[layer]
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
