"""Bias of the surrogate gradient in random networks, against their depth."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from figures.looks import LOOKS
from figures.style import DASHES, INK, SHADE, SMALL

MARKERS = "osD^vX"
MOST_TICKS = 8


def draw_depth(column: np.ndarray, data: dict[str, np.ndarray]) -> None:
    """Relative bias in the first layer: medians and quartiles; share of wrong signs below.

    Args:
        column: two axes, which share the x-axis.
        data: panel "depth".
    """
    depths, color = data["depths"][0], LOOKS["surrogate"].color
    low, middle, high = data["relative_bias_quartiles"]
    share, ends = 100 * data["wrong_share"], 100 * data["wrong_share_interval"]
    hidden = depths > 0
    for i, beta in enumerate(data["betas"][0]):
        look = {"color": color, "mec": INK, "mew": 0.4, "marker": MARKERS[i % len(MARKERS)]}
        look["ls"] = DASHES[i // len(MARKERS) % len(DASHES)]
        at = depths[hidden]
        column[0].fill_between(at, low[i][hidden], high[i][hidden], **(SHADE | {"alpha": 0.2}))
        column[0].plot(at, middle[i][hidden], label=f"$\\beta$ = {beta:g}", **look)
        bars = np.abs(ends[:, i] - share[i])
        column[1].errorbar(depths, share[i], bars, ecolor=INK, elinewidth=0.7, **look)
    # The steepest noise above, as its curve is.
    handles, labels = column[0].get_legend_handles_labels()
    column[0].legend(
        handles[::-1], labels[::-1], loc="upper left", bbox_to_anchor=(1, 1.05), fontsize=SMALL
    )
    column[0].set(yscale="log", ylabel="relative bias")
    column[1].set(xlabel="hidden layers", ylabel="wrong signs (%)")
    if len(depths) <= MOST_TICKS:
        column[1].set_xticks(depths)
    else:
        column[1].xaxis.set_major_locator(MaxNLocator(MOST_TICKS, integer=True))
