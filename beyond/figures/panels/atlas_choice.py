"""Which estimator to use, for each regime and budget."""

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from figures.looks import FILLS, LOOKS
from figures.panels import Panel
from figures.style import WRONG, name_looks

ALL_PATHS = -1
"""Stands among the best estimators for enumeration."""
TINT = 0.22
"""Opacity of the colour of a cell's method."""
BELOW: dict[str, Any] = {"color": WRONG["color"], "alpha": 0.5, "lw": 0}
"""Strip at the left of cells whose percentile is negative; their ground is white."""
STRIP = 0.04
"""Width of the strip, as a share of the cell's width."""
LONGEST = 36
"""Number of letters that a cell holds in one line."""


class Choice(NamedTuple):
    """The best estimator of a cell at a budget.

    Attributes:
        name: a key of `LOOKS`.
        low: mean cosine with the gradient, 10th percentile over networks, as printed; empty
            if exact.
        median: likewise the median.
    """

    name: str
    low: str = ""
    median: str = ""


def choices(data: Panel) -> list[list[Choice]]:
    """Return the estimator for any program of the largest 10th percentile, by cell and budget."""
    listed, scope = data["estimators"][0], 0

    def choice(cell: int, budget: int) -> Choice:
        best = data["safest"][scope, cell, budget]
        if best == ALL_PATHS:
            return Choice("exact_enumeration")
        low, median = (data[key][best, cell, budget] for key in ("p10_alignment", "alignment"))
        return Choice(str(listed[best]), short(low), short(median))

    cells, budgets = data["safest"].shape[1:]
    return [[choice(cell, budget) for budget in range(budgets)] for cell in range(cells)]


def cell_text(best: Choice) -> str:
    """Return the text of a cell: estimator and cosines, in two lines if one is too short."""
    name = LOOKS[best.name].label
    if not best.low:
        return name
    cosines = f"{best.low} ({best.median})"
    line = f"{name}   {cosines}"
    return line if len(line) <= LONGEST else f"{name}\n{cosines}"


def text_lines(data: Panel) -> int:
    """Return the number of text lines, 1 or 2, that the rows of the table need."""
    return 1 + max("\n" in cell_text(best) for row in choices(data) for best in row)


def which(axes: Axes, data: Panel, size: float) -> None:
    """Draw the best estimator for each regime (rows) and budget (columns), in letters of a size."""
    cells, budgets = data["cells"][0], data["budgets"][0]
    for y, row in enumerate(choices(data)):
        for x, best in enumerate(row):
            look = LOOKS[best.name]
            ground: dict[str, Any] = {"fc": FILLS[look.family], "alpha": TINT}
            if best.low.startswith("−"):
                ground = {"fc": "white"}
                axes.add_patch(Rectangle((x, y), STRIP, 1, zorder=2, **BELOW))
            axes.add_patch(Rectangle((x, y), 1, 1, ec="white", lw=1, **ground))
            place: dict[str, Any] = {"ha": "center", "va": "center", "size": size}
            place |= {"xy": (x + 0.5, y + 0.5), "textcoords": "offset points"}
            axes.annotate(cell_text(best), xytext=(0, 0), **place)
    axes.set(xlim=(0, len(budgets)), ylim=(len(cells), 0))
    axes.set_xticks(np.arange(len(budgets)) + 0.5, [f"{b:,}".replace(",", " ") for b in budgets])
    layers = [f"{d:g} layer{'' if d == 1 else 's'}, $\\beta$ = {b:g}" for d, _, b, _ in cells]
    axes.set_yticks(np.arange(len(cells)) + 0.5, layers)
    axes.tick_params(length=0, labelsize=7, pad=2)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("budget: forward passes per gradient", size=7, labelpad=2)
    axes.set_title("any program: best by cosine's 10th percentile (median)", size=7, loc="left")


def name_tints(axes: Axes) -> None:
    """Name the tints of the cells of `which`, above the table."""
    kinds = {"SG": "surrogate", "smoothed": "smoothed", "unbiased": "unbiased", "exact": "exact"}
    looks = {
        word: {"color": FILLS[family], "alpha": TINT, "lw": 0} for word, family in kinds.items()
    }
    above = {"loc": "lower right", "bbox_to_anchor": (1, 1), "borderaxespad": 0.1, "ncols": 5}
    look = {"fontsize": 6, "handlelength": 1.2, "columnspacing": 1}
    name_looks(axes, looks | {"white cell: below 0": BELOW}, **above, **look)


def floored(value: float, digits: int = 2) -> str:
    """Return a number rounded down, for figure and page."""
    size = 10**digits
    return f"{np.floor(size * round(float(value), 9)) / size:.{digits}f}".replace("-", "−")


def short(value: float) -> str:
    """Return a number below 1 in a narrow cell, as ".98" or "−.03"."""
    return floored(value).replace("0.", ".", 1)
