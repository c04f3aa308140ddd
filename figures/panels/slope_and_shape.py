"""How a surrogate's slope and shape change its direction."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from figures.looks import LOOKS, slope_ratio
from figures.panels.heat_map import Panel
from figures.style import DASHES, PARAMETERS, letter_beside


def slope_and_shape(axes: Axes, data: Panel) -> None:
    """Cosine of the expected surrogate gradient against its slope, and for other shapes.

    Medians over networks, with their 95 % intervals.
    """
    listed, cells = list(map(str, data["estimators"][0])), data["cells"][0]
    median = data["median_cosine"]
    ends = np.abs(data["median_cosine_interval"] - median)
    slopes = {name: slope_ratio(name) for name in listed}
    ratios = {name: ratio for name, (base, ratio) in slopes.items() if base == "surrogate"}
    ratios = dict(sorted(ratios.items(), key=lambda item: item[1]))
    shapes = [name for name in listed if name not in ratios]
    betas, depths = sorted(set(cells[:, 2])), sorted(set(cells[:, 0]))
    places = np.log2(list(ratios.values()))
    beside = places.max() + 1 + np.arange(len(shapes))
    for j, (depth, _, beta, _) in enumerate(cells):
        look: dict[str, Any] = {
            "color": PARAMETERS[betas.index(beta) % len(PARAMETERS)],
            "ls": DASHES[depths.index(depth) % len(DASHES)],
            "marker": "os^Dv"[depths.index(depth) % 5],
        }
        rows = [listed.index(name) for name in ratios]
        axes.errorbar(
            places,
            median[rows, j],
            ends[:, rows, j],
            ms=3,
            elinewidth=0.6,
            label=f"{beta:g}, {depth:g} layers",
            **look,
        )
        rows = [listed.index(name) for name in shapes]
        if rows:
            look["ls"] = ""
            axes.errorbar(beside, median[rows, j], ends[:, rows, j], ms=3, elinewidth=0.6, **look)
    axes.set_xticks(
        [*places, *beside],
        [*map(_ratio, ratios.values()), *(LOOKS[name].narrow for name in shapes)],
        size=6,
    )
    for label in axes.get_xticklabels()[len(places) :]:
        label.set(rotation=40, ha="right", rotation_mode="anchor")
    axes.set_xlabel("slope of SG / slope of noise;  other shapes", size=6.5, labelpad=1)
    axes.set_ylabel("median cosine of E[SG] and gradient", size=7)
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


def _ratio(value: float) -> str:
    return f"{value:g}" if value >= 1 else f"1/{1 / value:g}"
