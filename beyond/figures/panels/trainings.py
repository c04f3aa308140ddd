"""Trainings by several estimators: loss curves, final losses in pairs, and the methods' names."""

import textwrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from figures.looks import LOOKS
from figures.method import Method
from figures.panels import Data, Panel
from figures.panels.forest import Estimate, forest, group_key
from figures.style import BRANCH, INK, few_ticks, label_rows

REFERENCE = "stochastic_ad_systematic"
"""Final losses are drawn relative to its."""

BAND = {"alpha": 0.12, "lw": 0}
SINGLE: dict[str, Any] = {"lw": 0.5, "alpha": 0.55}
"""Lines of single tasks."""
LEFT = (1e-4, 1e-5)
"""Where the axes of what is left at the end of a training begin."""
TICKS = (0.02, 0.1, 0.5, 1.0)


def draw_tasks(axes: Axes, data: Panel, name: str) -> None:
    """Draw one method's loss over that before training: tasks that are not silent, median.

    Crosses at the end are frozen trainings. The median of the reference lies below, in grey.
    """
    names, x, on = trained(data), data["update"][0], ~data["silent"]
    i = names.index(name)
    curves = (data["loss"] / data["loss"][:, :, :1])[on, i]
    frozen, color = data["frozen"][on, i], LOOKS[name].color
    if REFERENCE in names:
        axes.plot(x, data["curve_quartiles"][names.index(REFERENCE), 1], color=BRANCH, lw=2.2)
    axes.plot(x, curves.T, color=color, zorder=2, **SINGLE)
    axes.plot(x, data["curve_quartiles"][i, 1], color=color, lw=1.5, zorder=3)
    if frozen.any():
        ends = {"ls": "", "marker": "x", "ms": 3, "mew": 0.8, "clip_on": False}
        axes.plot(np.full(frozen.sum(), x[-1]), curves[frozen, -1], color=INK, zorder=4, **ends)
        said = f"{frozen.sum()} of {len(frozen)}\nfrozen"
        axes.text(0.04, 0.03, said, transform=axes.transAxes, size=6, color=INK)
    _of_loss(axes)
    axes.set_xticks([x[0], x[-1]])


def draw_curves(axes: Axes, data: Panel, names: list[str]) -> None:
    """Draw the loss over that before training, median and quartiles over tasks, against runs."""
    for name in names:
        i, look = trained(data).index(name), LOOKS[name]
        low, middle, high = data["curve_quartiles"][i][:, 1:]
        # On a logarithmic axis the point before training has no place.
        x = data["evaluations"][0, i, 1:]
        axes.fill_between(x, low, high, color=look.color, **BAND)
        axes.plot(x, middle, lw=1.1, label=look.specific, **look.line())
    _of_loss(axes)
    axes.set(xlabel="runs of the network", xscale="log")
    axes.xaxis.set_minor_formatter(NullFormatter())


def _of_loss(axes: Axes) -> None:
    axes.set_yscale("log")
    few_ticks(axes.yaxis, TICKS)


def draw_pairs(axes: Axes, groups: Data, names: list[str]) -> None:
    """Draw final losses over the reference's, in pairs: geometric mean and 95 % interval.

    Args:
        axes: Where.
        groups: Trainings by what their networks are like.
        names: The methods, one a row.
    """

    def row(data: Panel, name: str) -> Estimate:
        i, j = (trained(data).index(each) for each in (name, REFERENCE))
        return Estimate(data["paired"][i, j], LOOKS[name])

    rows = {
        words: {y: row(data, name) for y, name in enumerate(names) if name in trained(data)}
        for words, data in groups.items()
    }
    forest(axes, rows, null=1)
    axes.set(xscale="log", ylim=(len(names) - 0.5, -0.5))
    label_rows(axes, [wrapped(name, 17) for name in names])
    few_ticks(axes.xaxis, (0.05, 0.2, 1, 5))
    axes.set_xlabel("final loss / that of\nstochastic AD", size=7)
    place = {"loc": "lower center", "bbox_to_anchor": (0.2, 1), "ncols": 1}
    group_key(axes, groups, labelspacing=0.2, **place)


def draw_limits(axes: Axes, data: Panel, name: str) -> None:
    """Draw the pairs of one method by how often a task must spike to be compared."""
    names, n = trained(data), data["n_by_limit"]
    pairs = data["paired_by_limit"][:, names.index(name), names.index(REFERENCE)]
    places = np.arange(len(n))
    rows = {x: Estimate(pair, LOOKS[name]) for x, pair in zip(places, pairs, strict=True)}
    forest(axes, {"": rows}, null=1, upright=True)
    axes.set_yscale("log")
    few_ticks(axes.yaxis, (0.2, 0.5, 0.7, 1, 1.5, 2, 5))
    labels = [f"{limit:g}\n{tasks}" for limit, tasks in zip(data["limits"], n, strict=True)]
    axes.set_xticks(places, labels)
    axes.set_xlabel("at least so many\noutput spikes; tasks")


def draw_left(axes: Axes, data: Panel) -> None:
    """Draw what each training leaves at its end: output spikes by chance, true gradient.

    Crosses: frozen. Values below an axis lie on its end, and so do gradients lost in their noise.
    """
    on = ~data["silent"]
    x = data["undecided"][on, :, -1, -1]
    before, end = np.moveaxis(data["squared_norm"][on, :, :, 0], -1, 0)
    y = np.sqrt(np.maximum(end, 0) / before)
    frozen = data["frozen"][on]
    for i, name in enumerate(trained(data)):
        look = LOOKS[name]
        crosses = {"marker": "x", "mec": look.color, "mew": 0.9, "ms": 4}
        for of, style in ((~frozen[:, i], look.markers(4)), (frozen[:, i], crosses)):
            left = np.maximum(x[of, i], LEFT[0]), np.maximum(y[of, i], LEFT[1])
            if of.any():
                axes.plot(*left, ls="", clip_on=False, **style)
    axes.set(xscale="log", yscale="log", xlabel="output spikes\nleft to chance")
    axes.set_xlim(LEFT[0], None)
    axes.set_ylim(LEFT[1], None)
    axes.minorticks_off()


def methods(*groups: Panel) -> list[str]:
    """Return the names in any group, in order of first appearance."""
    return list(dict.fromkeys(name for group in groups for name in trained(group)))


def trained(data: Panel) -> list[str]:
    """Return the names of all that was trained, budgets included."""
    return [str(name) for name in data["methods"][0]]


def wrapped(name: str, width: int) -> str:
    """Return a name wrapped to fit a narrow cell."""
    return "\n".join(textwrap.wrap(LOOKS[name].narrow, width))


def usual(name: str) -> bool:
    """Return whether the estimator has the usual budget."""
    return Method.of(name).runs == 1
