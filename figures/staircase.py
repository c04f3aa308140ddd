"""The impossible staircase as an animation, and as a still."""

from collections.abc import Sequence
from typing import NamedTuple

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.looks import LOOKS
from figures.numerals import printed
from figures.panels import Data
from figures.panels.staircase import SALMON, Staircase
from figures.style import INK, NEUTRAL, ink

LOOP = "second"
"""The loop of figure 5 whose surrogate gradient climbs."""
LAPS, STEPS = 3, 11
"""Laps of the surrogate gradient, and frames of a lap."""
SIZE, WORDS = (8.0, 4.2), 12
"""Inches of the animation and the still, and points of their sentences."""
AXES = (
    "Height: sum of the gradient along the way. Floor: output of\n"
    "a network of five weights, in a plane of weight space (darker: higher)."
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


def moments() -> list[Moment]:
    """Return the frames of the animation, about ten seconds in all."""
    part = [(step + 1) / STEPS for step in range(STEPS)]
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


def _write(axes: Axes, texts: Sequence[tuple[str, str, str]], heights: Sequence[float]) -> None:
    """Write sentences below each other, each beginning with bold words."""
    for (head, color, rest), y in zip(texts, heights, strict=False):
        axes.text(0, y, head, color=color, weight="bold", size=WORDS, va="top")
        below = y - 1.45 * WORDS / 72 / (axes.bbox.height / axes.figure.dpi)
        axes.text(0, below, rest, color=INK, size=WORDS, va="top", linespacing=1.25)
