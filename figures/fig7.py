"""Figure 7: deep networks learn speech with deterministic and with stochastic spikes."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator

from figures.looks import LOOKS
from figures.panels.rasters import STOCHASTIC_FIRST, Panel, activity, repeats
from figures.panels.variability import curve, fano, legend_above, rates
from figures.style import FULL_WIDTH, MODES, NEUTRAL, SMALL, panel_letter, rows

TRAIN_DASH = (0, (4, 1.2))
FROZEN_DASH = (0, (1, 1.2))
SHAPES = {"SuperSpike": "super_spike", "Sigmoid": "surrogate", "ScaledSigmoid": "scaled_sigmoid"}
"""Looks of surrogate derivatives at any slope."""


def render(data: dict[str, Panel]) -> Figure:
    """Draws activity, accuracies, variability, rates, gradient norms, confusions and tests."""
    figure = plt.figure(figsize=(FULL_WIDTH, 9.6))
    activities, training, statistics, tested = rows(figure, (3.1, 2.1, 1.75, 2.5))
    activities.suptitle(f"data: {data['stochastic']['title'][0]}", fontsize=7, color=NEUTRAL)
    samples = activity(activities, data)

    grid = training.add_gridspec(3, 4, width_ratios=(1.9, 1.25, 1.25, 1.8))
    curves, variability = training.add_subplot(grid[:, 0]), training.add_subplot(grid[:, 3])
    trials = np.array([[training.add_subplot(grid[i, j]) for j in (1, 2)] for i in range(3)])
    _accuracy(curves, data)
    repeats(trials, data)
    fano(variability, data)

    violins, *norms = statistics.subplots(1, 4, width_ratios=(1.2, 1, 1, 1))
    rates(violins, data)
    _gradients(norms, data["gradient_scale"])

    *matrices, tests = tested.subplots(1, 3, width_ratios=(1.2, 1.2, 1))
    _confusions(matrices, data)
    _tests(tests, data)
    starts = (samples, curves, trials[0, 0], variability, violins, norms[0], matrices[0], tests)
    for axes, letter in zip(starts, "abcdefgh", strict=True):
        panel_letter(axes, letter)
    return figure


def _accuracy(axes: Axes, data: dict[str, Panel]) -> None:
    """Training and validation under either mode, and with frozen hidden layers."""
    for mode, color in MODES.items():
        panel, frozen = data[mode], data[f"{mode}_frozen"]
        epoch = panel["epoch"][0]
        curve(axes, frozen["epoch"][0], frozen["valid_accuracy"], color=color, ls=FROZEN_DASH)
        curve(axes, epoch, panel["train_accuracy"], color=color, ls=TRAIN_DASH, lw=0.8)
        curve(axes, epoch, panel["valid_accuracy"], color=color, label=mode)
    keys = {"train": TRAIN_DASH, "validation": "-", "hidden frozen": FROZEN_DASH}
    for name, dashes in keys.items():
        axes.plot([], [], color=NEUTRAL, ls=dashes, lw=1, label=name)
    chance = 1 / data["stochastic"]["classes"].shape[1]
    axes.axhline(chance, color=NEUTRAL, lw=0.6)
    place = {"transform": axes.get_yaxis_transform(), "va": "center_baseline"}
    axes.text(1.02, chance, "chance", fontsize=6, color=NEUTRAL, **place)
    axes.set(xlabel="epoch", ylabel="accuracy", ylim=(0, 1.01))
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    legend_above(axes)


def _gradients(row: list[Axes], panel: Panel) -> None:
    """Gradient norms at initialisation against the slope, networks of one to three layers."""
    slopes, shapes = panel["slopes"][0], panel["shapes"][0]
    for depth, axes in enumerate(row, start=1):
        for shape, name in enumerate(shapes):
            line = LOOKS[SHAPES[str(name)]].line()
            norm = np.ma.masked_invalid(panel["norm"][:, shape, :, depth - 1])
            above = np.ma.median(norm[..., 1:depth], axis=0).filled(np.nan)
            axes.plot(slopes, above, lw=0.6, alpha=0.6, **line)
            curve(axes, slopes, norm[..., 0], lw=1.6, label=name, **line)
        axes.set(xscale="log", yscale="log", xlabel="surrogate's slope")
        axes.set_xticks(slopes[:: -(-len(slopes) // 5)], minor=False)
        axes.xaxis.set_major_formatter("{x:.3g}")
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_title(f"depth {depth}", fontsize=7)
        if depth > 1:
            axes.sharey(row[0])
            axes.tick_params(labelleft=False)
    row[0].plot([], [], color=NEUTRAL, lw=0.6, label="layers above")
    row[0].set_ylabel("gradient norm\nof layer 1, untrained")
    row[0].legend(fontsize=6, handlelength=2.4, loc="upper left", borderaxespad=0)


def _confusions(row: list[Axes], data: dict[str, Panel]) -> None:
    """Share of each true class (row) that is heard as each class, all seeds together."""
    for axes, (mode, color) in zip(row, STOCHASTIC_FIRST, strict=True):
        counts, names = data[mode]["confusion"].sum(axis=0), data[mode]["classes"][0]
        share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        image = axes.imshow(share, cmap="Greys", vmin=0, vmax=1)
        axes.set_xticks(range(len(names)), names, rotation=90, fontsize=5)
        axes.set_yticks(range(len(names)), names, fontsize=5)
        axes.tick_params(length=1, pad=1)
        axes.set_xlabel("heard as", fontsize=7)
        axes.set_title(mode, fontsize=7, color=color, fontweight="bold")
    row[1].tick_params(labelleft=False)
    row[0].set_ylabel("said", fontsize=7)
    bar = row[0].figure.colorbar(image, ax=row, shrink=0.5, aspect=20, pad=0.02)
    bar.ax.tick_params(labelsize=6)
    bar.set_label("share", fontsize=6)


def _tests(axes: Axes, data: dict[str, Panel]) -> None:
    """Test accuracy under both spike modes, whichever a network was trained with."""
    row, ticks = 0.0, {}
    for mode, color in MODES.items():
        ticks[row] = f"trained {mode}"
        panel, frozen = data[mode], data[f"{mode}_frozen"]
        own = list(MODES).index(mode)
        lines = {
            f"tested {mode}": (panel, own, "o", color),
            f"tested {list(MODES)[1 - own]}": (panel, 1 - own, "o", "white"),
            "hidden frozen": (frozen, own, "X", color),
        }
        for name, (tested, spikes, marker, face) in lines.items():
            row += 1
            ticks[row] = name
            mean, ends = tested["test_accuracy"][:, spikes].mean(), tested["test_interval"][spikes]
            axes.plot(ends, [row, row], color=color, lw=1.2)
            axes.plot(mean, row, marker, color=color, mfc=face)
            # On the side where there is more room.
            x, side = (ends[0] - 0.04, "right") if mean > 0.5 else (ends[1] + 0.04, "left")
            axes.text(x, row, f"{mean:.3f}", fontsize=SMALL, ha=side, va="center_baseline")
        row += 1.4
    axes.set_yticks(list(ticks), ticks.values(), fontsize=SMALL)
    for tick in axes.yaxis.get_major_ticks():
        mode = tick.label1.get_text().removeprefix("trained ")
        if mode in MODES:
            tick.label1.set(color=MODES[mode], fontweight="bold")
            tick.tick1line.set_visible(False)
    axes.axvline(1 / data["stochastic"]["classes"].shape[1], color=NEUTRAL, lw=0.6)
    axes.set(xlim=(0, 1), ylim=(row - 0.9, -0.6), xlabel="test accuracy")
