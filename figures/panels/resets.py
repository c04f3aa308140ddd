"""Networks trained through the reset or with it detached: accuracies, differences, gradients."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure
from matplotlib.ticker import MaxNLocator

from figures.looks import LOOKS
from figures.panels import Data, Panel
from figures.panels.gradient_norms import SHAPES
from figures.style import DASHES, INK, MODES, NEUTRAL, SMALL

RESETS = {"through": "s", "detached": "o", "ignored": "v"}
"""Their markers."""
MARGIN = 0.03
COLUMNS = {"resets": "random manifolds", "resets_speech": "speech"}
SHORT = {"Sigmoid": "sigmoid", "ScaledSigmoid": "scaled\nsigmoid"}


def resets(place: SubFigure, data: Data) -> Axes:
    """Draw what was computed of both data sets in one row, and return its first axes."""
    there = [name for name in COLUMNS if name in data]
    axes = place.subplots(1, 2 * len(there) + 1, width_ratios=(*[1, 1] * len(there), 1.1))
    for i, name in enumerate(there):
        accuracy, difference = axes[2 * i : 2 * i + 2]
        _accuracies(accuracy, data[name])
        accuracy.set_title(COLUMNS[name], size=7)
        _differences(difference, data[name])
        n = len(data[name]["test_accuracy"])
        difference.set_title(f"{n} pair{'s' if n > 1 else ''} each", size=7)
        for further in (accuracy, difference)[i == 0 :]:
            further.set_yticklabels([])
    _key(axes[0], data[there[0]])
    _norms(axes[-1], data[there[0]])
    axes[-1].set_title("stochastic networks", size=7)
    return axes[0]


def _accuracies(axes: Axes, panel: Panel) -> None:
    shown = [str(name) for name in panel["resets"][0]]
    for mode, color in enumerate(MODES.values()):
        for reset, name in enumerate(shown):
            at = _rows(panel, mode) + 0.16 * (reset - (len(shown) - 1) / 2)
            mean, low, high = panel["accuracy_interval"][mode, reset].T
            axes.hlines(at, low, high, color=color, lw=0.9)
            axes.plot(mean, at, RESETS[name], color=color, ms=3, mew=0)
    axes.axvline(1 / panel["n_classes"][0], ymax=0.8, color=NEUTRAL, lw=0.6)
    axes.set(xlabel="test accuracy", xlim=(0, None))
    _surrogates(axes, panel)


def _differences(axes: Axes, panel: Panel) -> None:
    axes.axvline(0, color=NEUTRAL, lw=0.6)
    for end in (-MARGIN, MARGIN):
        axes.axvline(end, color=NEUTRAL, lw=0.9, ls=DASHES[1])
    for mode, color in enumerate(MODES.values() if "difference" in panel else ()):
        at = _rows(panel, mode)
        mean, low, high = panel["difference"][mode].T
        pairs = panel["pairs"][:, mode]
        axes.plot(pairs.T, np.tile(at[:, None] + 0.17, len(pairs)), ".", color=INK, ms=2, mew=0)
        axes.hlines(at, low, high, color=color, lw=1.2)
        decided = (low > 0) | (high < 0) | (abs(low) < MARGIN) & (abs(high) < MARGIN)
        for known, face in ((decided, color), (~decided, "white")):
            axes.plot(mean[known], at[known], "D", color=color, mfc=face, mew=0.8, ms=3.5)
    axes.set_xlabel("through − detached")
    _surrogates(axes, panel)


def _norms(axes: Axes, panel: Panel) -> None:
    """Draw the first layer's gradient along training; stochastic networks."""
    epochs = np.arange(panel["norm_mean"].shape[-2])
    for surrogate, shape in enumerate(map(str, panel["surrogates"][0])):
        name, _ = SHAPES.get(shape, (f"surrogate_{shape.lower()}", shape))
        for reset, how in enumerate(map(str, panel["resets"][0])):
            norm = panel["norm_mean"][-1, reset, surrogate, :, 0]
            dashes = DASHES[2] if how == "through" else "-"
            look = {"color": LOOKS[name].color, "marker": LOOKS[name].marker, "ms": 2.5}
            axes.plot(epochs, norm, ls=dashes, lw=1, mec=INK, mew=0.3, **look)
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
    names = [SHORT.get(name, name) for name in map(str, panel["surrogates"][0])]
    axes.set_yticks(range(len(names)), names, fontsize=SMALL)
    axes.set_ylim(len(names) - 0.4, -1.6)  # The key lies above.


def _key(axes: Axes, panel: Panel) -> None:
    for name in map(str, panel["resets"][0]):
        axes.plot([], [], RESETS[name], color=INK, ms=3, mew=0, label=name)
    axes.legend(
        fontsize=6, loc="upper left", ncols=2, columnspacing=1, handlelength=0.8, borderaxespad=0
    )
