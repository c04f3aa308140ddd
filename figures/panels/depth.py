"""Bias of the surrogate gradient in random networks, against their depth."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from figures.style import DASHES, INK, SMALL, tints

MARKERS = "osD^vX"
MOST_TICKS = 8


def draw_depth(column: np.ndarray, data: dict[str, np.ndarray]) -> None:
    """Draw the first layer's relative bias, medians and quartiles; below, shares of wrong signs."""
    depths, betas = data["depths"][0], data["betas"][0]
    low, middle, high = data["relative_bias_quartiles"]
    share, ends = 100 * data["wrong_share"], 100 * data["wrong_share_interval"]
    hidden = depths > 0
    at = depths[hidden]
    for i, color in enumerate(tints(len(betas))):
        look = {"color": color, "mec": INK, "mew": 0.4, "marker": MARKERS[i % len(MARKERS)]}
        look["ls"] = DASHES[i // len(MARKERS) % len(DASHES)]
        column[0].fill_between(at, low[i][hidden], high[i][hidden], color=color, alpha=0.25, lw=0)
        column[0].plot(at, middle[i][hidden], label=f"$\\beta$ = {betas[i]:g}", **look)
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
