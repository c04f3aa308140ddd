"""Figure 10, supplement: an escape, the part of a gradient that helps, figure 6's task."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from beyond.figures.panels import drawable
from beyond.figures.panels.between_spikes import ROWS, draw_ratios
from beyond.figures.panels.exact_flows import (
    REFERENCE,
    draw_differences,
    draw_escape,
    draw_work,
    key_over_labels,
)
from figures import style
from figures.panels import Data, names_of

WHICH = {"which_steep": "low noise", "which_shallow": "high noise"}


def render(data: Data) -> Figure:
    """Draw the supplement; panels that a preset leaves out stay empty."""
    figure = plt.figure(figsize=(style.FULL_WIDTH, 4.3))
    top, bottom = style.rows(figure, (2.3, 2.0))
    escape, work = (part.subplots() for part in style.columns(top, (4.0, 3.0)))
    which, picture = (part.subplots() for part in style.columns(bottom, (3.3, 0.5, 3.2))[::2])
    style.name_panels("abcd", (escape, work, which, picture))
    for axes, draw in ((escape, draw_escape), (work, draw_work)):
        if drawable(axes, "escape" in data):
            draw(axes, data["escape"])
    _differences(which, data, WHICH)
    key_over_labels(which, data, WHICH)
    losses = {name: data[name] for name in ROWS if name in data}
    if drawable(picture, bool(losses)):
        draw_ratios(picture, losses)
    return figure


def _differences(axes: Axes, data: Data, words: dict[str, str]) -> None:
    """Draw shares solved minus that of the exact gradient, of panels by their words."""
    panels = {label: data[name] for name, label in words.items() if name in data}
    if drawable(axes, bool(panels)):
        names = dict.fromkeys(name for panel in panels.values() for name in names_of(panel))
        draw_differences(axes, panels, [name for name in names if name != REFERENCE])
