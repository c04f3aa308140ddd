"""Shares of tasks solved against the initial gain, by the gradient that is followed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from figures.looks import DASHED, DOTTED, LOOKS
from figures.panels import Panel, names_of
from figures.style import NEUTRAL, name_looks

ARMS = {
    "exact_of_response": ("exact gradient, mean response", "exact", "-"),
    "exact_of_cross_entropy": ("exact gradient, cross-entropy", "exact", DASHED),
    "exact_of_expected": ("exact gradient, expected loss", "exact", DOTTED),
    "broad_usual": ("SG, slope × 1/4, usual", "surrogate_x0.25", "-"),
    "broad_of_response": ("SG, slope × 1/4, mean response", "surrogate_x0.25", DASHED),
    "matched_usual": ("SG, matched, usual", "surrogate", "-"),
}
"""Words, look and dashes of gradients, by name; one without a row takes those of its name."""
NOT_DRAWN = "annealed_"
"""Start of the names of gradients in noise whose slope rises; their numbers are reported alone."""
SLOPES = (4, 16)
"""Slopes of the noise whose gain 1 is marked."""


def drawn(data: Panel) -> list[str]:
    """Return the gradients of a panel that are drawn, in the order of `ARMS`."""
    names = [name for name in names_of(data) if not name.startswith(NOT_DRAWN)]
    return sorted(names, key=lambda name: [*ARMS, *names].index(name))


def draw_gains(axes: Axes, data: Panel, title: str, arms: Sequence[str]) -> None:
    """Draw the share of tasks solved against the initial gain times the slope of the noise.

    Args:
        axes: where.
        data: pooled arrays of initial gains.
        title: what the tasks are.
        arms: names of the gradients to draw.
    """
    names, x = names_of(data), data["gains"][0] * data["beta"][0]
    shift = np.linspace(-0.06, 0.06, len(arms))
    for by, name in zip(shift, arms, strict=True):
        _, look, dashes = _row(name)
        at, row = x * 2**by, 100 * data["gain_share"][names.index(name)]
        axes.plot(at, row[:, 0], ls=dashes, color=LOOKS[look].color, lw=1.4)
        axes.vlines(at, row[:, 1], row[:, 2], color=LOOKS[look].color, lw=0.8)
        axes.plot(at, row[:, 0], ls="", **LOOKS[look].markers(3.5))
    for slope in SLOPES:
        axes.axvline(slope, color=NEUTRAL, lw=0.6, ls=":", zorder=0)
        place = {"size": 6, "color": NEUTRAL, "va": "bottom", "ha": "right"}
        axes.text(slope / 1.07, 20.5, f"slope {slope},\ngain 1", **place)
    axes.set_xscale("log", base=2)
    # Room for the words beside the first slope.
    axes.set(ylim=(20, 100), xlim=(min(axes.get_xlim()[0], SLOPES[0] / 2), None))
    axes.set_xticks(x, [f"{value:g}" for value in x])
    axes.minorticks_off()
    axes.set_title(f"{title}, {data['n_tasks']} tasks", size=7)


def name_arms(where: Any, arms: Sequence[str], **place: Any) -> None:
    """Name gradients of `draw_gains`, in a part of a figure."""
    looks = {
        words: LOOKS[look].markers(3.5) | {"color": LOOKS[look].color, "lw": 1.2, "ls": dashes}
        for words, look, dashes in map(_row, arms)
    }
    name_looks(where, looks, **({"handlelength": 2.4, "fontsize": 6.5, "ncols": 3} | place))


def _row(name: str) -> tuple[str, str, Any]:
    look = LOOKS[name]
    return ARMS.get(name, (look.label, name, look.dashes))
