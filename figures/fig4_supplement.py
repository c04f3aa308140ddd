"""Supplement of figure 4: its curves rescaled as published, and integrals in two orders."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator

from figures.fig4 import FEW, SURROGATE
from figures.looks import LOOKS, SMOOTHED, TRUE
from figures.numerals import printed
from figures.panels import Data, Panel, weight_plane
from figures.style import FULL_WIDTH, columns, name_looks, name_panels, rows

HEIGHTS = (1.9, 2.2)
"""Heights of the rows, inches."""


def render(data: Data) -> Figure:
    """Draw output and integrals along w as published, and how the order of integration matters."""
    figure = plt.figure(figsize=(FULL_WIDTH, sum(HEIGHTS)))
    above, below = rows(figure, HEIGHTS)
    curves, key = columns(above, (5.25, 1.75))
    along = data["along_w"]
    slopes = along["beta_surrogate"]
    scaled = curves.subplots(1, slopes.size, sharey=True, squeeze=False)[0]
    for i, (axes, beta) in enumerate(zip(scaled, slopes, strict=True)):
        _as_published(axes, along, i)
        axes.set_title(rf"$\beta_{{SG}}={beta:g}$", fontsize=7)
        axes.set(xlabel="weight $w$", xlim=along["w"][[0, -1]])
        axes.xaxis.set_major_locator(MaxNLocator(4, prune="both"))
    scaled[0].set_ylabel("rescaled")
    looks = {
        rf"network, $\beta_f={along['beta_forward']:g}$": TRUE,
        "integrated " + LOOKS["surrogate_of_slope"].label.replace(", ", ",\n"): SURROGATE,
        LOOKS["smoothed_network"].label.replace(", ", ",\n"): SMOOTHED,
    }
    name_looks(key, looks, loc="center", handlelength=2.2)
    differences = _differences(below, data["plane"])
    name_panels("ab", (scaled[0], differences))
    return figure


def _as_published(axes: Axes, data: Panel, i: int) -> None:
    """Draw the output from 0 to 1, and the other curves so that they start and end on it."""
    output = data["output"]
    output = (output - output.min()) / np.ptp(output)
    axes.plot(data["w"], output, **TRUE)
    for values, look in (
        (data["smoothed_output"][i], SMOOTHED),
        (data["integrated_surrogate"][i], SURROGATE),
    ):
        scale = (output[-1] - output[0]) / (values[-1] - values[0])
        axes.plot(data["w"], output[0] + scale * (values - values[0]), **look)


def _differences(figure: SubFigure, data: Panel) -> Axes:
    """Draw the integral along v2, then v1, minus that along v1, then v2.

    Returns:
        The first map.
    """
    slopes = data["beta_surrogate"]
    *maps, place = figure.subplots(1, slopes.size + 1, width_ratios=(*[1] * slopes.size, 0.06))
    largest = max(np.abs(data["order_difference"]).max(), data["grid_error"])
    between = " " if slopes.size <= FEW else "\n"
    for i, (axes, beta) in enumerate(zip(maps, slopes, strict=True)):
        difference = data["order_difference"][i]
        image = weight_plane.draw_difference(axes, data, difference, largest)
        most = data["path_dependence"][i]
        agree = data["orders_agree"][i]
        size = f"≤ {printed(most, '.0e')}" if agree else f"differ by {most:.2g}"
        axes.set_title(rf"$\beta_{{SG}}={beta:g}$:{between}{size}", fontsize=7)
        axes.set_xlabel("$v_1$", labelpad=1)
        axes.set_anchor("W")
    for axes in maps[1:]:
        axes.set_yticklabels([])
    maps[0].set_ylabel("$v_2$")
    words = "along $v_2$, then $v_1$, minus\nalong $v_1$, then $v_2$"
    bar = figure.colorbar(image, cax=place, label=words)
    # White is in the middle; half the scale is left out where no difference has that sign.
    values = data["order_difference"]
    ends = min(values.min(), 0), max(values.max(), 0)
    limits = [end if abs(end) > data["grid_error"] else 0 for end in ends]
    if any(limits):
        bar.ax.set_ylim(*limits)
    bar.locator = MaxNLocator(4)
    bar.update_ticks()
    return maps[0]
