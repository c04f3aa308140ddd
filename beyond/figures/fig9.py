"""Figure 9, beyond the paper: the true gradient of stochastic spiking networks, and learning."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from beyond.figures.panels.alignment import draw_followed, draw_prediction
from beyond.figures.panels.lif_network import lif_network
from beyond.figures.panels.trainings import (
    REFERENCE,
    draw_pairs,
    draw_tasks,
    methods,
    trained,
    usual,
    wrapped,
)
from beyond.figures.panels.true_gradient import SURROGATES, draw_against
from figures import style
from figures.looks import LOOKS
from figures.panels import Data, Panel

LETTERS = {
    "noise": "b",
    "recurrence": "c",
    "easy": "d, f",
    "steep": "e, f",
    "alignment_easy": "g, i",
    "alignment_steep": "h, i",
    "duration": "supplement a",
    "variance": "supplement c",
}
"""Where each panel of the configuration is drawn."""

TASKS = {"easy": "ample noise", "steep": "steep noise, recurrent"}
"""Trainings, and what their networks are like."""


def render(data: Data) -> Figure:
    """Draw the figure.

    Args:
        data: panels "noise", "duration" and "recurrence" of surrogate gradients against the true
            one, "variance", trainings "easy" and "steep", "alignment_easy" and "alignment_steep",
            all with a leading axis of seeds. Small presets leave some out.
    """
    figure = plt.figure(figsize=(style.FULL_WIDTH, 8.2))
    top, bottom = style.rows(figure, (3.0, 5.2))
    left, right = style.columns(top, (1.9, 5.1))
    network, names = left.subplots(2, 1, height_ratios=(1.5, 1))
    lif_network(network)
    style.name_panels("a", [network])
    _key(names, [data[name] for name in ("noise", "recurrence") if name in data])
    _directions(right, data)
    methods_, pooled = style.columns(bottom, (5.1, 1.9))
    _methods(methods_, data)
    _pooled(pooled, data)
    return figure


def teaser(data: Data) -> Figure:
    """Draw final losses over that of stochastic AD."""
    figure = plt.figure(figsize=style.TEASER)
    groups = {words: data[name] for name, words in TASKS.items() if name in data}
    listed = [n for n in methods(*groups.values()) if usual(n) and n != REFERENCE]
    draw_pairs(figure.subplots(), groups, listed)
    return figure


def _key(axes: Axes, groups: list[Panel]) -> None:
    axes.axis("off")
    drawn = {str(name) for group in groups for name in group["surrogates"][0]}
    for name in filter(drawn.__contains__, SURROGATES):
        look = LOOKS[name]
        axes.plot([], [], label=look.specific, **look.line(), **look.markers(4))
    axes.plot([], [], color=style.NEUTRAL, lw=6, alpha=0.2, label="range over networks")
    axes.legend(fontsize=6.5, loc="upper left", handlelength=2.8, borderaxespad=0)


def _directions(part: SubFigure, data: Data) -> None:
    grid = part.subplots(2, 2, sharey="row", sharex="col")
    style.name_panels("bc", grid[0])
    for column, name in enumerate(("noise", "recurrence")):
        if name in data:
            draw_against(grid[:, column], data[name], name)
        else:
            style.absent(grid[0, column])
            grid[1, column].axis("off")
    grid[0, 0].set_ylabel("cosine of mean and\ntrue gradient")
    grid[1, 0].set_ylabel("norm / norm of\nthe true gradient")


def _methods(part: SubFigure, data: Data) -> None:
    """Draw a column for each method: losses of its trainings, and the alignment of its updates."""
    groups = [
        data[name] for name in (*TASKS, *(f"alignment_{name}" for name in TASKS)) if name in data
    ]
    listed = [name for name in methods(*groups) if usual(name)]
    grid = part.subplots(4, len(listed), sharey="row", squeeze=False)
    panels = [(name, draw_tasks, "loss / first loss") for name in TASKS]
    panels += [(f"alignment_{name}", draw_followed, "cosine") for name in TASKS]
    style.name_panels("degh", grid[:, 0])
    rows = zip(grid, (*TASKS.values(), *TASKS.values()), panels, strict=True)
    for row, words, (panel, draw, label) in rows:
        shown = [name for name in listed if panel in data and name in trained(data[panel])]
        for axes, name in zip(row, listed, strict=True):
            if name in shown:
                draw(axes, data[panel], name)
            else:
                axes.axis("off")
        if shown:
            row[0].set_ylabel("\n".join([*words.split(", "), label]), size=7)
        else:
            style.absent(row[0])
    for axes, name in zip(grid[0], listed, strict=True):
        axes.set_title(wrapped(name, 13), size=6, color=style.INK)
    for upper, lower in zip(grid[::2].flat, grid[1::2].flat, strict=True):
        # Both rows of a pair have the same points; a lower panel that is missing names none.
        upper.tick_params(labelbottom=not lower.axison)
        (lower if lower.axison else upper).set_xlabel("updates", size=6.5, labelpad=1)


def _pooled(part: SubFigure, data: Data) -> None:
    """Draw, over all tasks, final losses in pairs and whether alignment predicts them."""
    pairs, prediction = part.subplot_mosaic("f;i").values()
    groups = {words: data[name] for name, words in TASKS.items() if name in data}
    listed = [name for name in methods(*groups.values()) if name != REFERENCE]
    if any(REFERENCE in trained(group) for group in groups.values()) and listed:
        draw_pairs(pairs, groups, listed)
    else:
        style.absent(pairs, "undecided: nothing trained\nbeside stochastic AD")
    aligned = [data[f"alignment_{name}"] for name in TASKS if f"alignment_{name}" in data]
    if any(np.isfinite(group["rank_correlations"]).any() for group in aligned):
        draw_prediction(prediction, aligned)
    else:
        style.absent(prediction, "undecided: too few\nmethods to rank")
