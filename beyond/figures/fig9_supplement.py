"""Figure 9, supplement: true gradients by noise and slope, variance, and resets."""

from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from beyond.figures.looks import LOOKS
from beyond.figures.panels import drawable
from beyond.figures.panels.resets_over_time import draw_reset_ratios
from beyond.figures.panels.true_gradient import (
    LOST,
    SURROGATES,
    draw_against,
    draw_slopes,
    draw_variance,
)
from figures import style
from figures.panels import Data, Panel, names_of

RESETS = {"resets_low_noise": "low noise", "resets_high_noise": "high noise"}
"""Low noise is drawn first, with solid lines, as in figure 10."""


def render(data: Data) -> Figure:
    """Draw the supplement; panels that a preset leaves out stay empty."""
    figure = plt.figure(figsize=(style.FULL_WIDTH, 6.1))
    top, middle, resets = style.rows(figure, (2.2, 2.1, 1.8))
    _directions(top, data)
    left, right = style.columns(middle, (2.3, 4.7))
    slopes, variance = left.subplots(), right.subplots(1, 2, sharex=True)
    ratios = resets.subplots()
    style.name_panels("bcd", (slopes, variance[0], ratios))
    draw_slopes(slopes, data["noise"])
    if drawable(variance[0], "variance" in data):
        draw_variance(variance, data["variance"])
    else:
        variance[1].axis("off")
    groups = {words: data[name] for name, words in RESETS.items() if name in data}
    if drawable(ratios, bool(groups)):
        draw_reset_ratios(ratios, groups)
    return figure


def _directions(part: SubFigure, data: Data) -> None:
    """Draw where surrogate gradients point, and how long they are, by slope of the noise."""
    cosine, norm, key = part.subplots(1, 3, width_ratios=(2.6, 2.6, 1.5))
    style.name_panels("a", [cosine])
    key.axis("off")
    if not drawable(cosine, "noise" in data):
        norm.axis("off")
        return
    draw_against((cosine, norm), data["noise"])
    cosine.set_ylabel("cosine of mean\nand true gradient")
    norm.set_ylabel("norm / norm of\nthe true gradient")
    _key(key, data["noise"])


def _key(axes: Axes, data: Panel) -> None:
    for name in filter(names_of(data, "surrogates").__contains__, SURROGATES):
        look = LOOKS[name]
        axes.plot([], [], label=look.label, **look.line(4))
    axes.plot([], [], color=style.NEUTRAL, lw=6, alpha=0.2, label="range over networks")
    single: dict[str, Any] = LOOKS[LOST].small(2.5) | {"label": "one network ± SE"}
    axes.errorbar([], [], [], ls="", elinewidth=0.6, **single)
    axes.legend(fontsize=6.5, loc="center left", handlelength=2.8, borderaxespad=0)
