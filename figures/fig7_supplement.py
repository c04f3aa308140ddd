"""Figure 7, supplement: gradient norms before training, rates, errors, and resets."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from figures.looks import LOOKS, Look
from figures.panels import Data, Panel, names_of
from figures.panels.gradient_norms import against_depth, against_slope, shape_key, shapes
from figures.panels.variability import rates
from figures.style import DASHES, FULL_WIDTH, INK, MODES, NEUTRAL, SMALL, name_panels, rows
from figures.verdicts import HOLLOW, decided

MARGIN = 0.1
"""Share of what is learned within which both ways to train are equivalent, as in C7h."""
WIDE = 0.5
"""Largest relative difference of a linear axis: where little is learned, it is beyond."""
DATA_SETS = {"resets": "manifolds", "resets_speech": "speech"}
SHORT = {"Sigmoid": "SG, matched", "ScaledSigmoid": "scaled sigmoid"}
"""Names of surrogates beside rows, all of one slope; others keep their own."""


def render(data: Data) -> Figure:
    """Draw gradient norms before training, rates, accuracies by class, and resets."""
    compared = [name for name in DATA_SETS if name in data]
    figure = plt.figure(figsize=(FULL_WIDTH, 6.0))
    key, above, below = rows(figure, (0.3, 2.3, 3.4))
    shape_key(key.subplots(), data["gradient_scale"])
    slopes, layers, rated = above.subplots(1, 3)
    layers.sharey(slopes)
    against_slope(slopes, data["gradient_scale"])
    against_depth(layers, data["gradient_scale"])
    layers.tick_params(labelleft=False)
    rates(rated, data)
    panels = [slopes, layers, rated]
    widths = (1, 1, 0.7, 1) if compared else (1,)
    lower = below.subplots(1, len(widths), squeeze=False, width_ratios=widths)[0]
    _classes(lower[0], data)
    if compared:
        both = {name: data[name] for name in compared}
        _resets(lower[1], both)
        lower[2].sharey(lower[1])
        _accuracies(lower[2], both)
        _norms(lower[3], data[compared[0]])
    panels += list(lower)
    name_panels("abcdefg"[: len(panels)], panels)
    return figure


def _classes(axes: Axes, data: Data) -> None:
    """Draw the share of each class that is recognised, by spike mode, in order of the mean."""
    shares = {mode: np.diagonal(data[mode]["confusion_share"]) for mode in MODES}
    names = np.asarray(data["stochastic"]["classes"][0])
    order = np.argsort(np.mean([*shares.values()], axis=0))
    at = np.arange(order.size)
    for mode, color in MODES.items():
        axes.plot(100 * shares[mode][order], at, "o", color=color, ms=3.5, mew=0, label=mode)
    axes.hlines(
        at,
        *(100 * np.sort([x[order] for x in shares.values()], axis=0)),
        color=NEUTRAL,
        lw=0.5,
        zorder=0,
    )
    axes.set_yticks(at, names[order], fontsize=6)
    axes.tick_params(axis="y", length=0)
    axes.set(xlabel="recognised (%)", ylim=(order.size - 0.3, -0.7))
    axes.set_title("classes, the hardest first", size=7.5)
    axes.legend(fontsize=SMALL, loc="lower left", borderaxespad=0.2, handletextpad=0.1)


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


def places(panels: dict[str, Panel]) -> Iterator[tuple[float, Panel, int, str]]:
    """Yield row, panel, index and words of each surrogate, by data set."""
    row = 0.0
    for name, panel in panels.items():
        for i, surrogate in enumerate(names_of(panel, "surrogates")):
            yield row, panel, i, f"{DATA_SETS[name]},\n{SHORT.get(surrogate, surrogate)}"
            row += 1
        row += 0.3


def _resets(axes: Axes, panels: dict[str, Panel]) -> None:
    """Draw what the gradient through the reset changes, by data set and surrogate."""
    axes.axvline(0, color=NEUTRAL, lw=0.6)
    for end in (-MARGIN, MARGIN):
        axes.axvline(end, color=NEUTRAL, lw=0.9, ls=DASHES[1])
    ticks = {}
    for row, panel, i, words in places(panels):
        ticks[row] = words
        for mode, (kind, color) in enumerate(MODES.items() if "pairs" in panel else ()):
            pairs, intervals = relative_differences(panel)
            at = row + 0.36 * (mode - 0.5)
            shown = pairs[:, mode, i]
            axes.plot(shown, np.full(len(pairs), at + 0.14), ".", color=INK, ms=2, mew=0)
            mean, *ends = intervals[mode, i]
            axes.plot(ends, [at, at], color=color, lw=1.2)
            verdict = bool(decided(np.array(ends), 0, (-MARGIN, MARGIN)))
            axes.plot(mean, at, **Look(kind, "other", "o", tint=color).markers(4, verdict))
    axes.set_yticks(list(ticks), ticks.values(), fontsize=6)
    axes.set_ylim(max(ticks) + 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    if max(map(abs, axes.get_xlim())) > WIDE:
        axes.set_xscale("symlog", linthresh=MARGIN, linscale=0.8)
        marks = [-1, -MARGIN, 0, MARGIN, 1]
        axes.set_xticks(marks, ["−1", f"−{MARGIN:g}", "0", f"{MARGIN:g}", "1"])
        axes.minorticks_off()
    axes.set_xlabel(f"relative change of what\nis learned (bars: 95 %;\n{HOLLOW})", size=7)
    axes.set_title("through − detached", size=7.5)


def _accuracies(axes: Axes, panels: dict[str, Panel]) -> None:
    """Draw test accuracies after training with the reset detached, and those of guessing."""
    for row, panel, i, _ in places(panels):
        if "pairs" not in panel:
            continue
        axes.vlines(100 / panel["n_classes"][0], row - 0.5, row + 0.5, color=NEUTRAL, lw=0.8)
        detached = names_of(panel, "resets").index("detached")
        for mode, (kind, color) in enumerate(MODES.items()):
            at = row + 0.36 * (mode - 0.5)
            networks = 100 * panel["test_accuracy"][:, mode, detached, i]
            axes.plot(networks, np.full(len(networks), at + 0.14), ".", color=INK, ms=2, mew=0)
            mean, *ends = 100 * panel["accuracy_interval"][mode, detached, i]
            axes.plot(ends, [at, at], color=color, lw=1.2)
            axes.plot(mean, at, **Look(kind, "other", "o", tint=color).markers(4, True))
    axes.tick_params(axis="y", length=0, labelleft=False)
    axes.set_xlim(0, 90)
    axes.set_xlabel("test accuracy (%,\nbars: 95 %; line:\nchance)", size=7)
    axes.set_title("detached", size=7.5)


def _norms(axes: Axes, panel: Panel) -> None:
    """Draw the first layer's gradient along training; stochastic networks."""
    epochs = np.arange(panel["norm_mean"].shape[-2])
    for surrogate, (name, _) in shapes(panel["surrogates"][0]):
        for reset, how in enumerate(names_of(panel, "resets")):
            norm = panel["norm_mean"][-1, reset, surrogate, :, 0]
            dashes = DASHES[2] if how == "through" else "-"
            axes.plot(epochs, norm, ls=dashes, lw=1, **LOOKS[name].small(3))
    axes.plot([], [], color=NEUTRAL, lw=1, ls=DASHES[2], label="through the reset")
    axes.plot([], [], color=NEUTRAL, lw=1, label="reset detached")
    axes.set(yscale="log", xlabel="epoch", ylabel="gradient norm, layer 1")
    axes.legend(fontsize=SMALL, loc="lower right", handlelength=2, borderaxespad=0)
    axes.set_ylim(bottom=axes.get_ylim()[0] / 30)  # The key lies below.
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.set_title("in training, manifolds", size=7.5)
