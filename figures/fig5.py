"""Figure 5: surrogate gradients are not the gradients of any loss."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import style
from figures.looks import EXACT, LOOKS
from figures.numerals import printed
from figures.panels import Data, Panel, loop
from figures.panels.five_weights import draw_network
from figures.panels.staircase import SALMON, Staircase
from figures.style import NEUTRAL, SMALL, ink

MEAN_SG = f"E[{LOOKS['surrogate'].label}]"


def render(data: Data) -> Figure:
    """Draw the staircase and what each slope leaves, then one loop in full."""
    figure = plt.figure(figsize=(style.FULL_WIDTH, 6.8))
    top, middle, bottom = style.rows(figure, (2.75, 0.2, 3.85))
    side, left, stairs = (part.subplots() for part in style.columns(top, (1.65, 2.0, 3.35)))
    radius = data["published"]["radius"]
    draw_network(
        side,
        r"$g=s(wx)$, $h_i=s(v_ig)$,",
        r"$y=s(u_1h_1+u_2h_2)$; $s$: a step",
        r"$\theta=(w,v_1,v_2,u_1,u_2)$",
        rf"$=\theta_0+{radius:g}\,(d_1\sin\alpha+d_2\cos\alpha)$,",
        "a circle around $\\theta_0$",
    )
    _left(left, data["published"])
    _stairs(stairs, data["second"])
    loop.key(middle.subplots())
    planes, curves, stochastic = loop.draw(bottom, data["published"], beside=True)
    assert stochastic
    _stochastic(stochastic, data["stochastic"])
    lettered = (side, left, stairs, planes[0], curves[0], curves[1], stochastic)
    style.name_panels("abcdefg", lettered)
    return figure


def teaser(data: Data) -> Figure:
    """Draw the staircase."""
    figure = plt.figure(figsize=style.TEASER)
    axes = figure.subplots()
    stairs = Staircase(data["second"])
    stairs.draw(axes)
    words = f"each lap on a closed loop adds {printed(stairs.left, '+.2f')}:"
    words += "\nthe surrogate gradient (SG) is the slope of no landscape"
    axes.set_title(words, size=7.5)
    _name_ways(axes)
    return figure


def _stairs(axes: Axes, data: Panel) -> None:
    """Draw the staircase of the second loop."""
    stairs = Staircase(data)
    stairs.draw(axes)
    slope = rf"$\beta_{{SG}}={data['beta_surrogate'][stairs.i]:g}$"
    axes.set_title(f"three laps on a second loop, {slope}", size=7.5)
    _name_ways(axes)


def _name_ways(axes: Axes) -> None:
    """Name both curves of the staircase at the left, above each other."""
    low, high = axes.get_xlim()
    # Room at the left of the picture.
    axes.set_xlim(low - 0.36 * (high - low), high + 0.06 * (high - low))
    place = {"transform": axes.transAxes, "size": SMALL, "va": "center", "ha": "left"}
    axes.text(0, 0.74, "surrogate\ngradient", color=LOOKS["surrogate"].ink, weight="bold", **place)
    axes.text(
        0, 0.42, "gradient\nof the\nsmoothed\nnetwork", color=ink(SALMON), weight="bold", **place
    )


def _left(axes: Axes, data: Panel) -> None:
    """Draw what each surrogate gradient leaves after one turn, and the smoothed network's zero."""
    look, flat = LOOKS["surrogate_of_slope"], LOOKS["smoothed_network"]
    values, places = data["sg_loop"], np.arange(data["sg_loop"].size)
    axes.axhline(0, color=NEUTRAL, lw=0.6, zorder=1)
    axes.bar(places - 0.2, values, 0.4, color=look.fill, label=look.label.split(",")[0])
    zeros = {"color": SALMON, "mew": 2, "ms": 9, "ls": "", "zorder": 3}
    own = flat.label.split(",")[0]
    axes.plot(places + 0.22, data["smoothed_loop"], marker=flat.marker, label=own, **zeros)
    for x, value in zip(places, values, strict=True):
        side = 1 if value > 0 else -1
        beside = {"textcoords": "offset points", "ha": "center", "size": 7}
        va = "bottom" if value > 0 else "top"
        axes.annotate(printed(value, "+.3f"), (x - 0.2, value), (0, 3 * side), va=va, **beside)
    low, high = min(values.min(), 0), max(values.max(), 0)
    axes.set_ylim(low - 0.14 * (high - low), high + 0.34 * (high - low))
    axes.set_xticks(places, [f"{slope:g}" for slope in data["beta_surrogate"]])
    axes.set(xlim=(-0.8, places[-1] + 0.6), xlabel=r"slope $\beta_{SG}$ of the surrogate")
    axes.set_ylabel(r"$\oint$ gradient $\cdot\,d\theta$ (units of $y$)")
    axes.set_title("left over after one turn", size=7.5)
    key = {"handlelength": 1.2, "borderaxespad": 0, "labelspacing": 0.3}
    axes.legend(loc="upper left", fontsize=SMALL, **key)


def _stochastic(axes: Axes, data: Panel) -> None:
    axes.axhline(0, color=NEUTRAL, lw=0.5)
    degrees = np.rad2deg(data["angle"])
    look = LOOKS["surrogate"].line()
    axes.plot(degrees, data["exact_running"], **EXACT, label=LOOKS["exact"].label)
    axes.plot(degrees, data["expected_sg_running"], **look, label=MEAN_SG)
    loop.dress(axes)
    loop.left_over(axes, float(data["expected_sg_running"][-1]))
    axes.set_ylabel(r"$\int$ gradient $\cdot\,d\theta$ (units of E[$y$])", labelpad=1)
    axes.set_title(rf"stochastic, $\beta={data['beta']:g}$", size=7.5)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.4 * (high - low))
    axes.legend(loc="upper left", handlelength=1.4, fontsize=SMALL, borderaxespad=0)
