"""Accuracies of trained classifiers: while they learn, and on the test set."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from figures.looks import Look
from figures.numerals import printed
from figures.panels import Data
from figures.panels.forest import Estimate, forest, head
from figures.panels.rasters import MODE_INKS
from figures.style import DASHES, INK, MODES, NEUTRAL, SMALL, name_looks
from figures.verdicts import HOLLOW, decided

TRAIN, FROZEN = DASHES[1], DASHES[2]
ROOM = 0.4
"""Accuracy between trained and frozen layers that leaves room for words."""


def training(axes: Axes, data: Data) -> None:
    """Draw training and validation under either mode, and with frozen hidden layers."""
    for mode, color in MODES.items():
        panel, frozen = data[mode], data[f"{mode}_frozen"]
        for run, name, dashes, width in (
            (frozen, "valid", FROZEN, 1.2),
            (panel, "train", TRAIN, 0.8),
            (panel, "valid", "-", 1.2),
        ):
            epoch, seeds = run["epoch"][0], run[f"{name}_accuracy"]
            if len(seeds) > 1:
                axes.plot(epoch, seeds.T, color=color, lw=0.4, alpha=0.6, ls=dashes)
            axes.plot(epoch, run[f"{name}_mean"], color=color, ls=dashes, lw=width)
    last = data["stochastic"]["epoch"][0][-1]
    chance = 1 / data["stochastic"]["classes"].shape[1]
    axes.axhline(chance, color=NEUTRAL, lw=0.6)
    axes.set(xlabel="epoch", ylabel="accuracy", ylim=(0, 1.04), yticks=np.arange(0, 1.1, 0.25))
    ends = [data[f"{mode}_frozen"]["valid_mean"][-1] for mode in MODES]
    title = {"size": 6, "color": NEUTRAL}
    if min(_last_means(data)) - max(ends) > ROOM:
        # Between the curves of trained and of frozen layers, and below these.
        middle, below = (min(_last_means(data)) + max(ends)) / 2, (min(ends) + chance) / 2
        small: dict[str, Any] = {"size": SMALL, "ha": "right", "va": "center"}
        axes.text(last, middle + 0.1, "solid: validation", color=INK, **small)
        axes.text(last, middle, "dashed: training", color=INK, **small)
        axes.text(last, below, "dotted: hidden layers frozen", color=INK, **small)
        above = chance + 0.02
        axes.text(last, above, "chance", color=NEUTRAL, size=SMALL, ha="right", va="bottom")
        for mode, x in zip(MODES, (0.62, 1.0), strict=True):
            ink = MODE_INKS[mode]
            axes.text(x * last, middle - 0.1, mode, color=ink, weight="bold", **small)
    else:
        title |= {"pad": 34}
        looks = {mode: {"color": color, "lw": 1.2} for mode, color in MODES.items()}
        dashes = {"validation": "-", "training": TRAIN, "hidden layers frozen": FROZEN}
        looks |= {name: {"color": NEUTRAL, "lw": 1, "ls": ls} for name, ls in dashes.items()}
        above = {"loc": "lower right", "bbox_to_anchor": (1, 1), "borderaxespad": 0.1}
        name_looks(axes, looks, ncols=2, columnspacing=1, labelspacing=0.2, **above)
    axes.set_title(data["stochastic"]["title"][0], **title)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))


def _last_means(data: Data) -> list[float]:
    """Return the last accuracies of networks all of whose layers learn."""
    return [data[mode][f"{run}_mean"][-1] for mode in MODES for run in ("train", "valid")]


def tests(axes: Axes, data: Data) -> None:
    """Test accuracy under both spike modes, whichever a network was trained with."""
    row, ticks, heads = 0.0, {}, {}
    chance = 1 / data["stochastic"]["classes"].shape[1]
    for mode, color in MODES.items():
        heads[mode] = row
        panel, frozen = data[mode], data[f"{mode}_frozen"]
        own = list(MODES).index(mode)
        lines = {
            f"tested {mode}": (panel, own),
            f"tested {list(MODES)[1 - own]}": (panel, 1 - own),
            "hidden layers frozen": (frozen, own),
        }
        for name, (tested, spikes) in lines.items():
            row += 1
            ticks[row] = name
            mean, ends = tested["test_mean"][spikes], tested["test_interval"][spikes]
            seeds = tested["test_accuracy"][:, spikes]
            look = Look(name, "other", "o", tint=color)
            forest(axes, {"": {row: Estimate((mean, *ends), look)}}, size=5.5)
            if len(seeds) > 1:
                low = np.full(len(seeds), row + 0.38)
                axes.plot(seeds, low, ".", color=INK, ms=2.5, mew=0)
            # On the side where there is more room.
            right = max(ends[1], chance) + 0.03
            x, side = (ends[0] - 0.03, "right") if mean > 0.5 else (right, "left")
            axes.text(x, row, f"{mean:.3f}", fontsize=7, ha=side, va="center_baseline")
        row += 1.3
    axes.set_yticks(list(ticks), ticks.values(), fontsize=7)
    for mode, y in heads.items():
        head(axes, y, f"trained {mode}", size=7, color=MODE_INKS[mode])
    axes.axvline(chance, color=NEUTRAL, lw=0.6)
    axes.text(chance + 0.015, heads["stochastic"] - 0.1, "chance", size=SMALL, color=NEUTRAL)
    axes.set(xlim=(0, 1), ylim=(row - 0.8, -0.6), xticks=(0, 0.25, 0.5, 0.75, 1))
    axes.set_xlabel("test accuracy (bars: 95 % intervals, dots: networks)", size=7)
    axes.set_title("both kinds learn", size=7.5)


def difference(axes: Axes, data: Data) -> None:
    """Test accuracy of stochastic minus deterministic networks: pairs, mean, 95 % intervals.

    Left out if the networks are not paired.
    """
    panel = data["stochastic"]
    if "difference" not in panel:
        axes.set_axis_off()
        return
    pairs, margin = panel["difference"], float(panel["difference_margin"])
    n_test = int(panel["n_test"][0])
    axes.axvline(margin, color=INK, lw=1, ls=DASHES[1])
    names = f"these {n_test}\nutterances", "other\nutterances, too"
    look = Look("difference", "other", "o", tint=INK)
    rows = {
        row: Estimate((pairs.mean(), *ends), look, bool(decided(ends, margin)))
        for row, ends in enumerate(panel["difference_interval"])
    }
    forest(axes, {"": rows}, null=0, size=5.5)
    axes.plot(pairs, np.full(len(pairs), 0.38), ".", color=INK, ms=2.5, mew=0)
    axes.set_yticks(range(len(names)), names, fontsize=SMALL)
    axes.set_ylim(1.5, -0.6)
    axes.set_xlabel(f"accuracy, stochastic − deterministic\n(bars: 95 %; {HOLLOW})", size=7)
    axes.margins(x=0.12)
    above = {"transform": axes.get_xaxis_transform(), "fontsize": SMALL, "va": "bottom"}
    side = "left" if pairs.mean() < margin else "right"
    axes.text(margin, 1.02, f"margin {printed(margin)}", color=INK, ha=side, **above)
    beside = {"textcoords": "offset points", "ha": "center", "fontsize": SMALL}
    axes.annotate(printed(pairs.mean(), "+.3f"), (pairs.mean(), 0), (0, 5), color=INK, **beside)
    axes.xaxis.set_major_locator(MaxNLocator(3))
