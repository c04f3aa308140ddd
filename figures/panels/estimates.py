"""Comparison of estimators of one gradient: derivatives, bias, error against cost."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator, NullFormatter

from figures.looks import EXACT, LOOKS, NO_ERROR
from figures.panels import Panel, names_of
from figures.style import INK, SHADE, SMALL, WRONG

MAIN = {
    "SG, matched": ("surrogate",),
    "mean field": ("mean_field",),
    "stochastic AD": ("stochastic_ad",),
}
"""Estimators of the claim, by title of their panel."""
LIKE_SURROGATE = "smoothed_straight_through"
"""The surrogate gradient itself, path by path: panel c."""
IN_MAIN = {LIKE_SURROGATE, *chain.from_iterable(MAIN.values())}
"""Estimators that need no facet in the supplement."""
FURTHER = (
    "smoothed_right",
    "smoothed_left",
    "smoothed_two_sided",
    "stochastic_ad_right",
    "stochastic_ad_left",
    "stochastic_ad_two_sided",
    "stochastic_ad_few_flips",
    "score_function_no_baseline",
    "score_function",
)
"""Estimators that the supplement alone draws; the rest of a user's own list has errors, too."""
LEAST = 1e-4
"""Relative biases below this count as none."""
MOST_BESIDE = 8
"""Estimators whose names fit beside the curves of their errors."""
LONG = 30
"""Beside a name of more letters, the axes of the bias are narrow."""
IN_ERROR_PANEL = ("surrogate", "mean_field", "stochastic_ad", "score_function")


def facets(data: Panel, groups: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the estimators that were computed, by the title of their facet."""
    names = names_of(data, "estimators")
    computed = {
        title: [name for name in members if name in names] for title, members in groups.items()
    }
    return {title: members for title, members in computed.items() if members}


def without_facet(names: Iterable[str]) -> list[str]:
    """Return the estimators that have no facet in the main picture."""
    return [name for name in names if name not in IN_MAIN]


def draw_derivatives(row: np.ndarray, data: Panel, shown: Mapping[str, Sequence[str]]) -> None:
    """Draw each parameter's derivative by estimators, in the order of the exact ones.

    By their rank, since derivatives of inputs that are alike coincide.

    Args:
        row: an axes for each facet, which share both axes.
        data: panel "estimators".
        shown: estimators by title of their facet.
    """
    names, exact = names_of(data, "estimators"), data["exact"][0]
    mean, se = data["pooled_mean"], data["pooled_se"]
    order = np.argsort(exact, kind="stable")
    rank, exact = np.arange(1, exact.size + 1), exact[order]
    every = np.concatenate([exact, *mean])
    low, high = min(0, every.min()), max(0, every.max())
    low, high = low - 0.1 * (high - low), high + 0.1 * (high - low)
    negative, last = 0.5 + np.sum(exact < 0), exact.size + 1
    # The facets share their limits: each call of a loop would set the limits of all facets.
    row[0].set(xlim=(0, last), ylim=(low, high))
    for ax, (title, members) in zip(row, shown.items(), strict=True):
        ax.add_patch(Rectangle((0, 0), negative, high, **WRONG))
        ax.add_patch(Rectangle((negative, low), last - negative, -low, **WRONG))
        ax.axhline(0, color=INK, lw=0.5, zorder=1)
        ax.plot(rank, exact, **(EXACT | {"lw": 3}))
        # Where estimates agree, all are seen.
        for name, size in zip(
            members, np.linspace(2.2 + 1.3 * len(members), 3.5, len(members)), strict=True
        ):
            i = names.index(name)
            y = mean[i][order]
            ax.errorbar(rank, y, se[i][order], ls="", ecolor=INK, elinewidth=0.6, zorder=2)
            ax.plot(rank, y, ls="", zorder=3, **LOOKS[name].markers(size))
        ax.set_xlabel("parameter (by\nexact gradient)")
        ax.xaxis.set_major_locator(MaxNLocator(3, integer=True, prune="both"))
        ax.set_title(title if len(shown) <= 4 else title.replace(", ", ",\n"), size=7.5)
    row[0].set_ylabel("derivative\n(grey: exact gradient)")
    # The last estimators are unbiased, by default, and leave this place free.
    row[-1].text(0.96, 0.04, "wrong sign", transform=row[-1].transAxes, ha="right", size=SMALL)


def draw_bias(row: np.ndarray, data: Panel) -> None:
    """Draw the bias of every estimator, in all directions and along that of the surrogate gradient.

    The rows are the key of markers.
    """
    names = names_of(data, "estimators")
    share, error = data["bias_over_that_of_sg"], 3 * data["bias_over_that_of_sg_se"]
    for y, name in enumerate(names):
        look = LOOKS[name]
        # Values below the axis are drawn at its end.
        seeds, bias = np.maximum(data["seed_bias"][:, y], LEAST), data["sampled_bias"][y]
        if len(seeds) > 1:
            row[0].plot(seeds, np.full(len(seeds), y), ls="", marker=".", ms=3, color=look.color)
        row[0].barh(y, data["sampled_bias_se"][y], 0.7, **SHADE)
        row[0].plot(max(bias, LEAST), y, **look.markers(4.5))
        if data["expected_bias"][y] > NO_ERROR:
            expected = max(data["expected_bias"][y], LEAST)
            row[0].plot(expected, y, "|", color=INK, ms=9, mew=0.8)
        row[1].errorbar(share[y], y, xerr=error[y], ls="", ecolor=INK, elinewidth=0.8)
        row[1].plot(share[y], y, **look.markers(4.5))
    labels = [LOOKS[name].label for name in names]
    row[0].set_yticks(range(len(names)), labels, size=SMALL)
    row[0].invert_yaxis()
    row[0].set(xscale="log", xlabel="relative bias,\nall directions")
    low, high = row[0].get_xlim()
    row[0].set_xlim(max(min(low, 0.002), LEAST), max(high, 1.5))
    for x in (0, 1):
        row[1].axvline(x, color=INK, lw=0.5, zorder=0)
    narrow = max(map(len, labels)) > LONG
    words = "along the bias\nof SG, matched" if narrow else "along the bias of\nSG, matched"
    row[1].set_xlabel(words)
    seeds = "dots: seeds\n" if len(data["seed_bias"]) > 1 else ""
    row[0].set_title(f"{seeds}ticks: exact bias\ngrey: sampling error", size=SMALL)
    row[1].tick_params(left=False)
    row[0].xaxis.set_minor_formatter(NullFormatter())


def _in_error_panel(data: Panel) -> list[str]:
    names = names_of(data, "estimators")
    own = set(without_facet(names)) - set(FURTHER)
    return [name for name in names if name in IN_ERROR_PANEL or name in own] or names


def key_below(data: Panel) -> float:
    """Return the inches for `draw_error`'s key in three columns; 0 if it fits beside the curves."""
    n = len(_in_error_panel(data))
    return 0.2 + 0.13 * -(-n // 3) if n > MOST_BESIDE else 0.0


def draw_error(axes: Axes, data: Panel) -> None:
    """Draw the error of the mean over ever more trials, against what they cost."""
    names, chosen = names_of(data, "estimators"), _in_error_panel(data)
    for i, name in enumerate(names):
        if name in chosen:
            look = LOOKS[name]
            cost = data["group_sizes"][0] * data["evaluations"][0, i]
            axes.plot(cost, data["pooled_error"][i], lw=1, label=look.label, **look.line(3.5))
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="forward passes",
        ylabel="relative error of the mean",
    )
    axes.yaxis.set_minor_formatter(NullFormatter())
    if not key_below(data):
        axes.legend(fontsize=SMALL, loc="lower left", borderaxespad=0, labelspacing=0.3)
