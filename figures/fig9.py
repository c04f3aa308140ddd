"""Figure 9, beyond the paper: the true gradient of stochastic spiking networks, and its use.

a to c: surrogate gradients against it. d: slopes. e: what an unbiased estimate costs in variance.
f to h: training, at equal updates and at equal cost, in a network at ease, and in a steep one.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import style
from figures.looks import LOOKS, slope_ratio
from figures.panels.trainings import draw_curves, draw_table
from figures.style import INK, PARAMETERS, SHADE, SMALL

Panel = dict[str, np.ndarray]

SURROGATES = ("surrogate_through", "surrogate", "surrogate_ignored", "super_spike")
TICKS = (0.25, 0.5, 1, 2, 4)
FRACTIONS = {0.25: "¼", 0.5: "½"}
AXES = {
    "noise": (0, "escape slope $\\beta$", True),
    "duration": (1, "duration (ms)", True),
    "recurrence": (2, "recurrent share of input", False),
}
DRAWS = (
    "stochastic_ad_few_flips",
    "stochastic_ad_systematic",
    "stochastic_ad_left_systematic",
    "suffix_replays",
)

CLAIMS = (
    "Beyond the paper: surrogate gradients against the true one, by unbiased stochastic AD.\n"
    "Matched and through the reset they are right in ample noise and explode in steep; detached, "
    "they are robust and too long",
    "Unbiased costs variance: for equally many runs flips are behind the score function, and both "
    "far behind the surrogate",
    "At ease the surrogate through the reset leads by little; in steep noise a broad one is far "
    "ahead of all",
)


def render(data: dict[str, Panel]) -> Figure:
    """Draws the figure.

    Args:
        data: panels "noise", "duration" and "recurrence" of surrogate gradients against the true
            one, "variance", and trainings "easy" and "steep", all with a leading axis of seeds.
            Small presets leave some out. Each surrogate is drawn where its direction is
            known.
    """
    figure = plt.figure(figsize=(style.FULL_WIDTH, 8.6))
    top, middle, bottom = rows = style.rows(figure, (3.5, 2.3, 2.8))
    for row, claim in zip(rows, CLAIMS, strict=True):
        row.suptitle(claim, x=0.01, ha="left", fontsize=8, color=INK)
    grid = top.subplots(2, 3, sharey="row", sharex="col")
    for column, (name, letter) in enumerate(zip(AXES, "abc", strict=True)):
        if name in data:
            style.panel_letter(grid[0, column], letter)
            _against(grid[:, column], data[name], *AXES[name])
        else:
            for axes in grid[:, column]:
                axes.set_visible(False)
    grid[0, 0].set_ylabel("cosine to the\ntrue gradient")
    grid[1, 0].set_ylabel("norm over\nthat of the true one")
    grid[0, 0].legend(fontsize=6, loc="lower left", handlelength=2.8)
    slopes, flips = middle.subplots(1, 2, width_ratios=(1, 1.5))
    _slopes(slopes, data["noise"])
    style.panel_letter(slopes, "d")
    if "variance" in data:
        _variance(flips, data["variance"])
        style.panel_letter(flips, "e")
    else:
        flips.set_visible(False)
    updates, cost, hard, table = bottom.subplots(1, 4, width_ratios=(1, 1, 1, 1.4))
    draw_curves(updates, data["easy"], "update")
    draw_curves(cost, data["easy"], "evaluations")
    cost.sharey(updates)
    draw_table(table, data["easy"], data.get("steep"))
    if "steep" in data:
        draw_curves(hard, data["steep"], "update")
        hard.set_title("steep, recurrent")
    else:
        hard.set_visible(False)
    for axes, letter in zip((updates, cost, hard), "fgh", strict=True):
        style.panel_letter(axes, letter)
    return figure


def _against(column: np.ndarray, data: Panel, axis: int, label: str, log: bool) -> None:
    """Cosine and norm ratio of all weights, mean over networks with their range."""
    x = data["cells"][0][:, axis]
    for i, name in enumerate(map(str, data["surrogates"][0])):
        if name not in SURROGATES:
            continue
        look = LOOKS[name]
        known = data["known"][:, i]
        if not known.any():
            continue
        for axes, number in zip(column, ("cosine", "ratio"), strict=True):
            mean, low, high = data[f"{number}_range"][known, i].T
            axes.fill_between(x[known], low, high, color=look.color, alpha=0.15, lw=0)
            axes.plot(x[known], mean, label=look.specific, **look.line(), **look.markers(4))
            # One name is enough: the others end for the same reason.
            end = np.flatnonzero(known)[-1]
            if name == "surrogate_through" and number == "cosine" and end < len(x) - 1:
                axes.annotate(
                    "lost in its noise",
                    (x[end], mean[-1]),
                    (7, -2),
                    textcoords="offset points",
                    size=6,
                    color=look.color,
                )
    column[0].axhline(1, **SHADE | {"lw": 0.8})
    column[0].set_ylim(0, 1.05)
    column[1].axhline(1, **SHADE | {"lw": 0.8, "alpha": 0.6})
    column[1].set(yscale="log", xlabel=label)
    if log:
        column[1].set_xscale("log")
        column[1].set_xticks(x, [f"{value:g}" for value in x])
        column[1].minorticks_off()


def _slopes(axes: Axes, data: Panel) -> None:
    """Cosine against the surrogate's slope, in units of the matched one."""
    slopes = [slope_ratio(str(name)) for name in data["surrogates"][0]]
    ratios = sorted((r, i) for i, (name, r) in enumerate(slopes) if name == "surrogate_through")
    cells = data["cells"][0]
    for cell, (color, marker) in enumerate(zip(PARAMETERS, "osD^", strict=True)):
        points = []
        for ratio, i in ratios:
            if cell < len(cells) and data["known"][cell, i]:
                points.append((ratio, data["cosine_range"][cell, i, 0]))
        if points:
            axes.plot(
                *zip(*points, strict=True),
                color=color,
                marker=marker,
                mec=INK,
                mew=0.4,
                label=f"$\\beta$ = {cells[cell, 0]:g}",
            )
    axes.set(xscale="log", xlabel="surrogate slope / escape slope", ylabel="cosine, through reset")
    axes.set_xticks(TICKS, [FRACTIONS.get(tick, f"{tick:g}") for tick in TICKS])
    axes.minorticks_off()
    axes.set_ylim(None, 1.03)
    axes.legend(fontsize=SMALL, loc="lower right")


def _variance(axes: Axes, data: Panel) -> None:
    """Variance for a number of runs, relative to the squared norm, hidden layer."""
    names = [str(name) for name in data["variants"][0]]
    n = data["evaluations"][0]
    for name in DRAWS:
        i, look = names.index(name), LOOKS[name]
        values = data["variance"][:, i, :, 0].mean(axis=0)
        axes.plot(n[i], values, label=look.specific, **look.line(), **look.markers(4))
    # These take one run per trial: the mean of as many trials has so much less variance.
    runs = np.array([n.min(), n.max()])
    for name in ("score_function", "surrogate_through"):
        values, look = data[name][:, 0].mean() / runs, LOOKS[name]
        axes.plot(runs, values, lw=0.8, **look.line())
        _name(axes, look.label, runs[1], values[1], -9)
    everything = data["stochastic_ad"][:, 0].mean()
    axes.axhline(everything, lw=0.7, **LOOKS["stochastic_ad"].line())
    _name(axes, "all sites flipped", runs[0], everything, -8, "left")
    axes.set(
        xscale="log",
        yscale="log",
        ylim=(1e-4, None),
        xlabel="runs of the network per gradient",
        ylabel="relative variance,\nhidden weights",
    )
    axes.legend(fontsize=6, loc="lower left", labelspacing=0.3, borderpad=0)


def _name(axes: Axes, text: str, x: float, y: float, above: float, ha: str = "right") -> None:
    axes.annotate(
        text, (x, y), (0, above), textcoords="offset points", size=SMALL, color=INK, ha=ha
    )
