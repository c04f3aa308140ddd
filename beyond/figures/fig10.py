"""Figure 10, beyond the paper: the loss whose gradient is followed, and the loss between spikes."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure, SubFigure

from beyond.figures.panels import drawable
from beyond.figures.panels.between_spikes import (
    FRAMES,
    draw_courses,
    draw_map,
    draw_over_time,
    name_over_time,
)
from beyond.figures.panels.losses import (
    draw_final_losses,
    draw_shares_by_loss,
    name_gradients,
    shares_of,
)
from figures import style
from figures.panels import Data

REGIMES = {"lambda_steep": "low noise, recurrent", "lambda_easy": "high noise"}


TASKS = {
    "loss_low_noise": "low noise",
    "loss_high_noise": "high noise",
    "loss_three_literals": "low noise, three literals",
}
RESPONSES = {"response_low_noise": "low noise, recurrent", "response_high_noise": "high noise"}
"""Panels over time, in the order of panel d: low noise solid, high noise dashed."""


def render(data: Data) -> Figure:
    """Draw the figure; panels that a preset leaves out stay empty."""
    figure = plt.figure(figsize=(style.FULL_WIDTH, 6.1))
    top, bottom = style.rows(figure, (2.3, 3.8))
    left, right = style.columns(top, (1.45, 5.55))
    draw_courses(left.subplot_mosaic("a")["a"])
    _draw_shares(right, data)
    left, right = style.columns(bottom, (3.8, 3.2))
    key, above, below = style.rows(right, (0.3, 1.55, 1.95))
    axes = left.subplot_mosaic("c")["c"]
    if drawable(axes, "map_steep" in data):
        draw_map(axes, data["map_steep"])
        head = f"% of {data['map_steep']['n_tasks']} tasks solved (low noise: slope 16)"
        axes.set_title(f"{head}\n{FRAMES}", size=6.5)
    axes = above.subplot_mosaic("d")["d"]
    panels = {words: data[name] for name, words in REGIMES.items() if name in data}
    if drawable(axes, bool(panels)):
        draw_over_time(axes, panels)
        axes.set_ylabel("final loss /\nthat of unbiased", size=7)
    _draw_final_losses(below, data)
    name_over_time(key, REGIMES.values())
    return figure


def _draw_final_losses(part: SubFigure, data: Data) -> None:
    """Draw final losses of spiking networks, by the loss whose gradient they follow."""
    facets = part.subplots(1, 2, sharex=True)
    style.name_panels("e", facets[:1])
    panels = {words: data[name] for name, words in RESPONSES.items() if name in data}
    if not drawable(facets[0], bool(panels)):
        facets[1].axis("off")
        return
    draw_final_losses(facets, panels)
    words = "final loss / that of unbiased, of the expected loss"
    part.supxlabel(f"{words}\n(upper: low noise, lower: high noise; bars: 95 %)", size=7)


def _draw_shares(figure: SubFigure, data: Data) -> None:
    """Draw the shares of tasks solved, by family of tasks from left to right."""
    above, key = style.rows(figure, (2.1, 0.2))
    each = above.subplots(1, len(TASKS))
    style.name_panels("b", each[:1])
    for i, (axes, (name, words)) in enumerate(zip(each, TASKS.items(), strict=True)):
        if drawable(axes, name in data):
            title = f"{words}\n{data[name]['n_tasks']} tasks"
            parts = [data[part] for part in (name, f"{name}_more") if part in data]
            draw_shares_by_loss(axes, shares_of(*parts), title, labels=i == 0)
    each[1].set_xlabel("% of Boolean tasks solved (bars: 95 %)")
    each[0].set_ylabel("trained by the gradient of", size=6.5)
    name_gradients(key, loc="center", ncols=3)


def teaser(data: Data) -> Figure:
    """Draw the shares of tasks solved in low noise."""
    figure = plt.figure(figsize=style.TEASER)
    axes = figure.subplots()
    draw_shares_by_loss(axes, shares_of(data["loss_low_noise"]), "", labels=True, size=7.5)
    narrow = {"handlelength": 1.2, "handletextpad": 0.3, "columnspacing": 0.8, "fontsize": 6.5}
    name_gradients(axes, loc="lower right", bbox_to_anchor=(1.03, 1.0), ncols=3, **narrow)
    axes.set_xlabel("% of Boolean tasks solved in low noise (bars: 95 %)", size=7)
    words = "how many tasks a gradient solves depends on"
    figure.suptitle(f"{words}\nthe loss whose gradient is followed (rows)", size=7.5)
    return figure
