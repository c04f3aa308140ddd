"""The impossible staircase as an animation, as a still, and as a card for links to the site."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from figures.looks import EXACT, LOOKS, SMOOTHED
from figures.numerals import printed
from figures.panels import Data, first_seed, staircase
from figures.style import INK, MODES, NEUTRAL, ink

LOOP, SLOPE = "second", 1
"""The loop of figure 5 that climbs, and the number of the slope: 5."""
LAPS = 3
SIZE = (8.0, 4.2)
"""Inches of the animation and the still."""
CARD = (12.0, 6.3)
"""Inches of the card, whose shape sites expect of a picture for a link."""
SOURCE = "A companion to Gygax and Zenke, Neural Computation 37, 2025: figures, claims, code, explorers"
GOLD, SALMON = LOOKS["surrogate"].ink, ink(SMOOTHED["color"])


class Moment(NamedTuple):
    """A frame of the animation.

    Attributes:
        smoothed: Laps of the smooth network's gradient.
        laps: Laps of the surrogate gradient.
        words: Number of sentences.
        duration: Milliseconds.
    """

    smoothed: float
    laps: float
    words: int
    duration: int


def moments(steps: int = 11) -> list[Moment]:
    """Return the frames of the animation, about ten seconds in all.

    Args:
        steps: Frames of a lap.
    """
    part = [(step + 1) / steps for step in range(steps)]
    first = [Moment(0, 0, 1, 1200)]
    first += [Moment(share, 0, 2 if share == 1 else 1, 70) for share in part]
    first[-1] = first[-1]._replace(duration=1500)
    for lap in range(LAPS):
        climb = [Moment(1, lap + share, 2 if lap == 0 and share < 1 else 3, 70) for share in part]
        first += [*climb[:-1], climb[-1]._replace(duration=600)]
    return [*first, Moment(1, LAPS, 4, 4000)]


def sentences(left: float) -> list[tuple[str, str, str]]:
    """Return what the animation says: bold words, their colour, and the words after them."""
    return [
        ("Walk in circles", INK, "through weight space,\nadding up the gradient."),
        (
            "The gradient of a smooth network:",
            SALMON,
            "back at the start,\nback at the same height.",
        ),
        (
            "The surrogate gradient:",
            GOLD,
            f"{printed(left, '+.2f')} higher after every lap.\nThe slope of no landscape.",
        ),
        ("And yet it trains networks.", INK, ""),
    ]


def frame(data: Data, moment: Moment) -> Figure:
    """Draw one frame of the animation; the still is the last one."""
    panel = data[LOOP]
    figure = plt.figure(figsize=SIZE, layout="none")
    scene = figure.add_axes((0.0, 0.02, 0.52, 0.97))
    _scene(scene, data, moment, 1.3)
    words = figure.add_axes((0.52, 0, 0.48, 1))
    words.axis("off")
    _write(words, sentences(float(panel["sg_loop"][SLOPE]))[: moment.words], (0.93, 0.68, 0.43, 0.18))
    floor = "Floor: the output of a network of five weights\nin a plane of weight space (darker: higher)."
    figure.text(0.52, 0.03, floor, size=7, color=NEUTRAL, va="bottom")
    return figure


def still(data: Data) -> Figure:
    """Draw the last frame of the animation, for print and for readers who want no motion."""
    return frame(data, moments()[-1])


def _scene(axes: Axes, data: Data, moment: Moment, size: float) -> None:
    """Draw the staircase with the height of each lap."""
    panel = data[LOOP]
    dots = staircase.draw(axes, panel, SLOPE, moment.smoothed, moment.laps, size)
    staircase.fit(axes, panel, SLOPE, LAPS)
    name_laps(axes, dots, float(panel["sg_loop"][SLOPE]), 7.5 * size)


def name_laps(
    axes: Axes, dots: Sequence[tuple[float, float]], left: float, size: float
) -> None:
    """Write the height beside each dot."""
    look: dict[str, Any] = {"textcoords": "offset points", "va": "center", "size": size}
    for lap, place in enumerate(dots):
        words = printed(lap * left, "+.2f") if lap else "start"
        color, weight = (GOLD, "bold") if lap else (INK, "normal")
        axes.annotate(words, place, (size + 5, 0), color=color, weight=weight, zorder=11, **look)


def _write(
    axes: Axes, said: Sequence[tuple[str, str, str]], heights: Sequence[float], size: float = 12
) -> None:
    """Write sentences below each other, each beginning with bold words."""
    for (head, color, rest), y in zip(said, heights, strict=False):
        axes.text(0, y, head, color=color, weight="bold", size=size, va="top")
        below = y - 1.45 * size / 72 / (axes.bbox.height / axes.figure.dpi)
        axes.text(0, below, rest, color=INK, size=size, va="top", linespacing=1.25)


def card(neuron: Data, loops: Data, timing: Data) -> Figure:
    """Draw the story in three columns, for links to the site.

    Args:
        neuron: Numbers of figure 1.
        loops: Numbers of figure 5.
        timing: Numbers of figure 6.
    """
    figure = plt.figure(figsize=CARD, layout="none")
    title = {"size": 27, "weight": "bold", "color": INK, "va": "top"}
    figure.text(0.04, 0.94, "Surrogate gradients: why do they work?", **title)
    for x, head, rest in (
        (0.04, "One noisy neuron:", "the surrogate gradient\nis exact."),
        (0.345, "In a network:", "it is the slope\nof no landscape."),
        (0.745, "It trains all the same:", "200 neurons learn\nwhen to spike."),
    ):
        figure.text(x, 0.795, head, size=16, weight="bold", color=GOLD, va="top")
        figure.text(x, 0.735, rest, size=15, color=INK, va="top", linespacing=1.25)
    one = first_seed(neuron["neuron"])
    slope = figure.add_axes((0.04, 0.11, 0.25, 0.45))
    slope.axis("off")
    slope.plot(one["u"], one["slope"], **EXACT | {"lw": 12}, solid_capstyle="round")
    dashes = {"color": LOOKS["surrogate"].fill, "lw": 4, "ls": (0, (3, 1.6))}
    slope.plot(one["u"], one["surrogate"], **dashes)
    _scene(figure.add_axes((0.335, 0.1, 0.36, 0.56)), loops, moments()[-1], 1.8)
    spikes = timing["stochastic"]["output_after"][0].T[..., None]
    width, (rows, steps, _) = 0.215, spikes.shape
    raster = figure.add_axes((0.745, 0.11, width, width * CARD[0] / CARD[1] * rows / steps))
    raster.imshow(np.where(spikes, to_rgb(MODES["stochastic"]), 1.0), interpolation="antialiased")
    raster.axis("off")
    figure.text(0.04, 0.035, SOURCE, size=12, color=NEUTRAL)
    return figure
