"""Figure 9, supplement: other axes, variance; every task; runs, frozen; alignment; resets."""

import textwrap
from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from beyond.figures.fig9 import TASKS
from beyond.figures.looks import LOOKS, usual
from beyond.figures.panels import drawable
from beyond.figures.panels.alignment import draw_followed, draw_prediction
from beyond.figures.panels.resets_over_time import draw_first_updates, draw_reset_ratios
from beyond.figures.panels.trainings import (
    REFERENCE,
    draw_curves,
    draw_left,
    draw_limits,
    draw_tasks,
    methods,
)
from beyond.figures.panels.true_gradient import draw_against, draw_slopes, draw_variance
from figures import style
from figures.panels import Data, names_of

BY_BUDGET = (
    "surrogate_through",
    "surrogate_through_one",
    "stochastic_ad_systematic",
    "stochastic_ad_systematic_more",
)
"""Methods of which some have another budget than the others."""
LIMITED = "surrogate_through"
"""Drawn against the limit of silence."""
RESETS = {"resets_easy": "ample noise", "resets_steep": "steep noise"}
ALIGNED = {f"alignment_{name}": words for name, words in TASKS.items()}


def render(data: Data) -> Figure:
    """Draw the supplement; panels that a preset leaves out stay empty."""
    figure = plt.figure(figsize=(style.FULL_WIDTH, 8.6))
    top, tasks, bottom, last = style.rows(figure, (1.95, 3.1, 1.95, 1.6))
    _untrained(top, data)
    _every_task(tasks, data)
    _checks(bottom, data)
    _resets(last, data)
    return figure


def _untrained(part: SubFigure, data: Data) -> None:
    others, slopes, variance = style.columns(part, (2.9, 1.7, 2.4))
    grid = others.subplots(2, 2, sharex="col", sharey="row")
    style.name_panels("ab", grid[0])
    for column, name in zip(grid.T, ("duration", "recurrence"), strict=True):
        if drawable(column[0], name in data):
            draw_against(column, data[name], name)
        else:
            column[1].axis("off")
    grid[0, 0].set_ylabel("cosine", size=7)
    grid[1, 0].set_ylabel("norm ratio", size=7)
    (axes,) = _mosaic(slopes, "c")
    draw_slopes(axes, data["noise"])
    (axes,) = _mosaic(variance, "d")
    if drawable(axes, "variance" in data):
        draw_variance(axes, data["variance"])


def _every_task(part: SubFigure, data: Data) -> None:
    """Draw a column for each method: losses of its trainings, and the alignment of its updates."""
    panels: dict[str, Callable] = dict.fromkeys(TASKS, draw_tasks)
    panels |= dict.fromkeys(ALIGNED, draw_followed)
    listed = methods(*(data[name] for name in panels if name in data))
    listed = [name for name in listed if usual(name)]
    grid = part.subplots(4, len(listed), sharex=True, sharey="row", squeeze=False)
    style.name_panels("efgh", grid[:, 0])
    for row, (panel, draw), words in zip(grid, panels.items(), [*TASKS.values()] * 2, strict=True):
        drawn = [name for name in listed if panel in data and name in names_of(data[panel])]
        for axes, name in zip(row, listed, strict=True):
            if name in drawn:
                draw(axes, data[panel], name)
            else:
                axes.axis("off")
        if drawable(row[0], bool(drawn)):
            label = "relative loss" if draw is draw_tasks else "cosine"
            row[0].set_ylabel(f"{words.split()[0]}\n{label}", size=7)
    for axes, name in zip(grid[0], listed, strict=True):
        axes.set_title(textwrap.fill(LOOKS[name].label, 13), size=6, color=style.INK, pad=9)
    for column in grid.T:
        # The lowest panel that is there has the axis.
        drawn = [axes for axes in column if axes.axison]
        for axes in drawn[-1:]:
            axes.tick_params(labelbottom=True)
            axes.set_xlabel("updates", size=7, labelpad=-6)


def _checks(part: SubFigure, data: Data) -> None:
    by_runs, limit, end, ranks = style.columns(part, (3.0, 1.3, 1.15, 1.55))
    runs, key = style.rows(by_runs, (1, 0.2))
    row, key = _mosaic(runs, "ij", sharey=True), key.subplots()
    for axes, (name, words) in zip(row, TASKS.items(), strict=True):
        if drawable(axes, name in data):
            draw_curves(axes, data[name], [n for n in BY_BUDGET if n in names_of(data[name])])
            axes.set_title(words.split(",")[0], size=7)
            axes.set_xlabel("runs", size=7)
    row[0].set_ylabel("loss / first loss", size=7)
    key.axis("off")
    handles = row[0].get_legend_handles_labels()
    key.legend(*handles, fontsize=6, loc="center", ncols=2, handlelength=1.8, borderpad=0)
    (limits,), (left,), (prediction,) = _mosaic(limit, "k"), _mosaic(end, "l"), _mosaic(ranks, "m")
    if drawable(limits, "steep" in data):
        if drawable(
            limits,
            {LIMITED, REFERENCE} <= set(names_of(data["steep"])),
            "undecided: one of\nboth was not trained",
        ):
            draw_limits(limits, data["steep"], LIMITED)
            limits.set_ylabel("final loss / that of\nstochastic AD", size=7)
    if drawable(left, "steep" in data):
        draw_left(left, data["steep"])
        left.set_ylabel("true gradient,\nend / start", size=7)
    aligned = [data[name] for name in ALIGNED if name in data]
    ranked = any(np.isfinite(group["rank_correlations"]).any() for group in aligned)
    if drawable(prediction, ranked, "undecided: too few\nmethods to rank"):
        draw_prediction(prediction, aligned)


def _resets(part: SubFigure, data: Data) -> None:
    """Draw what gradients through the reset and detached come to, and what they are at first."""
    ratios, *first = part.subplots(1, 3, width_ratios=(1.7, 1, 1))
    style.name_panels("no", [ratios, first[0]])
    groups = {words: data[name] for name, words in RESETS.items() if name in data}
    if drawable(ratios, bool(groups)):
        draw_reset_ratios(ratios, groups)
        draw_first_updates(first, groups)
    for axes in first if not groups else ():
        axes.axis("off")


def _mosaic(part: SubFigure, letters: str, sharey: bool = False) -> list[Axes]:
    return [*part.subplot_mosaic(letters, sharey=sharey).values()]
