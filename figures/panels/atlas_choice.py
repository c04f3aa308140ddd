"""Which estimator to use, for each regime and budget."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from figures import atlas
from figures.atlas import BUDGETS, Panel
from figures.looks import FAMILIES, LOOKS
from figures.style import letter_beside


def which(axes: Axes, data: Panel) -> None:
    """The best estimator for each regime and budget, in layered networks and in any."""
    cells = atlas.cells(data)
    layered, anywhere = (atlas.choices(data, general) for general in (False, True))
    for y in range(len(cells)):
        for x in range(len(BUDGETS)):
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
    axes.set(xlim=(0, len(BUDGETS)), ylim=(len(cells), 0))
    axes.set_xticks(np.arange(len(BUDGETS)) + 0.5, [_budget(b) for b in BUDGETS])
    axes.set_yticks(
        np.arange(len(cells)) + 0.5,
        [f"{d:g} hidden, $\\beta$ = {b:g}" for d, _, b, _ in cells],
        size=6,
    )
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_xlabel("budget: network runs per gradient", labelpad=1)
    axes.set_title("best alignment, for any program (for layers without time)", fontsize=7.5)
    letter_beside(axes, "f", -0.16)


def _budget(budget: int) -> str:
    return f"{budget:d}" if budget < 1000 else f"$10^{len(str(budget)) - 1}$"


def _said(choice: atlas.Choice) -> str:
    """Name and alignment, never rounded up to 1."""
    value = "" if choice.name == atlas.EXACT else f" {np.floor(100 * choice.alignment) / 100:.2f}"
    return LOOKS[choice.name].narrow + value.replace(" 0.", " .")
