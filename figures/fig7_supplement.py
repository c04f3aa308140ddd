"""Figure 7, supplement: gradient norms before training, rates, errors, and resets."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator

from figures.looks import LOOKS, Look
from figures.panels import Data, Panel, names_of
from figures.panels.gradient_norms import (
    against_depth,
    against_slope,
    every_layer,
    shape_key,
    shapes,
)
from figures.panels.rasters import MODE_INKS, levels
from figures.panels.variability import rates
from figures.style import DASHES, FULL_WIDTH, INK, MODES, NEUTRAL, SMALL, columns, name_panels, rows
from figures.verdicts import HOLLOW, decided

LEVELS = (0, 0.01, 0.05, 0.1, 0.2, 0.5, 1)
"""Where the grey changes: an error in one of 40 utterances must show."""
RESETS = {"through": "s", "detached": "o", "ignored": "h"}
"""Their markers."""
MARGIN = 0.1
"""Share of what is learned within which both ways to train are equivalent, as in C7h."""
WIDE = 0.5
"""Largest relative difference of a linear axis: where little is learned, it is beyond."""
COLUMNS = {"resets": "random manifolds", "resets_speech": "speech"}
SHORT = {"Sigmoid": "SG, matched", "ScaledSigmoid": "scaled sigmoid"}
"""Names of surrogates beside rows, all of one slope; others keep their own."""
BELOW = 0.85
"""Where guides end, below their key."""


def render(data: Data) -> Figure:
    """Draw gradient norms before training, rates, confusions, and resets."""
    compared = [name for name in COLUMNS if name in data]
    heights = (2.2, 2.6, 1.5, *([2.0] if compared else []))
    figure = plt.figure(figsize=(FULL_WIDTH, sum(heights)))
    above, errors, norms, *last = rows(figure, heights)
    scales, key, rated = columns(above, (3.5, 1.5, 2.0))
    slopes, layers_of = scales.subplots(1, 2, sharey=True)
    against_slope(slopes, data["gradient_scale"])
    against_depth(layers_of, data["gradient_scale"])
    shape_key(key.subplots(), data["gradient_scale"])
    layers = rated.subplots(len(levels(data)) - 2, 1, sharex=True, squeeze=False)[:, 0]
    rates(layers, data)
    matrices = _confusions(errors, data)
    n = data["gradient_scale"]["norm"].shape[-1]
    depths = norms.subplots(1, n, squeeze=False, sharey=True)[0]
    every_layer(depths, data["gradient_scale"])
    panels = [slopes, layers_of, layers[0], matrices[0], depths[0]]
    for place in last:
        panels += _resets(place, data)
    name_panels("abcdefg"[: len(panels)], panels)
    return figure


def _confusions(block: SubFigure, data: Data) -> np.ndarray:
    """Draw the share of each true class (row) heard as each class, a matrix for each mode."""
    row = block.subplots(1, 2, sharey=True)
    for axes, mode in zip(row, MODES, strict=True):
        names = data[mode]["classes"][0]
        image = axes.imshow(
            data[mode]["confusion_share"], cmap="Greys", norm=BoundaryNorm(LEVELS, 256)
        )
        axes.set_xticks(range(len(names)), names, rotation=90, fontsize=6)
        axes.set_yticks(range(len(names)), names, fontsize=6)
        axes.tick_params(length=1, pad=1)
        axes.set_xlabel("heard as")
        axes.set_title(mode, fontsize=7, color=MODE_INKS[mode], fontweight="bold")
    row[0].set_ylabel("said")
    bar = plt.colorbar(image, ax=row, shrink=0.7, aspect=25, pad=0.02, spacing="uniform")
    bar.set_ticks(LEVELS, labels=[f"{level:g}" for level in LEVELS])
    bar.ax.tick_params(labelsize=6)
    bar.set_label("share of the utterances of a class", fontsize=7)
    return row


def _resets(place: SubFigure, data: Data) -> tuple[Axes, Axes]:
    """Draw the results of both data sets in one row, and return the axes that get letters."""
    modes = [name for name in COLUMNS if name in data]
    axes = place.subplots(1, 2 * len(modes) + 1, width_ratios=(*[1, 1] * len(modes), 1.1))
    for i, name in enumerate(modes):
        accuracy, difference = axes[2 * i : 2 * i + 2]
        _accuracies(accuracy, data[name])
        accuracy.set_title(COLUMNS[name], size=7)
        _differences(difference, data[name])
        n = len(data[name]["test_accuracy"])
        difference.set_title(f"{n} pair{'s' if n > 1 else ''} each", size=7)
        for further in (accuracy, difference)[i == 0 :]:
            further.set_yticklabels([])
    for reset in names_of(data[modes[0]], "resets"):
        axes[0].plot([], [], RESETS[reset], color=INK, ms=3, mew=0, label=reset)
    for mode, color in MODES.items():
        axes[0].plot([], [], color=color, lw=1.2, label=mode)
    key = {"ncols": 2, "columnspacing": 0.6, "handlelength": 0.8, "handletextpad": 0.4}
    axes[0].legend(fontsize=6, loc="upper left", borderaxespad=0, **key)
    _norms(axes[-1], data[modes[0]])
    axes[-1].set_title(f"{COLUMNS[modes[0]]},\nstochastic networks", size=7)
    return axes[0], axes[-1]


def _accuracies(axes: Axes, panel: Panel) -> None:
    resets = names_of(panel, "resets")
    for mode, color in enumerate(MODES.values()):
        for reset, name in enumerate(resets):
            at = _rows(panel, mode) + 0.16 * (reset - (len(resets) - 1) / 2)
            mean, low, high = panel["accuracy_interval"][mode, reset].T
            axes.hlines(at, low, high, color=color, lw=0.9)
            axes.plot(mean, at, RESETS[name], color=color, ms=3, mew=0)
    chance = 1 / panel["n_classes"][0]
    axes.axvline(chance, ymax=0.7, color=NEUTRAL, lw=0.6)
    last = panel["surrogates"].shape[-1] - 0.55
    axes.annotate("chance", (chance, last), (3, 0), textcoords="offset points", size=6)
    axes.set(xlim=(0, None))
    axes.set_xlabel("test accuracy\n(bars: 95 % intervals)", size=SMALL)
    _surrogates(axes, panel)


def relative_differences(panel: Panel) -> tuple[np.ndarray, np.ndarray]:
    """Return the test accuracy through minus detached, over accuracy minus chance detached.

    Returns:
        By pair, ``(pair, mode, surrogate)``; and means with Student's 95 % intervals over pairs,
        ``(mode, surrogate, 3)``.
    """
    detached = panel["test_accuracy"][:, :, names_of(panel, "resets").index("detached")]
    pairs = panel["pairs"] / (detached - 1 / panel["n_classes"][0])
    # Student's intervals of one number of pairs have one width over the standard deviation.
    with np.errstate(divide="ignore", invalid="ignore"):
        halves = np.diff(panel["difference"][..., 1:])[..., 0] / 2 / panel["pairs"].std(axis=0)
    finite = halves[np.isfinite(halves)]
    half = (np.median(finite) if finite.size else np.nan) * pairs.std(axis=0)
    mean = pairs.mean(axis=0)
    return pairs, np.stack([mean, mean - half, mean + half], axis=-1)


def _differences(axes: Axes, panel: Panel) -> None:
    axes.axvline(0, ymax=BELOW, color=NEUTRAL, lw=0.6)
    for end in (-MARGIN, MARGIN):
        axes.axvline(end, ymax=BELOW, color=NEUTRAL, lw=0.9, ls=DASHES[1])
    place = {"transform": axes.transAxes, "ha": "center", "va": "bottom"}
    axes.text(0.5, BELOW + 0.02, "dashed: margins", size=6, **place)
    for mode, (name, color) in enumerate(MODES.items() if "pairs" in panel else ()):
        at, (pairs, intervals) = _rows(panel, mode), relative_differences(panel)
        shown = pairs[:, mode].T
        axes.plot(shown, np.tile(at[:, None] + 0.17, len(pairs)), ".", color=INK, ms=2, mew=0)
        axes.hlines(at, *intervals[mode, :, 1:].T, color=color, lw=1.2)
        verdicts = decided(intervals[mode, :, 1:].T, 0, (-MARGIN, MARGIN))
        look = Look(name, "other", "D", tint=color)
        for y, mean, verdict in zip(at, intervals[mode, :, 0], verdicts, strict=True):
            axes.plot(mean, y, **look.markers(3.5, bool(verdict)))
    words = f"(through − detached)\n/ learned detached\n({HOLLOW})"
    axes.set_xlabel(words, size=SMALL)
    if max(map(abs, axes.get_xlim())) > WIDE:
        axes.set_xscale("symlog", linthresh=MARGIN, linscale=0.8)
        axes.set_xticks(
            [-1, -MARGIN, 0, MARGIN, 1], ["−1", f"−{MARGIN:g}", "0", f"{MARGIN:g}", "1"]
        )
        axes.minorticks_off()
        axes.set_xlabel(f"the same, symlog axis\n({HOLLOW})", size=SMALL)
    _surrogates(axes, panel)


def _norms(axes: Axes, panel: Panel) -> None:
    """Draw the first layer's gradient along training; stochastic networks."""
    epochs = np.arange(panel["norm_mean"].shape[-2])
    for surrogate, (name, _) in shapes(panel["surrogates"][0]):
        for reset, how in enumerate(names_of(panel, "resets")):
            norm = panel["norm_mean"][-1, reset, surrogate, :, 0]
            dashes = DASHES[2] if how == "through" else "-"
            axes.plot(epochs, norm, ls=dashes, lw=1, **LOOKS[name].small(2.5))
    axes.plot([], [], color=NEUTRAL, lw=1, ls=DASHES[2], label="through")
    axes.plot([], [], color=NEUTRAL, lw=1, label="detached")
    axes.set(yscale="log", xlabel="epoch", ylabel="gradient norm,\nlayer 1")
    axes.legend(fontsize=6, loc="lower right", handlelength=2, borderaxespad=0)
    axes.set_ylim(bottom=axes.get_ylim()[0] / 100)  # The key lies below.
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))


def _rows(panel: Panel, mode: int) -> np.ndarray:
    """Heights of the surrogates, one pair of rows each."""
    return np.arange(panel["surrogates"].shape[-1]) * 1.0 + 0.44 * (mode - 0.5)


def _surrogates(axes: Axes, panel: Panel) -> None:
    names = [SHORT.get(name, name) for name in names_of(panel, "surrogates")]
    axes.set_yticks(range(len(names)), names, fontsize=SMALL)
    axes.set_ylim(len(names) - 0.4, -2)  # The key lies above.
