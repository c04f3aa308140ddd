"""Loss curves of trainings by several estimators, and the table of their final losses."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from figures.looks import DOTTED, LOOKS, Look
from figures.style import INK

Panel = dict[str, np.ndarray]


BUDGETS = {"_one": ", 1 trial", "_more": ", 4×"}
"""Budgets other than the usual, by the ends of names; their lines are dotted."""

BAND = {"alpha": 0.12, "lw": 0}
TICKS = (0.05, 0.1, 0.2, 0.5, 1.0)


def draw_curves(axes: Axes, data: Panel, against: str) -> None:
    """Median of the loss over that before training, of tasks that are not silent; quartiles."""
    for i, name in enumerate(trained(data)):
        low, middle, high = data["curve_quartiles"][i]
        x = data["update"][0] if against == "update" else data["evaluations"][0, i]
        # Against cost, on a logarithmic axis, the point before training has no place.
        shown = slice(1, None) if against == "evaluations" else slice(None)
        axes.fill_between(x[shown], low[shown], high[shown], color=look_of(name).color, **BAND)
        axes.plot(x[shown], middle[shown], label=label_of(name), **line_of(name))
    axes.set_yscale("log")
    axes.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS])
    axes.minorticks_off()
    axes.set(xlabel={"update": "updates", "evaluations": "runs of the network"}[against])
    if against == "evaluations":
        axes.set_xscale("log")
        axes.xaxis.set_minor_formatter(NullFormatter())
    else:
        axes.set_ylabel("loss / loss before")


def trained(data: Panel) -> list[str]:
    """Names of what was descended, budgets included."""
    return [str(name) for name in data["methods"][0]]


def look_of(name: str) -> Look:
    """The look of an estimator, whatever its budget."""
    return LOOKS[_parts(name)[0]]


def label_of(name: str) -> str:
    """Estimator, and budget where it is not the usual."""
    return look_of(name).specific + BUDGETS.get(_parts(name)[1], "")


def line_of(name: str) -> dict[str, Any]:
    """The estimator's line, dotted at another budget."""
    return look_of(name).line() | ({"ls": DOTTED} if _parts(name)[1] else {})


def _parts(name: str) -> tuple[str, str]:
    """Estimator and the end of the name that tells the budget, if any."""
    end = next((end for end in BUDGETS if name.endswith(end)), "")
    return name.removesuffix(end), end


def draw_table(axes: Axes, *groups: Panel | None) -> None:
    """Median final loss, and its quartiles, of every method; also the figure's legend."""
    axes.axis("off")
    heads = ("at ease", "steep")
    axes.text(0.27, 1.0, heads[0], transform=axes.transAxes, size=6, ha="center", weight="bold")
    axes.text(0.79, 1.0, heads[1], transform=axes.transAxes, size=6, ha="center", weight="bold")
    y = 0.92
    present = [(group, x) for group, x in zip(groups, (0.27, 0.79), strict=True) if group]
    # A name in any group, in the order in which it first comes.
    names = dict.fromkeys(name for group, _ in present for name in trained(group))
    for name in names:
        axes.plot([0.0, 0.12], [y, y], transform=axes.transAxes, **line_of(name))
        label = label_of(name)
        axes.text(0.16, y, label, transform=axes.transAxes, size=6.5, va="center", color=INK)
        for group, x in present:
            if name in trained(group):
                low, middle, high = group["final_quartiles"][trained(group).index(name)]
                axes.text(
                    x,
                    y - 0.06,
                    f"{middle:.2f} ({low:.2f}–{high:.2f})",
                    transform=axes.transAxes,
                    size=6,
                    ha="center",
                    va="center",
                    color=INK,
                )
        y -= 0.122
