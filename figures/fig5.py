"""Figure 5: surrogate gradients are not the gradients of any loss."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from figures import style
from figures.looks import EXACT, LOOKS, SMOOTHED
from figures.numerals import printed
from figures.panels import Data, Panel, loop
from figures.panels.five_weights import draw_network
from figures.style import INK, NEUTRAL, SHADE, SMALL

LEAST = 1e-17
"""Smallest value on the axis; smaller ones, zero included, are drawn here."""
MEAN_SG = f"E[{LOOKS['surrogate'].label}]"
SIZES = {"surrogate_of_slope": 6.0, "smoothed_network": 4.5, "surrogate": 5.5, "exact": 4.5}
"""Sizes of markers, in the order of the key."""


def render(data: Data) -> Figure:
    """Draw what is left after every loop, and the stochastic network's and the published loop."""
    figure = plt.figure(figsize=(style.FULL_WIDTH, 6.5))
    top, middle, bottom = style.rows(figure, (2.35, 0.25, 3.9))
    side, middle_part, right = style.columns(top, (1.6, 3.5, 1.9))
    scheme, sizes, stochastic = side.subplots(), middle_part.subplots(), right.subplots()
    radius = data["published"]["radius"]
    draw_network(
        scheme,
        r"$g=s(wx)$, $h_i=s(v_ig)$,",
        r"$y=s(u_1h_1+u_2h_2)$; $s$: a step",
        r"$\theta=(w,v_1,v_2,u_1,u_2)$",
        rf"$=\theta_0+{radius:g}\,(d_1\sin\alpha+d_2\cos\alpha)$,",
        "a circle around $\\theta_0$",
    )
    _left(sizes, data)
    _stochastic(stochastic, data["stochastic"])
    loop.key(middle.subplots())
    planes, curves = loop.draw(bottom, data["published"])
    lettered = (scheme, sizes, stochastic, planes[0], curves[0], curves[1])
    style.name_panels("abcdef", lettered)
    return figure


def teaser(data: Data) -> Figure:
    """Draw the running integrals along one loop."""
    figure = plt.figure(figsize=style.TEASER)
    axes = figure.subplots()
    loop.integrals(axes, data["published"], 1)
    axes.set_ylabel("integral along the loop")
    words = "around a closed loop, the integral of the surrogate"
    axes.set_title(f"{words}\ngradient (SG) is not 0: the SG is the gradient of no loss", size=7.5)
    rest = data["published"]["sg_running"][1, -1]
    words = f"{printed(rest, '.2f')}, not 0"
    axes.text(285, rest, words, size=SMALL, ha="right", va="center", color=INK)
    slope = f"{data['published']['beta_surrogate'][1]:g}"
    looks = {
        LOOKS[name].label.replace(r"$\beta_{SG}$", slope): look
        for name, look in (("smoothed_network", SMOOTHED), ("surrogate_of_slope", loop.SURROGATE))
    }
    style.name_looks(axes, looks, loc="lower center", bbox_to_anchor=(0.46, 0.2))
    return figure


def _left(axes: Axes, data: Data) -> None:
    """Draw the size of every integral after a full turn, and of a true gradient's."""
    loops = [data["published"], data["second"]]
    stochastic = data["stochastic"]
    names = ["loop of d to f", "second loop"]
    if loops[0]["radius"] != loops[1]["radius"]:
        radii = (f"{panel['radius']:g}" for panel in loops)
        names = [f"{name}, radius {radius}" for name, radius in zip(names, radii, strict=True)]
    kinds = "surrogate_of_slope", "smoothed_network"
    groups: list[tuple[Any, ...]] = [
        (name, panel["beta_surrogate"], panel["sg_loop"], panel["smoothed_loop"], kinds)
        for name, panel in zip(names, loops, strict=True)
    ]
    rest, zero = (stochastic[f"{name}_running"][-1:] for name in ("expected_sg", "exact"))
    kinds = "surrogate", "exact"
    groups.append(("loop of c", stochastic["beta"][None], rest, zero, kinds))
    y, last, rows, labels = 0, 0, [], []
    place: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "va": "center"}
    for name, betas, values, true, kinds in groups:
        axes.text(0.58, y, name, size=7, fontweight="bold", ha="center", **place)
        last = y
        for beta, value, zero in zip(betas, values, true, strict=True):
            y += 1
            for kind, size in zip(kinds, (value, zero), strict=True):
                look = LOOKS[kind].markers(SIZES[kind])
                axes.plot(max(abs(size), LEAST), y, ls="", clip_on=False, **look)
            axes.text(1.21, y, printed(value, "+.3g"), size=SMALL, ha="right", **place)
            rows.append(y)
            labels.append(f"{beta:g}")
        y += 1.1
    error = max(panel["sg_loop_error"].max() for panel in loops)
    most = max(np.abs(values).max() for _, _, values, *_ in groups)
    axes.axvspan(LEAST / 10, error, **SHADE)
    # Beside the name of the last loop, which is short for all parameters.
    axes.text(0.02, last, "integration error", size=SMALL, **place)
    axes.set(xscale="log", xlim=(LEAST, 10 * max(most, 1)), ylim=(y - 0.4, -0.7))
    axes.set_yticks(rows, labels, size=SMALL)
    axes.xaxis.set_major_locator(LogLocator(numticks=6))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_ylabel(r"slope $\beta_{SG}$ of the surrogate")
    axes.set_xlabel(r"size of $\oint$ gradient $\cdot\,d\theta$ (units of $y$)")
    looks = {LOOKS[name].label: LOOKS[name].markers(size) for name, size in SIZES.items()}
    looks = {label: look | {"ls": ""} for label, look in looks.items()}
    row = {"ncols": 2, "handletextpad": 0.4, "columnspacing": 0.8, "borderaxespad": 0.3}
    style.name_looks(axes, looks, loc="lower right", bbox_to_anchor=(1.22, 1.0), **row)


def _stochastic(axes: Axes, data: Panel) -> None:
    axes.axhline(0, color=NEUTRAL, lw=0.5)
    degrees = np.rad2deg(data["angle"])
    axes.plot(degrees, data["exact_running"], **EXACT, label=LOOKS["exact"].label)
    axes.plot(
        degrees,
        data["expected_sg_running"],
        **LOOKS["surrogate"].line(),
        label=MEAN_SG,
    )
    loop.dress(axes)
    axes.set_ylabel(r"$\int$ gradient $\cdot\,d\theta$ (units of E[$y$])")
    title = rf"stochastic network, $\beta={data['beta']:g}$"
    axes.set_title(title, fontsize=7)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.35 * (high - low))
    axes.legend(loc="upper right", handlelength=2, fontsize=SMALL, borderpad=0)
