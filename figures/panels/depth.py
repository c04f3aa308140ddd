"""Bias of the surrogate gradient in random networks, against their depth."""

import numpy as np

from figures.looks import LOOKS
from figures.style import INK, SHADE, SMALL

MARKERS = "osD^vX"


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
        at = depths[hidden]
        column[0].fill_between(at, low[i][hidden], high[i][hidden], **(SHADE | {"alpha": 0.2}))
        column[0].plot(at, middle[i][hidden], **look)
        bars = np.abs(ends[:, i] - share[i])
        column[1].errorbar(depths, share[i], bars, ecolor=INK, elinewidth=0.7, **look)
        for axes, last in zip(column, (middle[i][-1], share[i][-1]), strict=True):
            axes.annotate(
                f"$\\beta$ = {beta:g}",
                (depths[-1], last),
                (6, 0),
                textcoords="offset points",
                size=SMALL,
                va="center",
            )
    column[0].set(yscale="log", ylabel="relative bias")
    column[1].set(xlabel="hidden layers", ylabel="wrong signs (%)", xticks=depths)
