"""Which estimator to use, for each regime and budget."""

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from figures.looks import FAMILIES, LOOKS
from figures.panels.heat_map import Panel
from figures.style import letter_beside

ALL_PATHS = -1
"""Stands among the best estimators for enumeration."""


class Choice(NamedTuple):
    """The best estimator of a cell at a budget.

    Attributes:
        name: a key of `LOOKS`.
        alignment: mean cosine with the gradient, median over networks, as it is printed: never
            rounded up to 1; empty if exact.
    """

    name: str
    alignment: str


def choices(data: Panel, for_layers: bool) -> list[list[Choice]]:
    """The best estimator for each cell and budget.

    Args:
        data: an atlas.
        for_layers: in layers without time; if not, for any program.
    """
    listed = data["estimators"][0]

    def choice(cell: int, budget: int) -> Choice:
        best = data["best"][int(for_layers), cell, budget]
        if best == ALL_PATHS:
            return Choice("exact_enumeration", "")
        alignment = np.floor(100 * data["alignment"][best, cell, budget]) / 100
        return Choice(str(listed[best]), f"{alignment:.2f}".removeprefix("0"))

    cells, budgets = data["best"].shape[1:]
    return [[choice(cell, budget) for budget in range(budgets)] for cell in range(cells)]


def which(axes: Axes, data: Panel) -> None:
    """The best estimator for each regime and budget, in layered networks and in any."""
    cells, budgets = data["cells"][0], data["budgets"][0]
    layered, anywhere = (choices(data, for_layers) for for_layers in (True, False))
    for y in range(len(cells)):
        for x in range(len(budgets)):
            best, general = layered[y][x], anywhere[y][x]
            family = FAMILIES[LOOKS[general.name].family].ink
            axes.add_patch(Rectangle((x, y), 1, 1, fc=family, alpha=0.22, ec="white", lw=1.2))
            second = best.name != general.name
            height = 0.34 if second else 0.5
            axes.text(x + 0.5, y + height, _said(general), ha="center", va="center", size=6)
            if second:
                axes.text(
                    x + 0.5,
                    y + 0.76,
                    f"({_said(best)})",
                    ha="center",
                    va="center",
                    size=4.8,
                    color=FAMILIES[LOOKS[best.name].family].ink,
                )
    axes.set(xlim=(0, len(budgets)), ylim=(len(cells), 0))
    axes.set_xticks(np.arange(len(budgets)) + 0.5, [_budget(b) for b in map(int, budgets)])
    axes.set_yticks(
        np.arange(len(cells)) + 0.5,
        [f"{d:g} hidden, $\\beta$ = {b:g}" for d, _, b, _ in cells],
        size=6,
    )
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_xlabel("budget: network runs per gradient", labelpad=1)
    axes.set_title(
        "best median of the mean cosine: any program (layers without time)", fontsize=7.5
    )
    letter_beside(axes, "f", -0.16)


def _budget(budget: int) -> str:
    return f"{budget:d}" if budget < 1000 else f"$10^{len(str(budget)) - 1}$"


def _said(choice: Choice) -> str:
    return f"{LOOKS[choice.name].narrow} {choice.alignment}".rstrip()
