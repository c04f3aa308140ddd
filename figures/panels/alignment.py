"""Alignment with the true gradient along training, and whether it predicts what is learned."""

import numpy as np
from matplotlib.axes import Axes

from figures.panels.trainings import Panel, label_of, line_of, look_of, narrow_of, trained
from figures.style import INK, NEUTRAL, SMALL

WORDS = {
    "update_before": "of an update,\nbefore training",
    "update_along": "of an update,\nalong training",
    "mean_before": "of the mean,\nbefore training",
}


def draw_along(axes: Axes, data: Panel) -> None:
    """Mean cosine of one update on each method's own trajectory, with 95 % intervals."""
    points = data["points"][0]
    places = np.arange(len(points))
    for i, name in enumerate(trained(data)):
        mean, low, high = data["update_mean"][i, :, i].T
        shift = 0.06 * (i - (len(trained(data)) - 1) / 2)
        look = look_of(name)
        axes.vlines(places + shift, low, high, color=look.color, lw=0.8)
        marked = {"label": label_of(name), **line_of(name), **look.markers(3.5)}
        axes.plot(places + shift, mean, lw=1, **marked)
    axes.axhline(0, color=NEUTRAL, lw=0.6)
    axes.set_xticks(places, [f"{point:g}" for point in points])
    axes.set_xlabel("updates")


def draw_prediction(axes: Axes, groups: list[Panel]) -> None:
    """Rank correlation of alignment and learning over methods: tasks, mean, 95 % interval.

    The first group above and filled, as in `draw_pairs`.
    """
    axes.axvline(0, color=NEUTRAL, lw=0.8)
    names = [str(name) for name in groups[0]["predictors"]]
    for shift, filled, data in zip((-0.2, 0.2), (True, False), groups, strict=False):
        face = NEUTRAL if filled else "white"
        for y, (each, ends) in enumerate(
            zip(data["task_rank_correlations"], data["rank_correlations"], strict=True)
        ):
            axes.plot(each, np.full(len(each), y + shift + 0.13), ".", ms=2.5, mew=0, color=INK)
            axes.plot(ends[1:], [y + shift] * 2, color=NEUTRAL, lw=1.3)
            axes.plot(ends[0], y + shift, "o", ms=4.5, color=NEUTRAL, mfc=face, mew=1)
    axes.set_yticks(range(len(names)), [WORDS[name] for name in names], size=SMALL)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set(xlim=(-1.02, 1.1), ylim=(len(names) - 0.5, -0.5))
    axes.set_xlabel("rank correlation of\ncosine and learning", size=7)


def draw_matrix(axes: Axes, data: Panel, point: int) -> None:
    """Mean cosine of an update of each method (column) where each has led (row)."""
    names = trained(data)
    values = data["update_mean"][:, point, :, 0]
    axes.imshow(values, cmap="cividis", vmin=0, vmax=1)
    for (y, x), value in np.ndenumerate(values):
        ink = "white" if value < 0.6 else INK
        said = f"{value:.2f}" if len(names) <= 6 else f"{value:.2f}".replace("0.", ".", 1)
        axes.text(x, y, said, size=6, ha="center", va="center", color=ink)
    labels = [narrow_of(name) for name in names]
    if len(names) > 6:
        labels = [",\n".join(label.rsplit(", ", 1 if len(label) > 25 else 0)) for label in labels]
    axes.set_xticks(range(len(names)), labels, size=6, rotation=90)
    axes.set_yticks(range(len(names)), labels, size=6)
    axes.tick_params(length=0)
