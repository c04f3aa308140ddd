"""Figure 9, supplement: duration, slope, variance; runs, silent and frozen trainings; alignment."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from beyond.figures.fig9 import TASKS
from beyond.figures.panels.alignment import draw_matrix
from beyond.figures.panels.trainings import (
    REFERENCE,
    draw_curves,
    draw_left,
    draw_limits,
    trained,
)
from beyond.figures.panels.true_gradient import draw_against, draw_slopes, draw_variance
from figures import style
from figures.panels import Data

BY_BUDGET = (
    "surrogate_through",
    "surrogate_through_one",
    "stochastic_ad_systematic",
    "stochastic_ad_systematic_more",
)
"""Methods of which some have another budget than the others."""
LIMITED = "surrogate_through"
"""Drawn against the limit of silence."""


def render(data: Data) -> Figure:
    """Draw the supplement; panels that a preset leaves out stay empty."""
    figure = plt.figure(figsize=(style.FULL_WIDTH, 8.0))
    top, middle, bottom = style.rows(figure, (2.6, 2.4, 3.0))
    duration, slopes, variance = style.columns(top, (2.1, 2.0, 2.9))
    column = duration.subplots(2, 1, sharex=True)
    style.name_panels("a", column[:1])
    if "duration" not in data:
        style.absent(column[0])
        column[1].axis("off")
    else:
        draw_against(column, data["duration"], "duration")
        column[0].set_ylabel("cosine")
        column[1].set_ylabel("norm ratio")
    draw_slopes(slopes.subplot_mosaic("b")["b"], data["noise"])
    axes = variance.subplot_mosaic("c")["c"]
    if "variance" in data:
        draw_variance(axes, data["variance"])
    else:
        style.absent(axes)
    by_runs, checks = style.columns(middle, (3.7, 3.3))
    row = [*by_runs.subplot_mosaic("de", sharey=True).values()]
    for axes, (name, words) in zip(row, TASKS.items(), strict=True):
        if name not in data:
            style.absent(axes)
        else:
            draw_curves(axes, data[name], [n for n in BY_BUDGET if n in trained(data[name])])
            axes.set_title(words, size=7)
    row[0].set_ylabel("loss / first loss")
    handles = row[0].get_legend_handles_labels()
    row[int("steep" in data)].legend(
        *handles, fontsize=6, loc="lower left", handlelength=1.8, borderpad=0
    )
    limits, left = checks.subplot_mosaic("fg").values()
    if "steep" not in data:
        style.absent(limits)
        style.absent(left)
    else:
        draw_left(left, data["steep"])
        left.set_ylabel("true gradient,\nend / start")
        compared = {LIMITED, REFERENCE} <= set(trained(data["steep"]))
        if not compared:
            style.absent(limits, "undecided: one of\nboth was not trained")
        else:
            draw_limits(limits, data["steep"], LIMITED)
            limits.set_ylabel("final loss / that of\nstochastic AD")
    row = bottom.subplot_mosaic("hi").values()
    for axes, (name, words) in zip(row, TASKS.items(), strict=True):
        if f"alignment_{name}" not in data:
            style.absent(axes)
        else:
            draw_matrix(axes, data[f"alignment_{name}"], -1)
            axes.set_title(f"{words}, after training", size=7)
            axes.set_xlabel("update by")
            axes.set_ylabel("weights reached by")
    return figure
