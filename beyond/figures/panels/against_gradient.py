"""Every network: where an estimator's mean points, and for how many draws against the gradient."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from figures.looks import LOOKS
from figures.panels import Panel, names_of
from figures.panels.forest import Estimate, forest
from figures.style import INK, NEUTRAL, SMALL, WRONG

SHOWN = (
    "surrogate",
    "surrogate_x0.25",
    "surrogate_x4",
    "surrogate_super_spike",
    "mean_field",
    "smoothed_right",
    "smoothed_two_sided",
    "path_sample_analytic",
)
COMPARED = ("mean_field", "surrogate", "smoothed_two_sided", "path_sample_analytic")
"""The estimators that the headline ranks."""
DOTS = {False: 1.8, True: 3.2}
"""Points, by whether a mean points against the gradient."""
SIZE = 8


def computed(data: Panel, names: tuple[str, ...]) -> list[str]:
    """Return the names whose means were computed; an unbiased mean is the gradient itself."""
    listed = names_of(data, "estimators")
    at = {name: listed.index(name) for name in names if name in listed}
    return [name for name, i in at.items() if not np.isnan(data["against_any"][i])]


def strips(axes: Axes, data: Panel, names: list[str], beta: float | None = None) -> None:
    """Draw a dot for every draw of weights, a row for every estimator.

    Args:
        axes: Where.
        data: An atlas.
        names: The estimators, from top to bottom.
        beta: The slope; without one, a dot is the lowest cosine over all of them.
    """
    slopes, rng = data["cells"][0][:, 2], np.random.default_rng(0)
    columns = [slopes == slope for slope in (data["betas"] if beta is None else [beta])]
    axes.axvspan(-1.08, 0, **WRONG)
    for y, name in enumerate(names):
        at_all = data["cosine"][:, names_of(data, "estimators").index(name)]
        cosine = np.min([at_all[:, column] for column in columns], axis=0).ravel()
        height = y + rng.uniform(-0.3, 0.3, cosine.size)
        for wrong, size in DOTS.items():
            at = (cosine < 0) == wrong
            face = LOOKS[name].fill if wrong else LOOKS[name].color
            edge = 0.3 * wrong
            dot = {"marker": LOOKS[name].marker or "o", "mfc": face, "mec": INK, "mew": edge}
            axes.plot(cosine[at], height[at], ls="", ms=size, **dot)
    axes.set(xlim=(-1.08, 1.08), ylim=(len(names) - 0.45, -0.55))
    axes.set_xticks([-1, 0, 1])
    axes.tick_params(axis="y", length=0)
    axes.spines[["left", "right", "top"]].set_visible(False)


def name_strips(axes: Axes, names: list[str], size: float, first: float = 0) -> None:
    """Name the estimators, in their colours, from a height on."""
    axes.set_yticks(first + np.arange(len(names)), [LOOKS[name].label for name in names], size=size)
    for label, name in zip(axes.get_yticklabels(), names, strict=True):
        label.set_color(LOOKS[name].ink)


def shares(axes: Axes, data: Panel, names: list[str]) -> None:
    """Draw the share of networks that a mean opposes, at any slope, with 95 % intervals.

    Args:
        axes: Where.
        data: Means in many networks.
        names: The estimators, from top to bottom; those without a share have no mark.
    """
    n, rows, listed = int(data["n_networks"]), {}, names_of(data, "estimators")
    for y, name in enumerate(names):
        if name not in listed:
            continue
        share = data["share"][listed.index(name)]
        rows[y] = Estimate(100 * share, LOOKS[name])
        place: dict[str, Any] = {"va": "center", "size": SMALL, "color": INK}
        text = f"{round(n * share[0])} of {n}"
        axes.text(1.05, y, text, transform=axes.get_yaxis_transform(), **place)
    forest(axes, {"": rows}, size=4.5)
    axes.set_xlim(left=0)
    _bare(axes)


def prices(axes: Axes, data: Panel, names: list[str], cell: int, reference: str) -> None:
    """Draw variance times forward passes in one cell; a line is an unbiased estimator's."""
    listed, ends = names_of(data, "estimators"), [0.1, 100.0]
    costs = data["typical_variance"][:, cell] * data["runs"][:, cell]
    for y, name in enumerate(names):
        cost = costs[listed.index(name)] if name in listed else np.nan
        if 0 < cost < np.inf:
            ends += [0.7 * cost, 1.4 * cost]
            axes.plot(cost, y, clip_on=False, zorder=3, **LOOKS[name].markers(5))
        elif cost == 0:
            place = {"transform": axes.get_yaxis_transform(), "va": "center", "color": NEUTRAL}
            axes.text(0.03, y, "none", size=SMALL, **place)
    if reference in listed and 0 < costs[listed.index(reference)] < np.inf:
        cost, look = costs[listed.index(reference)], LOOKS[reference]
        ends += [0.7 * cost, 1.4 * cost]
        axes.axvline(cost, lw=1.2, zorder=0, **look.line())
        place = {"transform": axes.get_xaxis_transform(), "ha": "center", "va": "bottom"}
        axes.text(cost, 1.0, look.label, size=SMALL, color=look.ink, **place)
    axes.set(xscale="log", xlim=(min(ends), max(ends)))
    axes.minorticks_off()
    _bare(axes)


def _bare(axes: Axes) -> None:
    axes.tick_params(axis="y", length=0, labelleft=False)
    axes.spines["left"].set_visible(False)


def against_gradient(axes: Axes, data: Panel) -> None:
    """Draw the networks of all slopes, of the headline's estimators, with counts in words."""
    names = computed(data, COMPARED)
    strips(axes, data, names)
    name_strips(axes, names, SIZE)
    for y, name in enumerate(names):
        place = {"va": "center", "size": SIZE, "transform": axes.get_yaxis_transform()}
        axes.text(1.03, y, _share(data, names_of(data, "estimators").index(name)), **place)
    head: dict[str, Any] = {"size": SIZE, "va": "bottom", "color": NEUTRAL}
    above = {**head, "ha": "center", "transform": axes.get_xaxis_transform()}
    axes.text(-0.5, 1.02, "against the gradient", **above)
    axes.text(1.03, 1.02, "opposed [95 %]", transform=axes.transAxes, **head)
    axes.set_xlabel("cosine at the worst slope (dot: a network)", size=SIZE)


def _share(data: Panel, i: int) -> str:
    interval = percent(data["against_any_interval"][:, i])
    return f"{int(data['against_any'][i])} of {int(data['n_draws'])} [{interval}]"


def percent(ends: np.ndarray) -> str:
    """Return an interval of shares as figure and page print it."""
    return (
        ", ".join(f"{100 * end:.1g}" if end < 0.01 else f"{100 * end:.0f}" for end in ends) + " %"
    )
