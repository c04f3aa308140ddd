"""Figure 9, beyond the paper: the true gradient of stochastic spiking networks, and learning."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from figures import style
from figures.looks import LOOKS
from figures.panels.alignment import draw_along, draw_prediction
from figures.panels.lif_network import lif_network
from figures.panels.trainings import REFERENCE, Panel, draw_curves, draw_names, draw_pairs, methods
from figures.panels.true_gradient import SURROGATES, draw_against

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

TEASER = (0.535, 0.277, 1.0, 0.56)

TASKS = {"easy": "ample noise", "steep": "steep noise, recurrent"}
"""Trainings, and what their networks are like."""


def render(data: dict[str, Panel]) -> Figure:
    """Draws the figure.

    Args:
        data: panels "noise", "duration" and "recurrence" of surrogate gradients against the true
            one, "variance", trainings "easy" and "steep", "alignment_easy" and "alignment_steep",
            all with a leading axis of seeds. Small presets leave some out.
    """
    figure = plt.figure(figsize=(style.FULL_WIDTH, 7.6))
    top, middle, bottom = style.rows(figure, (3.1, 2.3, 2.2))
    left, right = style.columns(top, (1.9, 5.1))
    network, names = left.subplots(2, 1, height_ratios=(1.5, 1))
    lif_network(network)
    style.letter_beside(network, "a", 0.02)
    _key(names)
    _directions(right, data)
    _trainings(middle, data)
    _alignment(bottom, data)
    return figure


def _key(axes: Axes) -> None:
    axes.axis("off")
    for name in SURROGATES:
        look = LOOKS[name]
        axes.plot([], [], label=look.specific, **look.line(), **look.markers(4))
    axes.plot([], [], color=style.NEUTRAL, lw=6, alpha=0.2, label="range over networks")
    axes.legend(fontsize=6.5, loc="upper left", handlelength=2.8, borderaxespad=0)


def _directions(part: SubFigure, data: dict[str, Panel]) -> None:
    grid = part.subplots(2, 2, sharey="row", sharex="col")
    for column, (name, letter) in enumerate(zip(("noise", "recurrence"), "bc", strict=True)):
        if name in data:
            draw_against(grid[:, column], data[name], name)
            style.panel_letter(grid[0, column], letter)
        else:
            for axes in grid[:, column]:
                axes.set_visible(False)
    grid[0, 0].set_ylabel("cosine of mean and\ntrue gradient")
    grid[1, 0].set_ylabel("norm / norm of\nthe true gradient")


def _trainings(part: SubFigure, data: dict[str, Panel]) -> None:
    easy, steep, pairs, names = part.subplots(1, 4, width_ratios=(1.25, 1.25, 1.1, 1.2))
    groups = {TASKS[name]: data[name] for name in TASKS if name in data}
    for axes, (name, words), letter in zip((easy, steep), TASKS.items(), "de", strict=True):
        if name not in data:
            axes.set_visible(False)
            continue
        draw_curves(axes, data[name], "update")
        axes.set_title(words, size=7)
        style.letter_beside(axes, letter, -0.06)
    easy.set_ylabel("loss / loss before training")
    listed = methods(*groups.values())
    draw_names(names, listed, groups)
    if REFERENCE in listed:
        draw_pairs(pairs, groups, listed)
        style.letter_beside(pairs, "f", 0.02)
    else:
        pairs.set_visible(False)


def _alignment(part: SubFigure, data: dict[str, Panel]) -> None:
    easy, steep, prediction = part.subplots(1, 3, width_ratios=(1.3, 1.3, 1.4))
    steep.sharey(easy)
    groups = []
    for axes, (name, words), letter in zip((easy, steep), TASKS.items(), "gh", strict=True):
        if f"alignment_{name}" not in data:
            axes.set_visible(False)
            continue
        groups.append(data[f"alignment_{name}"])
        draw_along(axes, groups[-1])
        axes.set_title(words, size=7)
        style.panel_letter(axes, letter)
    if groups:
        easy.set_ylabel("cosine of an update and\nthe true gradient")
        draw_prediction(prediction, groups)
        style.letter_beside(prediction, "i", -0.5)
    else:
        prediction.set_visible(False)
