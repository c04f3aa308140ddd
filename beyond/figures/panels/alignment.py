"""Alignment with the true gradient along training, and whether it predicts what is learned."""

import numpy as np
from matplotlib.axes import Axes

from beyond.figures.panels.trainings import SINGLE, trained
from figures.looks import LOOKS, Look
from figures.panels import Panel
from figures.panels.forest import SHIFTS, Estimate, forest
from figures.style import INK, NEUTRAL, label_rows, on

KNOWN_SE = 0.15
"""Cosines with a larger standard error are left out, as in `snn.stats.batch_means`."""
LEVEL = 0.05
"""Below it a p-value decides."""
LEAST_TASKS = 3
"""Student's interval of two is 25 standard errors long and says nothing."""

WORDS = {
    "update_before": "an update,\nbefore\ntraining",
    "update_along": "an update,\nalong\ntraining",
    "mean_before": "SG's mean,\nbefore\ntraining",
}


def draw_followed(axes: Axes, data: Panel, name: str) -> None:
    """Draw the cosine of a method's updates along its own training: tasks, mean, 95 % interval."""
    points, i = data["points"][0], trained(data).index(name)
    places, look = np.arange(len(points)), LOOKS[name]
    cosine = data["update_cosine"][~data["silent"], i, :, i]
    known = data["update_cosine_se"][~data["silent"], i, :, i] < KNOWN_SE
    axes.axhline(0, color=NEUTRAL, lw=0.6)
    axes.plot(places, np.where(known, cosine, np.nan).T, color=look.color, **SINGLE)
    mean, low, high = data["update_mean"][i, :, i].T
    enough = known.sum(axis=0) >= LEAST_TASKS
    axes.vlines(places[enough], low[enough], high[enough], color=look.color, lw=1.6, zorder=3)
    axes.plot(places, mean, color=look.color, lw=1.5, zorder=3, **look.markers(3.5))
    axes.set_xticks(places, [f"{p:g}" if p in points[[0, -1]] else "" for p in points])
    axes.set_yticks([-0.5, 0, 0.5, 1], ["-0.5", "0", "0.5", "1"])


def draw_prediction(axes: Axes, groups: list[Panel]) -> None:
    """Draw the rank correlation of alignment and learning over methods, and its p-value.

    Dots: tasks; markers: their mean, with its range if one method is left out, hollow where p is
    not below 0.05. Groups as in `draw_pairs`.
    """
    names = [str(name) for name in groups[0]["predictors"]]
    look = Look("rank correlation", "other", "o")
    rows: dict[str, dict[float, Estimate]] = {}
    for group, (shift, data) in enumerate(zip(SHIFTS[len(groups)], groups, strict=True)):
        rows[str(group)] = {
            y: Estimate(values, look, bool(p < LEVEL))
            for y, (values, p) in enumerate(
                zip(data["rank_correlations"], data["p_values"], strict=True)
            )
        }
        for y, (each, p) in enumerate(
            zip(data["task_rank_correlations"], data["p_values"], strict=True)
        ):
            axes.plot(each, np.full(len(each), y + shift + 0.13), ".", ms=2.5, mew=0, color=INK)
            if np.isfinite(p):
                said = f"p {p:.2f}"
                axes.text(1.78, y + shift, said, size=6, color=INK, ha="right", va="center")
    forest(axes, rows, null=0, size=4.5)
    label_rows(axes, [WORDS[name] for name in names])
    axes.spines["bottom"].set_bounds(-1, 1)
    axes.set(xlim=(-1.05, 1.78), ylim=(len(names) - 0.5, -0.5))
    axes.set_xticks([-1, 0, 1])
    axes.set_xlabel("rank correlation of\ncosine and learning", size=7, x=0.37)


def draw_matrix(axes: Axes, data: Panel, point: int) -> None:
    """Draw the mean cosine of an update of each method (column) where each has led (row)."""
    names = trained(data)
    values = data["update_mean"][:, point, :, 0]
    image = axes.imshow(values, cmap="cividis", vmin=0, vmax=1)
    for (y, x), value in np.ndenumerate(values):
        said = f"{value:.2f}" if len(names) <= 6 else f"{value:.2f}".replace("0.", ".", 1)
        axes.text(x, y, said, size=6, ha="center", va="center", color=on(image.to_rgba(value)))
    labels = [LOOKS[name].narrow for name in names]
    if len(names) > 6:
        labels = [",\n".join(label.rsplit(", ", 1 if len(label) > 25 else 0)) for label in labels]
    axes.set_xticks(range(len(names)), labels, size=6, rotation=90)
    axes.set_yticks(range(len(names)), labels, size=6)
    axes.tick_params(length=0)
