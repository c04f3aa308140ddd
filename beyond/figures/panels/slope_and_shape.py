"""How a surrogate's slope and shape change its direction."""

import re
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from beyond.figures.panels.heat_map import short_number
from figures.looks import LOOKS, ratio, slope_of
from figures.panels import Panel, names_of
from figures.style import DASHES, INK, SMALL, greys


def slope_and_shape(axes: Axes, data: Panel) -> None:
    """Draw the cosine of the expected surrogate gradient by slope and by shape.

    Medians over networks, with their 95 % intervals.
    """
    listed, cells = names_of(data, "estimators"), data["cells"][0]
    median = data["median_cosine"]
    ends = np.abs(data["median_cosine_interval"] - median)
    sigmoid = [name for name in listed if re.fullmatch(r"surrogate(_x[\d.]+)?", name)]
    ratios = {name: slope_of(name) for name in sorted(sigmoid, key=slope_of)}
    shapes = [name for name in listed if name not in ratios]
    betas = sorted(set(cells[:, 2]))
    networks = sorted({(depth, width, curvature) for depth, width, _, curvature in cells})
    several = [len({network[i] for network in networks}) > 1 for i in range(3)]
    places = np.log2(list(ratios.values()))
    beside = places.max() + 1.3 + np.arange(len(shapes))
    shades = greys(len(betas))
    for j, (depth, width, beta, curvature) in enumerate(cells):
        steep, network = betas.index(beta), networks.index((depth, width, curvature))
        color = shades[steep]
        look: dict[str, Any] = {
            "color": color,
            "marker": "os^Dv"[network % 5],
            "ms": 4,
            "mec": INK,
            "mew": 0.4,
            "elinewidth": 0.7,
        }
        # Cells are shifted, so that intervals do not overlap.
        shift = 0.09 * (j - (len(cells) - 1) / 2)
        label = f"$\\beta$ = {beta:g}, {depth:g} layers"
        label += f" of {width:g}" if several[1] else ""
        label += f", curvature {curvature:g}" if several[2] else ""
        dashes = DASHES[network % len(DASHES)]
        for x, names, ls in ((places, ratios, dashes), (beside, shapes, "")):
            rows = [listed.index(name) for name in names]
            axes.errorbar(x + shift, median[rows, j], ends[:, rows, j], ls=ls, label=label, **look)
            label = None
    axes.axvline(places.max() + 0.65, color=INK, lw=0.5)
    names = [LOOKS[name].label.removeprefix("SG, ").removesuffix(" shape") for name in shapes]
    axes.set_xticks([*places, *beside], [*map(ratio, ratios.values()), *names], size=SMALL)
    for tick in axes.get_xticklabels()[len(places) :]:
        tick.set_rotation(90)
    axes.set_xlabel("slope of SG / slope of noise          other shapes", size=7)
    axes.set_ylabel("cosine of mean SG\nand gradient (bars: 95 %)", size=7)
    axes.set_ylim(None, 1.04)
    # Written as in the maps and tables beside it.
    axes.yaxis.set_major_formatter(lambda value, _: short_number(value))
    above: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (-0.1, 1), "ncols": 2}
    axes.legend(fontsize=6, handlelength=2.4, labelspacing=0.3, columnspacing=1, **above)
