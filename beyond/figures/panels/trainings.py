"""Trainings by several estimators: loss curves, final losses in pairs, and the methods' names."""

import textwrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from figures.looks import DOTTED, LOOKS, Look
from figures.panels import Data, Panel
from figures.style import BRANCH, INK, NEUTRAL, few_ticks, label_rows

BUDGETS = {"_one": ", 1 trial", "_more": ", 4× runs"}
"""Budgets other than the usual, by the ends of names; their lines are dotted."""

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

    Hollow ends are frozen trainings. The median of the reference lies below, in grey.
    """
    names, x, on = trained(data), data["update"][0], ~data["silent"]
    i = names.index(name)
    curves = (data["loss"] / data["loss"][:, :, :1])[on, i]
    frozen, color = data["frozen"][on, i], look_of(name).color
    if REFERENCE in names:
        axes.plot(x, data["curve_quartiles"][names.index(REFERENCE), 1], color=BRANCH, lw=2.2)
    axes.plot(x, curves.T, color=color, zorder=2, **SINGLE)
    axes.plot(x, data["curve_quartiles"][i, 1], color=color, lw=1.5, zorder=3)
    if frozen.any():
        ends = {"ls": "", "marker": "o", "ms": 3.2, "mfc": "white", "mew": 0.8, "clip_on": False}
        axes.plot(np.full(frozen.sum(), x[-1]), curves[frozen, -1], color=INK, zorder=4, **ends)
        said = f"{frozen.sum()} of {len(frozen)}\nfrozen"
        axes.text(0.04, 0.03, said, transform=axes.transAxes, size=6, color=INK)
    _of_loss(axes)
    axes.set_xticks([x[0], x[-1]])


def draw_curves(axes: Axes, data: Panel, names: list[str]) -> None:
    """Draw the loss over that before training, median and quartiles over tasks, against runs."""
    for name in names:
        i, look = trained(data).index(name), look_of(name)
        low, middle, high = data["curve_quartiles"][i][:, 1:]
        # On a logarithmic axis the point before training has no place.
        x = data["evaluations"][0, i, 1:]
        axes.fill_between(x, low, high, color=look.color, **BAND)
        axes.plot(x, middle, lw=1.1, label=label_of(name), **line_of(name))
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
        groups: Trainings by what their networks are like; the first above, filled.
        names: The methods, one a row.
    """
    axes.axvline(1, color=NEUTRAL, lw=0.8)
    for shift, filled, (label, data) in zip(
        (-0.17, 0.17), (True, False), groups.items(), strict=False
    ):
        listed = trained(data)
        look = {"marker": "o", "ms": 4, "mew": 1, "zorder": 3}
        axes.plot(
            [], [], ls="", color=NEUTRAL, mfc=NEUTRAL if filled else "white", label=label, **look
        )
        for y, name in enumerate(names):
            if name not in listed:
                continue
            mean, low, high = data["paired"][listed.index(name), listed.index(REFERENCE)]
            color = look_of(name).color
            axes.plot([low, high], [y + shift] * 2, color=color, lw=1.3)
            axes.plot(mean, y + shift, color=color, mfc=color if filled else "white", **look)
    axes.set(xscale="log", ylim=(len(names) - 0.5, -0.5))
    label_rows(axes, [wrapped(name, 17) for name in names])
    few_ticks(axes.xaxis, (0.05, 0.2, 1, 5))
    axes.set_xlabel("final loss / that of\nstochastic AD", size=7)
    place = {"loc": "lower center", "bbox_to_anchor": (0.2, 1), "borderaxespad": 0.1}
    axes.legend(fontsize=6, handlelength=1, labelspacing=0.2, **place)


def draw_limits(axes: Axes, data: Panel, name: str) -> None:
    """Draw the pairs of one method by how often a task must spike to be compared."""
    names, n = trained(data), data["n_by_limit"]
    pairs = data["paired_by_limit"][:, names.index(name), names.index(REFERENCE)]
    places, color = np.arange(len(n)), look_of(name).color
    axes.axhline(1, color=NEUTRAL, lw=0.8)
    axes.vlines(places, *pairs[:, 1:].T, color=color, lw=1.3)
    axes.plot(places, pairs[:, 0], ls="", color=color, **look_of(name).markers(4))
    axes.set_yscale("log")
    few_ticks(axes.yaxis, (0.2, 0.5, 0.7, 1, 1.5, 2, 5))
    labels = [f"{limit:g}\n{tasks}" for limit, tasks in zip(data["limits"], n, strict=True)]
    axes.set_xticks(places, labels)
    axes.set_xlabel("at least so many\noutput spikes; tasks")


def draw_left(axes: Axes, data: Panel) -> None:
    """Draw what each training leaves at its end: output spikes by chance, true gradient.

    Hollow: frozen. Values below an axis lie on its end, and so do gradients lost in their noise.
    """
    on = ~data["silent"]
    x = data["undecided"][on, :, -1, -1]
    before, end = np.moveaxis(data["squared_norm"][on, :, :, 0], -1, 0)
    y = np.sqrt(np.maximum(end, 0) / before)
    frozen = data["frozen"][on]
    for i, name in enumerate(trained(data)):
        look = look_of(name)
        for of, face in ((~frozen[:, i], look.color), (frozen[:, i], "white")):
            style = {"marker": look.marker, "mfc": face, "mec": look.color, "mew": 0.8}
            left = np.maximum(x[of, i], LEFT[0]), np.maximum(y[of, i], LEFT[1])
            if of.any():
                axes.plot(*left, ls="", ms=4, clip_on=False, **style)
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


def look_of(name: str) -> Look:
    """Return the look of an estimator, whatever its budget."""
    return LOOKS[_parts(name)[0]]


def label_of(name: str) -> str:
    """Return an estimator's label, and its budget where it is not the usual one."""
    return look_of(name).specific + BUDGETS.get(_parts(name)[1], "")


def narrow_of(name: str) -> str:
    """Return the label for a narrow cell."""
    return look_of(name).narrow + BUDGETS.get(_parts(name)[1], "")


def wrapped(name: str, width: int) -> str:
    """Return a name wrapped to fit a narrow cell."""
    return "\n".join(textwrap.wrap(label_of(name), width))


def usual(name: str) -> bool:
    """Return whether the estimator has the usual budget."""
    return not _parts(name)[1]


def line_of(name: str) -> dict[str, Any]:
    """Return the estimator's line, dotted at another budget."""
    return look_of(name).line() | ({"ls": DOTTED} if _parts(name)[1] else {})


def _parts(name: str) -> tuple[str, str]:
    """Split a name into estimator and budget, if any."""
    end = next((end for end in BUDGETS if name.endswith(end)), "")
    return name.removesuffix(end), end
