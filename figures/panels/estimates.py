"""Panels that compare estimators of one gradient: derivatives, bias, error against cost."""

from collections.abc import Iterable
from itertools import chain

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure
from matplotlib.patches import Rectangle
from matplotlib.ticker import NullFormatter

from figures import style
from figures.looks import LOOKS, NO_ERROR
from figures.style import INK, SHADE, SMALL

Panel = dict[str, np.ndarray]

FACETS = {
    "surrogate": ("surrogate",),
    "smoothed": ("smoothed_right", "smoothed_left", "smoothed_two_sided"),
    "mean field": ("mean_field",),
    "stochastic AD": (
        "stochastic_ad",
        "stochastic_ad_right",
        "stochastic_ad_left",
        "stochastic_ad_two_sided",
    ),
    "stoch. AD, few flips": ("stochastic_ad_few_flips",),
    "score function": ("score_function_no_baseline", "score_function"),
}
LIKE_SURROGATE = "smoothed_straight_through"
"""The surrogate gradient itself, path by path: panel c."""
IN_ERROR_PANEL = (
    "surrogate",
    "smoothed_two_sided",
    "mean_field",
    "stochastic_ad",
    "stochastic_ad_few_flips",
    "score_function",
)


def draw_derivatives(row: SubFigure, data: Panel) -> None:
    """Each parameter's derivative by every estimator against the exact one."""
    pooled, exact = _pooled(data), data["exact"][0]
    facets = {title: [n for n in names if n in pooled] for title, names in FACETS.items()}
    if others := _others(pooled):
        facets["others"] = others
    axes = row.subplots(1, len(facets), sharex=True, sharey=True)
    shown = [pooled[name][0] for names in facets.values() for name in names]
    low, high = min(0, np.min([exact, *shown])), max(0, np.max([exact, *shown]))
    low, high = low - 0.1 * (high - low), high + 0.1 * (high - low)
    for ax, (title, names) in zip(axes, facets.items(), strict=True):
        ax.add_patch(Rectangle((low, 0), -low, high, **SHADE))
        ax.add_patch(Rectangle((0, low), high, -low, **SHADE))
        ax.axline((0, 0), slope=1, color=INK, lw=0.6, zorder=1)
        for name in names:
            mean, se = pooled[name]
            ax.errorbar(exact, mean, se, ls="", ecolor=INK, elinewidth=0.6, zorder=2)
            ax.plot(exact, mean, ls="", zorder=3, **LOOKS[name].markers(3.5))
        ax.set(xlim=(low, high), ylim=(low, high), box_aspect=1, xlabel="exact derivative")
        ax.set_title(title, size=7.5)
    axes[0].set_ylabel("estimate")
    axes[0].text(0.96, 0.04, "wrong sign", transform=axes[0].transAxes, ha="right", size=6)
    style.panel_letter(axes[0], "d")


def draw_bias(row: np.ndarray, data: Panel) -> None:
    """Relative bias and largest z-score of every estimator."""
    pooled, exact = _pooled(data), data["exact"][0]

    def relative(vector: np.ndarray) -> np.ndarray:
        return np.linalg.norm(vector, axis=-1) / np.linalg.norm(exact)

    largest = 10.0
    for y, (name, (mean, se)) in enumerate(pooled.items()):
        look = LOOKS[name]
        seeds = relative(data["mean"][:, y] - exact)
        if len(seeds) > 1:
            row[0].plot(seeds, np.full(len(seeds), y), ls="", marker=".", ms=3, color=look.color)
        row[0].plot(relative(mean - exact), y, **look.markers(4.5))
        if (bias := relative(data["expected"][0, y] - exact)) > NO_ERROR:
            row[0].plot(bias, y, "k|", ms=9, mew=0.8)
        if np.any(se > NO_ERROR):
            row[0].barh(y, relative(se), 0.7, **SHADE)
            z = np.abs((mean - exact)[se > NO_ERROR] / se[se > NO_ERROR]).max()
            row[1].plot(z, y, **look.markers(4.5))
            largest = max(largest, z)
    row[0].set_yticks(range(len(pooled)), [LOOKS[name].label for name in pooled], size=SMALL)
    row[0].invert_yaxis()
    row[0].set(xscale="log", xlabel="relative bias\n(line: exact, grey: noise)")
    low, high = row[0].get_xlim()
    row[0].set_xlim(min(low, 0.009), max(high, 1.1))
    row[1].set(xscale="log", xlabel="largest $|z|$\n(grey: $< 5$)", xlim=(0.7, 2 * largest))
    row[1].axvspan(0.7, 5, **SHADE)
    row[1].tick_params(left=False)
    for axes in row:
        axes.xaxis.label.set_size(6.5)
        axes.xaxis.set_minor_formatter(NullFormatter())
    style.panel_letter(row[0], "e")


def draw_error(axes: Axes, data: Panel) -> None:
    """Error of the mean over ever more trials, against what they cost."""
    names = [str(name) for name in data["estimators"][0]]
    shown = {*IN_ERROR_PANEL, *_others(names)}
    for i, name in enumerate(names):
        if name in shown:
            look = LOOKS[name]
            cost = data["group_sizes"][0] * data["evaluations"][0, i]
            error = np.sqrt(np.mean(data["error"][:, i] ** 2, axis=0))
            axes.plot(cost, error, lw=1, **look.line(), **look.markers(3.5))
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="network evaluations",
        ylabel="relative error of the mean",
    )
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.text(0.03, 0.03, "markers as in e", transform=axes.transAxes, size=SMALL)
    style.panel_letter(axes, "g")


def _others(names: Iterable[str]) -> list[str]:
    """Estimators that have no facet."""
    known = {LIKE_SURROGATE, *chain.from_iterable(FACETS.values())}
    return [name for name in names if name not in known]


def _pooled(data: Panel) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Mean and standard error over all seeds, by estimator."""
    mean = data["mean"].mean(axis=0)
    se = np.sqrt(np.sum(data["se"] ** 2, axis=0)) / len(data["se"])
    return dict(zip(data["estimators"][0], zip(mean, se, strict=True), strict=True))
