"""Which estimator to use, for each regime and budget."""

import textwrap
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from figures.looks import FAMILIES, LOOKS
from figures.panels import Panel

ALL_PATHS = -1
"""Stands among the best estimators for enumeration."""


class Choice(NamedTuple):
    """The best estimator of a cell at a budget.

    Attributes:
        name: a key of `LOOKS`.
        alignment: mean cosine with the gradient, median over networks, as it is printed; empty if
            exact.
        low: likewise its 10th percentile.
        rivals: how many others cannot be told from it.
    """

    name: str
    alignment: str = ""
    low: str = ""
    rivals: int = 0


def choices(data: Panel, for_layers: bool) -> list[list[Choice]]:
    """Return the best estimator for each cell and budget.

    Args:
        data: an atlas.
        for_layers: in layers without time; if not, for any program.
    """
    listed, scope = data["estimators"][0], int(for_layers)

    def choice(cell: int, budget: int) -> Choice:
        best = data["best"][scope, cell, budget]
        if best == ALL_PATHS:
            return Choice("exact_enumeration")
        at = (best, cell, budget)
        rivals = int(data["rivals"][scope, :, cell, budget].sum())
        median, low = (short(data[key][at]) for key in ("alignment", "p10_alignment"))
        return Choice(str(listed[best]), median, low, rivals)

    cells, budgets = data["best"].shape[1:]
    return [[choice(cell, budget) for budget in range(budgets)] for cell in range(cells)]


def which(axes: Axes, data: Panel, for_layers: bool) -> None:
    """Draw the best estimator for each regime (rows) and budget (columns)."""
    cells, budgets = data["cells"][0], data["budgets"][0]
    for y, row in enumerate(choices(data, for_layers)):
        for x, best in enumerate(row):
            look = LOOKS[best.name]
            color = FAMILIES[look.family]
            axes.add_patch(Rectangle((x, y), 1, 1, fc=color, alpha=0.22, ec="white", lw=1.5))
            place: dict[str, Any] = {"ha": "center", "va": "center", "size": 6}
            if not best.alignment:
                axes.text(x + 0.5, y + 0.5, look.narrow, **place)
                continue
            name = look.narrow + (f" +{best.rivals}" if best.rivals else "")
            name = "\n".join(textwrap.wrap(name, 52 // len(budgets)))
            words = axes.text(x + 0.5, y + 0.31, name, weight="bold", **place)
            if "\n" in name:
                words.set_linespacing(0.9)
            axes.text(x + 0.5, y + 0.71, f"{best.alignment} ({best.low})", **place)
    axes.set(xlim=(0, len(budgets)), ylim=(len(cells), 0))
    axes.set_xticks(np.arange(len(budgets)) + 0.5, [f"{b:,}".replace(",", " ") for b in budgets])
    axes.set_yticks(
        np.arange(len(cells)) + 0.5, [f"{d:g} hidden, $\\beta$ = {b:g}" for d, _, b, _ in cells]
    )
    axes.tick_params(length=0, labelsize=6.5)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_xlabel("budget: runs of the network per gradient", size=7)


def floored(value: float, digits: int = 2) -> str:
    """Return a number as figure and page print it: rounded down, so that it never looks better."""
    size = 10**digits
    return f"{np.floor(size * round(float(value), 9)) / size:.{digits}f}".replace("-", "−")


def short(value: float) -> str:
    """Return a number below 1 in a narrow cell, as ".98" or "−.03"."""
    return floored(value).replace("0.", ".", 1)
