"""Surrogate gradients of untrained spiking networks against the true gradient."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from beyond.figures.panels import few_ticks
from figures.looks import LOOKS, ratio, slope_of
from figures.panels import Panel, names_of
from figures.style import INK, NEUTRAL, greys

SURROGATES = ("surrogate_through", "surrogate", "surrogate_ignored", "super_spike")
LOST = "surrogate_through"
"""Method that explodes; once the direction is lost, norms of single networks are drawn."""
TICKS = (0.25, 0.5, 1, 2, 4)

DRAWS = (
    "stochastic_ad_few_flips",
    "stochastic_ad_systematic",
    "stochastic_ad_left_systematic",
    "suffix_replays",
)


def draw_against(both: Sequence[Axes], data: Panel) -> None:
    """Draw the cosine and the norm ratio of all weights against the slope of the noise.

    Means over networks and their range; where a direction is unknown, the norms of single networks
    with their standard errors, as far as they exist.
    """
    cosines, norms = both
    x, least = data["betas"][0], 0.0
    for i, surrogate in enumerate(names_of(data, "surrogates")):
        reliable = data["known"][:, i]
        if surrogate not in SURROGATES or not reliable.any():
            continue
        look = LOOKS[surrogate]
        for axes, number in zip(both, ("cosine", "ratio"), strict=True):
            mean, low, high = data[f"{number}_range"][reliable, i].T
            axes.fill_between(x[reliable], low, high, color=look.color, alpha=0.15, lw=0)
            axes.plot(x[reliable], mean, label=look.label, **look.line(4))
        least = min(least, 1.05 * data["cosine_range"][reliable, i].min())
        if surrogate == LOST and not reliable.all():
            for at in np.flatnonzero(~reliable):
                _lost(norms, x[at], data["ratio"][:, at, i], data["ratio_se"][:, at, i])
    cosines.set_ylim(least, 1.05)
    norms.set_yscale("log")
    for axes in both:
        axes.axhline(1, color=NEUTRAL, lw=0.6)
        axes.set_xlabel("slope of the noise $\\beta$")
        axes.set_xscale("log")
        axes.set_xticks(x, [f"{value:g}" for value in x])
        axes.minorticks_off()


def _lost(axes: Axes, x: float, ratio: np.ndarray, se: np.ndarray) -> None:
    """Draw the norms of single networks, and count networks without a known norm."""
    finite = np.isfinite(ratio)
    beside = x * 1.06 ** (np.arange(finite.sum()) - (finite.sum() - 1) / 2)
    # A standard error that does not exist, or reaches below zero, has no end on a log axis.
    down = np.minimum(se[finite], ratio[finite] * 0.9)
    bars, dots = np.nan_to_num([down, se[finite]]), LOOKS[LOST].small(2.5)
    axes.errorbar(beside, ratio[finite], bars, ls="", elinewidth=0.6, **dots)
    text = f"{(~finite).sum()} of {len(finite)}\nlost" if (~finite).any() else ""
    place = {"transform": axes.get_xaxis_transform(), "ha": "center", "va": "bottom"}
    axes.text(x, 1.01, text, size=6, color=LOOKS[LOST].ink, **place)


def draw_slopes(axes: Axes, data: Panel) -> None:
    """Draw the cosine against the surrogate's slope, in units of the matched one."""
    names = enumerate(names_of(data, "surrogates"))
    ratios = sorted((slope_of(name), i) for i, name in names if name.startswith(LOST))
    shades = greys(len(data["known"]))
    for cell, (color, reliable) in enumerate(zip(shades, data["known"], strict=True)):
        points = [(ratio, data["cosine_range"][cell, i, 0]) for ratio, i in ratios if reliable[i]]
        if points:
            label = f"$\\beta$ = {data['betas'][0][cell]:g}"
            look = {"color": color, "marker": "osD^v"[cell % 5], "mec": INK, "mew": 0.4}
            axes.plot(*zip(*points, strict=True), label=label, **look)
    axes.set(
        xscale="log",
        xlabel="slope of SG / slope of noise",
        ylabel="cosine of SG,\nthrough the reset",
    )
    axes.set_xticks(TICKS, [*map(ratio, TICKS)])
    axes.minorticks_off()
    axes.set_ylim(min(0.5, axes.get_ylim()[0]), 1.03)
    if axes.lines:
        axes.legend(fontsize=6, loc="best")


def draw_variance(facets: Sequence[Axes], data: Panel) -> None:
    """Draw the variance for a number of runs, relative to the squared norm, hidden layer.

    Args:
        facets: axes of all methods and, closer, of the variants of stochastic AD.
        data: arrays of the variances.
    """
    every, close = facets
    names = names_of(data, "variants")
    n = data["evaluations"][0]
    for name in DRAWS:
        i, look = names.index(name), LOOKS[name]
        values = data["variance"][:, i, :, 0].mean(axis=0)
        for axes in facets:
            axes.plot(n[i], values, label=look.label, **look.line(4))
    # A trial takes a single forward pass: the mean's variance falls with their number.
    runs = np.array([n.min(), n.max()])
    for name in ("score_function", "surrogate_through"):
        values, look = data[name][:, 0].mean() / runs, LOOKS[name]
        every.plot(runs, values, lw=0.9, label=look.label, **look.line())
    everything = data["stochastic_ad"][:, 0].mean()
    look = LOOKS["stochastic_ad"]
    for axes in facets:
        axes.axhline(everything, lw=0.8, label=f"{look.label}, all flips", **look.line())
        axes.set(xscale="log", yscale="log")
        axes.set_xlabel("forward passes", size=7)
        if runs[1] < 10 * runs[0]:  # between two powers of ten
            axes.set_xticks(runs, [f"{n:g}" for n in runs])
            axes.minorticks_off()
    every.set_ylabel("variance of one gradient\n/ |gradient|², hidden weights", size=7)
    every.set_title("all methods", size=7)
    close.set_title("stochastic AD alone", size=7)
    few_ticks(close.yaxis, (1, 3, 10, 30, 100, 300))
    beside = {"loc": "center left", "bbox_to_anchor": (1.02, 0.5), "borderaxespad": 0}
    close.legend(*every.get_legend_handles_labels(), fontsize=6, labelspacing=0.5, **beside)
