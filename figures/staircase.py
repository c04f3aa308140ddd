"""The impossible staircase as an animation, as a still, and as a card for links to the site."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from figures.looks import EXACT, LOOKS
from figures.numerals import printed
from figures.panels import Data, first_seed
from figures.panels.staircase import SALMON, Staircase
from figures.style import INK, MODES, NEUTRAL, ink

LOOP = "second"
"""The loop of figure 5 whose surrogate gradient climbs."""
LAPS = 3
SIZE = (8.0, 4.2)
"""Inches of the animation and the still."""
AXES = (
    "Height: sum of the gradient along the way. Floor: output of\n"
    "a network of five weights, in a plane of weight space (darker: higher)."
)
CARD = (12.0, 6.3)
"""Inches of the card, whose shape sites expect of a picture for a link."""
SOURCE = (
    "A companion to Gygax and Zenke, Neural Computation 37, 2025: figures, claims, code, explorers"
)
GOLD, SMOOTH = LOOKS["surrogate"].ink, ink(SALMON)


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
            SMOOTH,
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
    stairs = Staircase(data[LOOP], LAPS)
    figure = plt.figure(figsize=SIZE, layout="none")
    scene = figure.add_axes((0.0, 0.02, 0.52, 0.97))
    stairs.draw(scene, moment.smoothed, moment.laps, 1.35)
    words = figure.add_axes((0.52, 0, 0.48, 1))
    words.axis("off")
    _write(words, sentences(stairs.left)[: moment.words], (0.93, 0.68, 0.43, 0.18))
    figure.text(0.52, 0.03, AXES, size=7, color=NEUTRAL, va="bottom")
    return figure


def still(data: Data) -> Figure:
    """Draw the last frame of the animation, for print and for readers who want no motion."""
    return frame(data, moments()[-1])


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
    slope = figure.add_axes((0.04, 0.17, 0.25, 0.42))
    slope.axis("off")
    broad: dict[str, Any] = EXACT | {"lw": 12, "solid_capstyle": "round"}
    slope.plot(one["u"], one["slope"], **broad)
    dashes = {"color": LOOKS["surrogate"].fill, "lw": 4, "ls": (0, (3, 1.6))}
    slope.plot(one["u"], one["surrogate"], **dashes)
    words = "grey: slope of the mean response\ngold: surrogate derivative"
    figure.text(0.04, 0.145, words, size=11, color=NEUTRAL, va="top")
    scene = figure.add_axes((0.335, 0.1, 0.36, 0.56))
    Staircase(loops[LOOP], LAPS).draw(scene, laps=LAPS, size=1.9)
    spikes = timing["stochastic"]["output_after"][0].T[..., None]
    width, (rows, steps, _) = 0.215, spikes.shape
    raster = figure.add_axes((0.745, 0.11, width, width * CARD[0] / CARD[1] * rows / steps))
    raster.imshow(np.where(spikes, to_rgb(MODES["stochastic"]), 1.0), interpolation="antialiased")
    raster.axis("off")
    figure.text(0.04, 0.035, SOURCE, size=12, color=NEUTRAL)
    return figure
