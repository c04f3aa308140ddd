"""Figure 11, beyond the paper: a spike moves, or a spike is born."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from beyond.figures.panels.spike_times import (
    draw_effects,
    draw_frozen,
    draw_parts,
    draw_spreads,
    name_parts,
    name_spreads,
)
from figures import style
from figures.panels import Data


def render(data: Data) -> Figure:
    """Draw the figure.

    Args:
        data: Panels "frozen", "moves", "births" and "effects".
    """
    figure = plt.figure(figsize=(style.FULL_WIDTH, 5.6))
    top, middle, bottom = style.rows(figure, (2.0, 2.3, 1.9))
    n = data["frozen"]["betas"].shape[1]
    frozen = top.subplots(1, n, sharey=True, squeeze=False)[0]
    draw_frozen(frozen, data["frozen"])
    moves = data["moves"]
    n_weights = len(moves["weights"])
    parts = middle.subplots(1, n_weights, squeeze=False)[0]
    for i, axes in enumerate(parts):
        draw_parts(axes, moves, i, data["births"])
    parts[0].set_ylabel("derivative of mean loss")
    name_parts(middle)
    left, right = style.columns(bottom, (2.4, 4.6))
    effects = left.subplots()
    draw_effects(effects, data["effects"])
    spreads = right.subplots(1, n_weights, squeeze=False)[0]
    for i, axes in enumerate(spreads):
        draw_spreads(axes, moves, data["births"], i)
    spreads[0].set_ylabel("standard deviation\nof one run")
    name_spreads(right)
    style.name_panels("abcd", (frozen[0], parts[0], effects, spreads[0]))
    return figure


def teaser(data: Data) -> Figure:
    """Draw parts of the derivative below threshold."""
    figure = plt.figure(figsize=style.TEASER)
    axes = figure.subplots()
    draw_parts(axes, data["moves"], 0)
    name_parts(figure, births=False)
    axes.set_ylabel("derivative of mean loss")
    words = "EventProp misses spikes that are born: with an input weight"
    axes.set_title("")
    figure.suptitle(f"{words}\nbelow threshold it is 0, the true derivative is not", size=7.5)
    return figure
