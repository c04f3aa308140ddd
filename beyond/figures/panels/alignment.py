"""Alignment with the true gradient along training, and whether it predicts what is learned."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from beyond.figures.panels import label_rows
from figures.looks import LOOKS, Look
from figures.panels import Panel, names_of
from figures.panels.forest import SHIFTS, Estimate, forest
from figures.style import INK, NEUTRAL

KNOWN_SE = 0.15
"""Cosines with a larger standard error are left out, as in `snn.stats.batch_means`."""
LEVEL = 0.05
"""Below it a p-value decides."""
SINGLE: dict[str, Any] = {"lw": 0.5, "alpha": 0.55}
"""Lines of single tasks."""
LEAST_TASKS = 3
"""Student's interval of two is 25 standard errors long and says nothing."""

WORDS = {
    "update_before": "cosine of an update,\nbefore training",
    "update_along": "cosine of an update,\nalong training",
    "mean_before": "cosine of an SG's mean,\nbefore training",
}
"""Predictors of what is learned."""


def draw_followed(axes: Axes, data: Panel, name: str) -> None:
    """Draw the cosine of a method's updates along its own training: tasks, mean, 95 % interval.

    An interval of Student's may reach beyond what a cosine can; it ends there.
    """
    x, i, look = data["points"][0], names_of(data).index(name), LOOKS[name]
    cosine = data["update_cosine"][~data["silent"], i, :, i]
    reliable = data["update_cosine_se"][~data["silent"], i, :, i] < KNOWN_SE
    axes.axhline(0, color=NEUTRAL, lw=0.6)
    axes.plot(x, np.where(reliable, cosine, np.nan).T, color=look.color, **SINGLE)
    mean, *ends = data["update_mean"][i, :, i].T
    low, high = np.clip(ends, -1, 1)
    enough = reliable.sum(axis=0) >= LEAST_TASKS
    axes.vlines(x[enough], low[enough], high[enough], color=look.color, lw=1.6, zorder=3)
    axes.plot(x, mean, color=look.color, lw=1.5, zorder=3, **look.markers(3))
    axes.set_xticks([x[0], x[-1]])
    axes.set_yticks([0, 1], ["0", "1"])


def draw_prediction(axes: Axes, groups: list[Panel]) -> None:
    """Draw the rank correlation of alignment and learning over methods, and its p-value.

    Dots: tasks; markers: their mean, with its range if one method is left out, hollow where p is
    not below 0.05. Groups as in `draw_pairs`.
    """
    names = [str(name) for name in groups[0]["predictors"]]
    look = Look("rank correlation", "other", "o")
    rows: dict[str, dict[float, Estimate]] = {}
    for group, (shift, data) in enumerate(zip(SHIFTS[len(groups)], groups, strict=True)):
        columns = data["rank_correlations"], data["p_values"], data["task_rank_correlations"]
        rows[str(group)] = {}
        for y, (values, p, by_task) in enumerate(zip(*columns, strict=True)):
            rows[str(group)][y] = Estimate(values, look, bool(p < LEVEL))
            axes.plot(
                by_task, np.full(len(by_task), y + shift + 0.13), ".", ms=2.5, mew=0, color=INK
            )
            if np.isfinite(p):
                text = f"p = {p:.2f}"
                axes.text(2.1, y + shift, text, size=6, color=INK, ha="right", va="center")
    forest(axes, rows, null=0, size=4.5)
    label_rows(axes, [WORDS[name] for name in names])
    axes.spines["bottom"].set_bounds(-1, 1)
    axes.set(xlim=(-1.05, 2.1), ylim=(len(names) - 0.5, -0.5))
    axes.set_xticks([-1, 0, 1])
    axes.set_xlabel("rank correlation of cosine\nand learning, over methods", size=7, x=0.33)
