"""Figure 10, supplement: an escape, the part that helps, alignment, and methods over time."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from beyond.figures.panels import drawable
from beyond.figures.panels.exact_flows import (
    REFERENCE,
    draw_alignment,
    draw_differences,
    draw_escape,
    draw_work,
)
from beyond.figures.panels.hybrids import draw_shares, key_over_labels
from figures import style
from figures.panels import Data, names_of

WHICH = {"which_steep": "low noise", "which_shallow": "high noise"}
REGIMES = {"spiking_steep": "low noise", "spiking_easy": "high noise"}


def render(data: Data) -> Figure:
    """Draw the supplement; panels that a preset leaves out stay empty."""
    figure = plt.figure(figsize=(style.FULL_WIDTH, 6.6))
    top, middle, bottom = style.rows(figure, (2.3, 2.0, 2.3))
    escape, work = (part.subplots() for part in style.columns(top, (4.0, 3.0)))
    which, alignment = (part.subplots() for part in style.columns(middle, (3.3, 0.5, 3.2))[::2])
    shares = bottom.subplots()
    style.name_panels("abcde", (escape, work, which, alignment, shares))
    for axes, draw in ((escape, draw_escape), (work, draw_work)):
        if drawable(axes, "escape" in data):
            draw(axes, data["escape"])
    differences(which, data, WHICH)
    key_over_labels(which, data, WHICH)
    if drawable(alignment, "surrogates" in data):
        draw_alignment(alignment, data["surrogates"])
    regimes = {words: data[name] for name, words in REGIMES.items() if name in data}
    if drawable(shares, bool(regimes)):
        draw_shares(shares, regimes)
    return figure


def differences(axes: Axes, data: Data, words: dict[str, str]) -> None:
    """Draw shares solved minus that of the exact gradient, of panels by their words."""
    panels = {label: data[name] for name, label in words.items() if name in data}
    if drawable(axes, bool(panels)):
        names = dict.fromkeys(name for panel in panels.values() for name in names_of(panel))
        draw_differences(axes, panels, [name for name in names if name != REFERENCE])
