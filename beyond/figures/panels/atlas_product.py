"""Figure 8's map of the whole product of depth, width, noise and loss: the paper preset's."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import SubFigure
from matplotlib.patches import Patch, Rectangle

from beyond.figures.panels.atlas_choice import Choice, choices
from figures.looks import FAMILIES, LOOKS
from figures.panels import Panel
from figures.style import name_panels

BUDGETS = (1, 100, 1000)
"""Budgets, one map each."""


def product(figure: SubFigure, data: Panel, letter: str) -> None:
    """Draw the best estimator for any program in every cell: 10th percentile of its cosine."""
    cells, table = data["cells"][0], choices(data, for_layers=False)
    colors = _colors({choice.name for row in table for choice in row})
    budgets = list(data["budgets"][0])
    shown = [budget for budget in BUDGETS if budget in budgets]
    *maps, names = figure.subplots(len(shown) + 1, 1, height_ratios=[*[1] * len(shown), 0.15])
    for axes, budget in zip(maps, shown, strict=True):
        best = [row[budgets.index(budget)] for row in table]
        _map(axes, cells, best, colors)
        axes.set_title(
            f"{budget:,} run{'s' if budget > 1 else ''}".replace(",", " "), size=7, pad=12
        )
        axes.set_ylabel("hidden layers × width", size=7)
    maps[-1].set_xlabel("curvature of the loss", size=7)
    name_panels(letter, maps[:1])
    names.axis("off")
    handles = [Patch(fc=color, label=LOOKS[name].label) for name, color in colors.items()]
    names.legend(handles=handles, loc="center", ncols=4, fontsize=6, handlelength=1)


def _map(
    axes: Axes, cells: np.ndarray, best: list[Choice], colors: dict[str, tuple[float, ...]]
) -> None:
    """Draw depth and width from top to bottom, beta and curvature from left to right."""
    rows, columns = (
        list(dict.fromkeys(map(tuple, cells[:, part]))) for part in (slice(0, 2), slice(2, 4))
    )
    for cell, choice in zip(cells, best, strict=True):
        x, y = columns.index(tuple(cell[2:])), rows.index(tuple(cell[:2]))
        axes.add_patch(Rectangle((x, y), 1, 1, fc=colors[choice.name], ec="white", lw=0.5))
        axes.text(x + 0.5, y + 0.52, choice.low, ha="center", va="center", size=6)
    axes.set(xlim=(0, len(columns)), ylim=(len(rows), 0))
    axes.set_xticks(
        np.arange(len(columns)) + 0.5,
        [f"{curvature:g}".removeprefix("0") or "0" for _, curvature in columns],
        size=6,
    )
    axes.set_yticks(np.arange(len(rows)) + 0.5, [f"{d:g} × {w:g}" for d, w in rows], size=6)
    axes.tick_params(length=0, pad=1.5)
    axes.spines[:].set_visible(False)
    for beta in dict.fromkeys(c[0] for c in columns):
        places = [x for x, c in enumerate(columns) if c[0] == beta]
        middle = sum(places) / len(places) + 0.5
        axes.text(middle, -0.2, f"$\\beta$ = {beta:g}", ha="center", va="bottom", size=6)
        axes.axvline(places[0], color="white", lw=2)
    for y in range(1, len(rows)):
        if rows[y][0] != rows[y - 1][0]:
            axes.axhline(y, color="white", lw=2)


def _in_order(names: set[str]) -> list[str]:
    """Return estimators in the order of the table of looks, all others last."""
    return [*(name for name in LOOKS if name in names), *sorted(names - set(LOOKS))]


def _colors(chosen: set[str]) -> dict[str, tuple[float, ...]]:
    """Return the family's colour, in one tint for each of its members that is chosen anywhere."""
    colors = {}
    for family, color in FAMILIES.items():
        members = [name for name in _in_order(chosen) if LOOKS[name].family == family]
        for name, tint in zip(members, np.linspace(0.1, 0.75, len(members)), strict=True):
            colors[name] = tuple(1 - (1 - np.array(to_rgb(color))) * (1 - tint))
    return colors
