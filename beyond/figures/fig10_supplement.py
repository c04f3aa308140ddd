"""Figure 10, supplement: the part of a gradient that helps, and training over time."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from beyond.figures.panels import drawable
from beyond.figures.panels.between_spikes import (
    draw_over_time,
    draw_ratios,
    name_over_time,
)
from beyond.figures.panels.exact_flows import REFERENCE, draw_differences, key_over_labels
from beyond.figures.panels.losses import draw_final_losses, draw_surrogates
from figures import style
from figures.panels import Data, names_of

WHICH = {"parts_low_noise": "low noise", "parts_high_noise": "high noise"}
REGIMES = {"lambda_low_noise": "low noise, recurrent", "lambda_high_noise": "high noise"}
RESPONSES = {"response_low_noise": "low noise, recurrent", "response_high_noise": "high noise"}
SLOPES = {"slopes_low_noise": "low noise, recurrent", "slopes_high_noise": "high noise"}
"""Panels over time: low noise solid, high noise dashed."""


def render(data: Data) -> Figure:
    """Draw the supplement; panels that a preset leaves out stay empty."""
    figure = plt.figure(figsize=(style.FULL_WIDTH, 6.4))
    top, bottom, last = style.rows(figure, (2.2, 2.4, 1.8))
    which, picture = (part.subplots() for part in style.columns(top, (3.3, 0.5, 3.2))[::2])
    _differences(which, data, WHICH)
    key_over_labels(which, data, WHICH)
    if drawable(picture, "lambda_picture" in data):
        draw_ratios(picture, data["lambda_picture"])
    left, right = style.columns(bottom, (2.45, 4.55))
    key, below = style.rows(left, (0.4, 2.0))
    axes = below.subplots()
    panels = {words: data[name] for name, words in REGIMES.items() if name in data}
    if drawable(axes, bool(panels)):
        draw_over_time(axes, panels)
        axes.set_ylabel("final loss /\nthat of unbiased", size=7)
    name_over_time(key, REGIMES.values())
    final = _final_losses(right, data)
    surrogates = last.subplots()
    panels = {words: data[name] for name, words in SLOPES.items() if name in data}
    if drawable(surrogates, bool(panels)):
        draw_surrogates(surrogates, panels)
    style.name_panels("abcde", (which, picture, axes, final, surrogates))
    return figure


def _final_losses(part: SubFigure, data: Data) -> Axes:
    """Draw final losses of spiking networks, by the loss whose gradient they follow."""
    facets = part.subplots(1, 2, sharex=True)
    panels = {words: data[name] for name, words in RESPONSES.items() if name in data}
    if drawable(facets[0], bool(panels)):
        draw_final_losses(facets, panels)
        words = "final loss / that of unbiased, of the expected loss"
        part.supxlabel(f"{words}\n(upper: low noise, lower: high noise; bars: 95 %)", size=7)
    else:
        facets[1].axis("off")
    return facets[0]


def _differences(axes: Axes, data: Data, words: dict[str, str]) -> None:
    """Draw shares solved minus that of the exact gradient, of panels by their words."""
    panels = {label: data[name] for name, label in words.items() if name in data}
    if drawable(axes, bool(panels)):
        names = dict.fromkeys(name for panel in panels.values() for name in names_of(panel))
        draw_differences(axes, panels, [name for name in names if name != REFERENCE])
