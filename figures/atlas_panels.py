"""Panels of figure 8 beside its heat maps: the surrogate's slope, and which estimator to use."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from figures import atlas
from figures.atlas import BUDGETS, ROWS, Panel
from figures.estimator_looks import EDGE
from figures.style import DETERMINISTIC, NEUTRAL, STOCHASTIC, THIRD

COLORS = {
    "surrogate": "#a67c00",
    "smoothed": THIRD,
    "perturbed": NEUTRAL,
    "unbiased": DETERMINISTIC,
    "exact": EDGE,
}
RATIOS = {
    "surrogate_quarter": 0.25,
    "surrogate_half": 0.5,
    "surrogate": 1.0,
    "surrogate_double": 2.0,
    "surrogate_quadruple": 4.0,
}
SHAPES = {
    "surrogate_superspike": "SuperSpike",
    "surrogate_gaussian": "Gaussian",
    "surrogate_box": "box",
}


def mismatch(axes: Axes, data: Panel) -> None:
    """Cosine of the expected surrogate gradient against its slope, and for other shapes."""
    listed, cells = atlas.names(data), atlas.cells(data)
    cosine = atlas.pooled(data, "cosine")
    mean, se = cosine.mean(axis=-1), atlas.standard_error(cosine)
    ratios = {name: ratio for name, ratio in RATIOS.items() if name in listed}
    shapes = {name: label for name, label in SHAPES.items() if name in listed}
    betas, depths = sorted(set(cells[:, 2])), sorted(set(cells[:, 0]))
    places = np.log2(list(ratios.values()))
    beside = places.max() + 1 + np.arange(len(shapes))
    for j, (depth, _, beta, _) in enumerate(cells):
        look = {
            "color": (STOCHASTIC, DETERMINISTIC, THIRD)[betas.index(beta) % 3],
            "ls": ("-", (0, (4, 1.5)), (0, (1, 1)))[depths.index(depth) % 3],
            "marker": "os^Dv"[depths.index(depth) % 5],
        }
        rows = [listed.index(name) for name in ratios]
        axes.errorbar(
            places,
            mean[rows, j],
            se[rows, j],
            ms=3,
            elinewidth=0.6,
            label=f"{beta:g}, {depth:g} layers",
            **look,
        )
        rows = [listed.index(name) for name in shapes]
        if rows:
            axes.errorbar(
                beside, mean[rows, j], se[rows, j], ms=3, elinewidth=0.6, **(look | {"ls": ""})
            )
    axes.set_xticks([*places, *beside], [*map(_ratio, ratios.values()), *shapes.values()], size=6)
    for label in axes.get_xticklabels()[len(places) :]:
        label.set(rotation=40, ha="right", rotation_mode="anchor")
    axes.set_xlabel("slope of SG / slope of noise;  other shapes", size=6.5, labelpad=1)
    axes.set_ylabel("cosine of E[SG] and gradient", size=7)
    # Room for the legend.
    low = axes.get_ylim()[0]
    axes.set_ylim(low - 0.3 * (1 - low), 1.0)
    axes.legend(
        fontsize=5.5,
        title="$\\beta$, depth",
        title_fontsize=5.5,
        loc="lower left",
        handlelength=1.8,
        handletextpad=0.4,
        labelspacing=0.2,
    )
    axes.set_title("surrogate: slope and shape", fontsize=7.5)
    letter_beside(axes, "e", -0.3)


def letter_beside(axes: Axes, letter: str, x: float) -> None:
    """The panel's letter, left of its title."""
    axes.text(x, 1.03, letter, transform=axes.transAxes, ha="right", fontweight="bold", fontsize=10)


def _ratio(value: float) -> str:
    return f"{value:g}" if value >= 1 else f"1/{1 / value:g}"


def which(axes: Axes, data: Panel) -> None:
    """The best estimator for each regime and budget, in layered networks and in any."""
    cells = atlas.cells(data)
    layered, anywhere = (atlas.choices(data, general) for general in (False, True))
    for y in range(len(cells)):
        for x in range(len(BUDGETS)):
            best, general = layered[y][x], anywhere[y][x]
            family = COLORS[ROWS[general.name].family]
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
                    color=COLORS[ROWS[best.name].family],
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
    axes.set_title("best expected cosine for any program (for layers without time)", fontsize=7.5)
    letter_beside(axes, "f", -0.16)


def _budget(budget: int) -> str:
    return f"{budget:d}" if budget < 1000 else f"$10^{len(str(budget)) - 1}$"


def _said(choice: atlas.Choice) -> str:
    """Name and expected cosine, never rounded up to 1."""
    value = "" if choice.name == atlas.EXACT else f" {np.floor(100 * choice.alignment) / 100:.2f}"
    return ROWS[choice.name].short + value.replace(" 0.", " .")
