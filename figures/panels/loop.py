"""A closed loop in weight space: outputs in the plane, and integrals around the loop."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator

from figures.looks import LOOKS, SMOOTHED, TRUE
from figures.numerals import printed
from figures.panels import Panel
from figures.panels.schematic import pointer
from figures.style import INK, NEUTRAL, OUTPUT, SMALL, name_looks

SURROGATE: dict[str, Any] = {**LOOKS["surrogate_of_slope"].line(), "lw": 1.3}
"""Surrogate gradients lie above broad lines, which they follow at first."""
START: dict[str, Any] = {"marker": "o", "mec": "white", "mew": 0.6, "ms": 4.5}
"""Where the loop begins."""


def draw(
    figure: Figure | SubFigure, data: Panel, beside: bool = False
) -> tuple[Sequence[Axes], Sequence[Axes], Axes | None]:
    """Draw a column for the step network, and one for each slope.

    Above, the output in the plane with the loop; below, along the loop: the step network's output,
    and the running integrals of surrogate and smoothed gradient, which share an axis.

    Args:
        figure: Where.
        data: The loop.
        beside: Whether to leave a place for another panel at the lower right.

    Returns:
        The axes above, those below, and the place.
    """
    slopes = data["beta_surrogate"]
    ratios = (*[1] * (slopes.size + 1), 1 if beside else 0.06)
    grid = figure.add_gridspec(2, slopes.size + 2, width_ratios=ratios)
    above = [figure.add_subplot(grid[0, i]) for i in range(slopes.size + 1)]
    below = [figure.add_subplot(grid[1, 0]), figure.add_subplot(grid[1, 1])]
    below += [figure.add_subplot(grid[1, i + 2], sharey=below[1]) for i in range(slopes.size - 1)]
    outputs = [data["plane_output"], *data["plane_smoothed_output"]]
    between = " " if slopes.size <= 3 else "\n"
    titles = ["steps", *(rf"smoothed,{between}$\beta_{{SG}}={beta:g}$" for beta in slopes)]
    for axes, output, title in zip(above, outputs, titles, strict=True):
        image = plane(axes, data, output)
        axes.set_title(title, fontsize=7)
    for axes in above[1:]:
        axes.set_yticklabels([])
    above[0].set_ylabel("along $d_2$", labelpad=0)
    bar = grid[0, -1].subgridspec(1, 2, width_ratios=(0.06, 0.94))[0] if beside else grid[0, -1]
    figure.colorbar(image, cax=figure.add_subplot(bar), label="output $y$", ticks=[0, 0.5, 1])
    below[0].plot(np.rad2deg(data["angle"]), data["output"], **TRUE)
    dress(below[0])
    below[0].set(ylim=(-0.05, 1.05), yticks=(0, 0.5, 1))
    below[0].set_ylabel("output $y$ along circle", labelpad=1)
    for i, axes in enumerate(below[1:]):
        integrals(axes, data, i)
    for axes in below[2:]:
        axes.tick_params(labelleft=False)
    below[1].set_ylabel(r"$\int$ gradient $\cdot\,d\theta$ (units of $y$)", labelpad=1)
    return above, below, figure.add_subplot(grid[1, -1]) if beside else None


def plane(axes: Axes, data: Panel, output: np.ndarray) -> QuadMesh:
    """Draw the output in the plane, and the loop with start and direction."""
    axis, radius = data["plane_axis"], float(data["radius"])
    image = axes.pcolormesh(axis, axis, output.T, cmap=OUTPUT, vmin=0, vmax=1, rasterized=True)
    angle = np.linspace(0, 2 * np.pi, 361)
    for color, width in (("white", 1.6), (INK, 0.8)):
        axes.plot(radius * np.sin(angle), radius * np.cos(angle), color=color, lw=width)
    start = np.deg2rad(25)
    tip, head = (radius * np.sin(start), radius * np.cos(start)), "head_width=0.25,head_length=0.5"
    pointer(axes, (0, radius), tip, arrowstyle=f"-|>,{head}", lw=0.8)
    axes.plot(0, radius, color=INK, ls="", **START)
    axes.set(aspect="equal", xlabel="along $d_1$")
    for locator in (axes.xaxis, axes.yaxis):
        locator.set_major_locator(MaxNLocator(3, symmetric=True, prune="both"))
    axes.xaxis.labelpad = 0
    return image


def dress(axes: Axes) -> None:
    """Set what all panels against the angle have in common."""
    axes.set(xlim=(0, 360), xticks=(0, 180, 360), xlabel=r"angle $\alpha$ (°)")


def integrals(axes: Axes, data: Panel, i: int) -> None:
    """Draw the running integrals of smoothed and surrogate gradient of one slope."""
    degrees = np.rad2deg(data["angle"])
    axes.axhline(0, color=NEUTRAL, lw=0.5)
    axes.plot(degrees, data["smoothed_running"][i], **SMOOTHED)
    axes.plot(degrees, data["sg_running"][i], **SURROGATE)
    dress(axes)
    axes.yaxis.set_major_locator(MaxNLocator(5))
    left_over(axes, float(data["sg_running"][i, -1]))
    axes.set_title(rf"$\beta_{{SG}}={data['beta_surrogate'][i]:g}$", fontsize=7)


def left_over(axes: Axes, left: float) -> None:
    """Draw a bracket from 0 to the integral after a full turn, and the number beside it."""
    color, at = LOOKS["surrogate"].ink, {"xycoords": ("axes fraction", "data")}
    bar = {"arrowstyle": "|-|,widthA=0.17,widthB=0.17", "shrinkA": 0, "shrinkB": 0, "color": color}
    axes.annotate("", (1.04, 0), (1.04, left), arrowprops=bar, annotation_clip=False, **at)
    words = {"rotation": 90, "size": SMALL, "weight": "bold", "ha": "left", "va": "center"}
    beside = {"xytext": (3, 0), "textcoords": "offset points", "annotation_clip": False, **at}
    axes.annotate(printed(left, "+.2f"), (1.04, left / 2), color=color, **words, **beside)


def key(axes: Axes) -> None:
    """Name the lines, in one row."""
    axes.axis("off")
    looks = {
        r"circle, from $\alpha=0$": {"color": INK, "lw": 0.8, **START},
        "step network's output": TRUE,
        "integral of " + LOOKS["surrogate_of_slope"].label: SURROGATE,
        "… of " + LOOKS["smoothed_network"].label: SMOOTHED,
    }
    name_looks(axes, looks, loc="center", ncols=4, handlelength=2, borderpad=0)
