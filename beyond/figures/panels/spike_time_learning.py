"""Panels of figure 11's supplement: networks that are trained on spike times."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure

from beyond.figures.looks import LOOKS
from beyond.figures.panels import draw_rows, drawable, few_ticks, group_key, pairs
from figures.looks import Look
from figures.panels import Panel, names_of
from figures.style import NEUTRAL, SHADE, SMALL, name_looks
from figures.verdicts import HOLLOW

ARMS = {
    "event_based": "event_based",
    "pathwise": "pathwise",
    "matched": "surrogate",
    "broad": "surrogate_x0.25",
    "unbiased": "score_function",
}
"""Arms of `learning`, and whose look they have."""


TASKS = {"active": "active", "silent": "silent", "first_spikes": "first spikes"}
"""Panels of `learning`, and words for their tasks."""
REFERENCE = "broad"
"""Arm whose final loss is compared with that of the others."""


def draw_courses(axes: Axes, data: Panel) -> None:
    """Draw median losses in noise with quartiles over updates."""
    for look, course in zip(_arm_looks(data), data["course"][0], strict=True):
        _draw_quartiles(axes, data["updates"][0], course, look)
    axes.set_yscale("log")
    few_ticks(axes.yaxis, (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5))
    axes.set_xlabel("updates", size=7)
    axes.set_ylabel("mean loss", size=7)


def draw_right(axes: Axes, data: Panel) -> None:
    """Draw shares of right trials in noise over updates, with the share by chance."""
    for i, look in enumerate(_arm_looks(data)):
        _draw_quartiles(axes, data["updates"][0], data["right_course"][0, i], look)
    axes.axhline(0.25, color=NEUTRAL, lw=0.8, zorder=0)
    axes.set(ylim=(0, 1))
    axes.set_xlabel("updates", size=7)
    axes.set_ylabel("share of right trials", size=7)


def _arm_looks(data: Panel) -> list[Look]:
    return [LOOKS[ARMS[name]] for name in names_of(data)]


def _draw_quartiles(axes: Axes, x: np.ndarray, quartiles: np.ndarray, look: Look) -> None:
    low, middle, high = quartiles.T
    axes.plot(x, middle, lw=1.2, **look.line(3.5))
    axes.fill_between(x, low, high, color=look.color, alpha=0.12, lw=0)


def draw_pairs(axes: Axes, panels: Mapping[str, Panel]) -> None:
    """Draw final losses over those of the reference, in the same draws, with intervals."""
    arms = [arm for arm in ARMS if arm != REFERENCE]
    rows = [(arm, REFERENCE, LOOKS[ARMS[arm]]) for arm in arms]
    groups = {
        TASKS[name]: pairs(data, rows, np.exp(data["log_ratio"][0]))
        for name, data in panels.items()
        if REFERENCE in names_of(data)
    }
    if not drawable(axes, bool(groups), "no arm to\ncompare with"):
        return
    labels = [LOOKS[ARMS[arm]].label.replace(", ", ",\n") for arm in arms]
    draw_rows(axes, groups, labels, 1, 3.5, (0.1, 1, 10, 100))
    words = f"final loss / that of\n{LOOKS[ARMS[REFERENCE]].label}"
    axes.set_xlabel(f"{words}\n(bars: 95 %; {HOLLOW})", size=7)
    key = group_key(axes, groups, hollow="", loc="lower right", bbox_to_anchor=(1.02, 1))
    key.set_in_layout(False)


def name_arms(where: SubFigure, data: Panel) -> None:
    """Name the arms of `draw_courses`, below their panels."""
    lines = {look.label: look.line(3.5) for look in _arm_looks(data)}
    lines["bands: quartiles"] = SHADE
    name_looks(where, lines, loc="outside lower center", ncols=6, fontsize=SMALL)
