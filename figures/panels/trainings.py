"""Trainings by several estimators: loss curves, final losses in pairs, and the methods' names."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from figures.looks import DOTTED, LOOKS, Look
from figures.style import INK, NEUTRAL, SMALL

Panel = dict[str, np.ndarray]

BUDGETS = {"_one": ", 1 trial", "_more": ", 4× runs"}
"""Budgets other than the usual, by the ends of names; their lines are dotted."""

REFERENCE = "stochastic_ad_systematic"
"""Final losses are drawn relative to its."""

BAND = {"alpha": 0.12, "lw": 0}
TICKS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


def draw_curves(axes: Axes, data: Panel, against: str) -> None:
    """Median of the loss over that before training, of tasks that are not silent; quartiles."""
    for i, name in enumerate(trained(data)):
        low, middle, high = data["curve_quartiles"][i]
        x = data["update"][0] if against == "update" else data["evaluations"][0, i]
        # Against cost, on a logarithmic axis, the point before training has no place.
        shown = slice(1, None) if against == "evaluations" else slice(None)
        axes.fill_between(x[shown], low[shown], high[shown], color=look_of(name).color, **BAND)
        axes.plot(x[shown], middle[shown], lw=1.1, label=label_of(name), **line_of(name))
    axes.set_yscale("log")
    axes.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS])
    axes.minorticks_off()
    axes.set(xlabel={"update": "updates", "evaluations": "runs of the network"}[against])
    if against == "evaluations":
        axes.set_xscale("log")
        axes.xaxis.set_minor_formatter(NullFormatter())


def draw_pairs(axes: Axes, groups: dict[str, Panel], names: list[str]) -> None:
    """Final loss over that of the reference in the same task: geometric mean and 95 % interval.

    Args:
        axes: Where.
        groups: Trainings by what their networks are like; the first above, filled.
        names: The methods, one a row.
    """
    axes.axvline(1, color=NEUTRAL, lw=0.8)
    for shift, filled, data in zip((-0.17, 0.17), (True, False), groups.values(), strict=False):
        listed = trained(data)
        for y, name in enumerate(names):
            if name not in listed or name == REFERENCE:
                continue
            mean, low, high = data["paired"][listed.index(name), listed.index(REFERENCE)]
            color = look_of(name).color
            axes.plot([low, high], [y + shift] * 2, color=color, lw=1.3)
            face = color if filled else "white"
            axes.plot(mean, y + shift, "o", ms=4, color=color, mfc=face, mew=1)
    axes.set(xscale="log", ylim=(len(names) - 0.5, -0.5), yticks=[])
    ticks = [t for t in (0.05, 0.2, 1, 5) if axes.get_xlim()[0] < t < axes.get_xlim()[1]]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("final loss / that of\nstochastic AD", size=7)
    at = names.index(REFERENCE)
    axes.text(1, at, "reference ", size=6, color=NEUTRAL, va="center", ha="right")


def draw_names(axes: Axes, names: list[str], groups: dict[str, Panel] | None = None) -> None:
    """Every method's line and name, on the rows of `draw_pairs`, and above them its markers."""
    axes.axis("off")
    for y, name in enumerate(names):
        look = look_of(name)
        axes.plot([0, 0.16], [y, y], **line_of(name))
        axes.text(0.2, y, label_of(name), size=SMALL, va="center", color=INK)
        axes.plot(0.08, y, **look.markers(4))
    axes.set(xlim=(0, 1), ylim=(len(names) - 0.5, -0.5))
    for filled, label in zip((True, False), groups or {}, strict=False):
        face = NEUTRAL if filled else "white"
        axes.plot([], [], "o", ms=4, color=NEUTRAL, mfc=face, label=label)
    if groups:
        place = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0}
        axes.legend(fontsize=6, handlelength=1, labelspacing=0.2, **place)


def methods(*groups: Panel) -> list[str]:
    """Names in any group, in the order in which they first come."""
    return list(dict.fromkeys(name for group in groups for name in trained(group)))


def trained(data: Panel) -> list[str]:
    """Names of what was descended, budgets included."""
    return [str(name) for name in data["methods"][0]]


def look_of(name: str) -> Look:
    """The look of an estimator, whatever its budget."""
    return LOOKS[_parts(name)[0]]


def label_of(name: str) -> str:
    """Estimator, and budget where it is not the usual."""
    return look_of(name).specific + BUDGETS.get(_parts(name)[1], "")


def narrow_of(name: str) -> str:
    """The same in a narrow cell."""
    return look_of(name).narrow + BUDGETS.get(_parts(name)[1], "")


def line_of(name: str) -> dict[str, Any]:
    """The estimator's line, dotted at another budget."""
    return look_of(name).line() | ({"ls": DOTTED} if _parts(name)[1] else {})


def _parts(name: str) -> tuple[str, str]:
    """Estimator and the end of the name that tells the budget, if any."""
    end = next((end for end in BUDGETS if name.endswith(end)), "")
    return name.removesuffix(end), end
