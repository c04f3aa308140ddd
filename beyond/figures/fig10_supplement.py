"""Figure 10, supplement: spiking networks over time, other parts, sigmoid networks."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure, SubFigure

from beyond.figures.looks import LOOKS
from beyond.figures.panels.exact_flows import REFERENCE, draw_differences
from beyond.figures.panels.exact_flows import methods as directions
from beyond.figures.panels.hybrids import (
    CURVES,
    draw_counts,
    draw_losses,
    draw_schedules,
    draw_shares,
)
from beyond.figures.panels.sigmoid_depth import draw_depths, draw_first_layer
from figures import style
from figures.panels import Data

REGIMES = {"spiking_easy": "ample noise", "spiking_steep": "steep noise, recurrent"}
PICTURE = "figure 6's task"
PARTS = {"parts": "steep noise", "parts_shallow": "shallow noise"}
MOONS = ("moons_width", "moons_count")


def render(data: Data) -> Figure:
    """Draw the supplement; panels that a preset leaves out stay empty."""
    figure = plt.figure(figsize=(style.FULL_WIDTH, 6.2))
    top, key, middle, bottom = style.rows(figure, (1.75, 0.35, 2.1, 2.0))
    _over_updates(top, data)
    _key(key)
    shares, schedules = style.columns(middle, (3.8, 3.2))
    panels = {REGIMES[name]: data[name] for name in reversed(REGIMES) if name in data}
    learned = panels | ({PICTURE: data["picture"]} if panels and "picture" in data else {})
    drawn = (shares, "e", draw_shares, panels), (schedules, "f", draw_schedules, learned)
    for part, letter, draw, shown in drawn:
        axes = part.subplot_mosaic(letter)[letter]
        if shown:
            draw(axes, shown)
        else:
            style.absent(axes)
    _without_time(bottom, data)
    return figure


def _over_updates(part: SubFigure, data: Data) -> None:
    row = [*part.subplot_mosaic("abcd").values()]
    for axes, (name, words) in zip(row[:2], REGIMES.items(), strict=True):
        if name in data:
            draw_losses(axes, data[name])
            axes.set_title(words, size=7)
            axes.set_ylabel("loss / first loss", size=7)
        else:
            style.absent(axes)
    counts = {"frozen": "share frozen", "quiet": "neurons without a spike"}
    for axes, (name, words) in zip(row[2:], counts.items(), strict=True):
        if "spiking_steep" in data:
            draw_counts(axes, data["spiking_steep"], name)
            axes.set_title("steep noise, recurrent", size=7)
            axes.set_ylabel(words, size=7)
        else:
            style.absent(axes)


def _key(part: SubFigure) -> None:
    axes = part.subplots()
    axes.axis("off")
    for name in CURVES:
        axes.plot([], [], label=LOOKS[name].label, **LOOKS[name].line())
    axes.legend(fontsize=6, loc="center", ncols=3, handlelength=2.6, borderaxespad=0)


def _without_time(part: SubFigure, data: Data) -> None:
    # Counts stand beside the axes of g.
    others, _, depths, first = style.columns(part, (3.3, 0.75, 1.6, 1.35))
    others, depths, first = (column.subplots() for column in (others, depths, first))
    style.name_panels("ghi", (others, depths, first))
    parts = {words: data[name] for name, words in PARTS.items() if name in data}
    if parts:
        names = dict.fromkeys(name for panel in parts.values() for name in directions(panel))
        rows = [name for name in names if name != REFERENCE]
        draw_differences(others, parts, rows, counts=(1.12, 1.4))
        others.set_xticks([-0.5, 0, 0.5])
    else:
        style.absent(others)
    moons = [data[name] for name in MOONS if name in data]
    if not moons:
        style.absent(depths)
        style.absent(first)
        return
    draw_depths(depths, moons)
    depths.set_ylabel("cosine with the gradient", size=7)
    draw_first_layer(first, moons[0])
    first.set_ylabel("the same, first layer", size=7)
