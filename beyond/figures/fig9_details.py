"""Figure 9, details: duration and recurrence, alignment along training, budgets, and limits."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import Patch

from beyond.figures.fig9 import BANDS, TASKS
from beyond.figures.fig9_supplement import RESETS
from beyond.figures.looks import LOOKS
from beyond.figures.panels import drawable, trained
from beyond.figures.panels.alignment import draw_prediction
from beyond.figures.panels.resets_over_time import draw_first_updates
from beyond.figures.panels.trainings import (
    REFERENCE,
    draw_curves,
    draw_each_task,
    draw_left,
    draw_limits,
)
from beyond.figures.panels.true_gradient import SURROGATES, draw_against
from figures import style
from figures.panels import Data, names_of
from figures.verdicts import HOLLOW

BY_BUDGET = (
    "surrogate_through",
    "surrogate_through_one",
    "stochastic_ad_systematic",
    "stochastic_ad_systematic_more",
)
"""Methods with the default budget and with a smaller or larger one."""
LIMITED = "surrogate_through"
"""Method that is drawn against the limit of silence."""
TITLES = {"duration": "longer trials", "recurrence": "stronger recurrence"}
ALIGNED = {f"alignment_{name}": words for name, words in TASKS.items()}


def render(data: Data) -> Figure:
    """Draw the details; panels that a preset leaves out stay empty."""
    figure = plt.figure(figsize=(style.FULL_WIDTH, 8.6))
    top, tasks, budgets, last = style.rows(figure, (2.25, 3.42, 1.35, 1.58))
    others, first = style.columns(top, (3.5, 3.5))
    _other_axes(others, data)
    _name_surrogates(others, data)
    _first_updates(first, data)
    draw_each_task(tasks, data, dict(zip("defg", (TASKS | ALIGNED).items(), strict=True)))
    _budgets(budgets, data)
    _limits(last, data)
    return figure


def _other_axes(part: SubFigure, data: Data) -> None:
    grid = part.subplots(2, 2, sharex="col", sharey="row")
    style.name_panels("ab", grid[0])
    for column, name in zip(grid.T, ("duration", "recurrence"), strict=True):
        if drawable(column[0], name in data):
            draw_against(column, data[name], name)
            column[0].set_title(TITLES[name], size=6.5)
            column[1].xaxis.label.set_size(7)
        else:
            column[1].axis("off")
    grid[0, 0].set_ylabel("cosine of mean\nand true gradient", size=6)
    grid[1, 0].set_ylabel("norm / norm of\ntrue gradient", size=6)


def _name_surrogates(part: SubFigure, data: Data) -> None:
    """Write a key of the surrogates above both panels."""
    for name in ("duration", "recurrence"):
        if name in data:
            drawn_surrogates = filter(names_of(data[name], "surrogates").__contains__, SURROGATES)
            looks = {
                LOOKS[surrogate].label: LOOKS[surrogate].line(3.5) for surrogate in drawn_surrogates
            }
            looks["bands: ranges"] = style.SHADE
            above = {"loc": "outside upper left", "ncols": 3, "columnspacing": 1}
            style.name_looks(part, looks, fontsize=6, handlelength=2.8, **above)
            return


def _first_updates(part: SubFigure, data: Data) -> None:
    facets: Sequence[Axes] = part.subplots(1, 2)
    style.name_panels("c", facets[:1])
    groups = {words: data[name] for name, words in RESETS.items() if name in data}
    if drawable(facets[0], bool(groups)):
        draw_first_updates(facets, groups)
    else:
        facets[1].axis("off")


def _budgets(part: SubFigure, data: Data) -> None:
    """Draw losses against forward passes; 1 trial and 4 × passes beside the default budget."""
    low, high, key = part.subplots(1, 3, width_ratios=(1, 1, 0.9))
    style.name_panels("hi", (low, high))
    key.axis("off")
    for axes, (name, words) in zip((low, high), TASKS.items(), strict=True):
        if drawable(axes, name in data) and trained(axes, data[name]):
            draw_curves(axes, data[name], [n for n in BY_BUDGET if n in names_of(data[name])])
            axes.set_title(words, size=7)
            axes.set_xlabel("forward passes", size=7)
    low.set_ylabel("loss / first loss", size=7)
    named = max((low, high), key=lambda axes: len(axes.lines))
    handles = named.get_legend_handles_labels()
    if handles[0]:
        place = {"loc": "center left", "handlelength": 3, "borderaxespad": 0}
        key.legend(handles=[*handles[0], Patch(**BANDS)], fontsize=6, **place)


def _limits(part: SubFigure, data: Data) -> None:
    limits, remaining, prediction = (
        axes.subplots() for axes in style.columns(part, (1.8, 2.6, 2.6))
    )
    style.name_panels("jkl", (limits, remaining, prediction))
    if drawable(limits, "steep" in data) and trained(limits, data["steep"]):
        both = {LIMITED, REFERENCE} <= set(names_of(data["steep"]))
        if drawable(limits, both, "undecided: one of\nboth was not trained"):
            draw_limits(limits, data["steep"], LIMITED)
            limits.set_ylabel("final loss / that of\nstochastic AD", size=7)
            words = f"{LOOKS[LIMITED].label}: low noise\nbars: 95 %; {HOLLOW}\ntasks:"
            limits.set_title(words, size=6, pad=9, loc="center")
    if drawable(remaining, "steep" in data) and trained(remaining, data["steep"]):
        draw_left(remaining, data["steep"])
        remaining.set_ylabel("norm of true\ngradient, end / start", size=7)
        remaining.set_title("low noise: a marker a training", size=6)
    aligned = [data[name] for name in ALIGNED if name in data]
    ranked = any(np.isfinite(group["rank_correlations"]).any() for group in aligned)
    if drawable(prediction, ranked, "undecided: too few\nmethods to rank"):
        draw_prediction(prediction, aligned)
        words = "upper: low noise, lower: high noise; dots: tasks"
        words += f"\nbars: one method left out; {HOLLOW}"
        prediction.set_title(words, size=6, loc="right")
