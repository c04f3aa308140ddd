"""Panels of figure 11's supplement: networks that are trained on spike times."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure
from matplotlib.ticker import NullFormatter

from beyond.figures.looks import LOOKS
from beyond.figures.panels import drawable, group_key
from figures.looks import Look
from figures.panels import Panel
from figures.panels.forest import Estimate, Group, forest
from figures.style import NEUTRAL, SMALL, name_looks

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


def draw_courses(axes: Axes, data: Panel, *, per_run: bool) -> None:
    """Draw median losses with quartiles over updates, or over runs of the network."""
    for i, look in enumerate(_arm_looks(data)):
        x = data["updates"][0] * (data["runs"][0, i] if per_run else 1)
        # On a logarithmic axis the loss before training has no place: it is drawn over updates.
        kept = x > 0 if per_run else x >= 0
        _draw_quartiles(axes, x[kept], data["course"][i][kept], look)
    # A cross-entropy is a logarithm itself.
    axes.set_yscale("linear" if "right_course" in data else "log")
    if per_run:
        axes.set_xscale("log")
        axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("runs of the network" if per_run else "updates")


def draw_right(axes: Axes, data: Panel) -> None:
    """Draw shares of right trials over updates, with the share by chance."""
    for i, look in enumerate(_arm_looks(data)):
        _draw_quartiles(axes, data["updates"][0], data["right_course"][i], look)
    axes.axhline(0.25, color=NEUTRAL, lw=0.8, zorder=0)
    axes.set(ylim=(0, 1), xlabel="updates", ylabel="share of right trials")


def _arm_looks(data: Panel) -> list[Look]:
    return [LOOKS[ARMS[name]] for name in map(str, data["methods"][0])]


def _draw_quartiles(axes: Axes, x: np.ndarray, quartiles: np.ndarray, look: Look) -> None:
    low, middle, high = quartiles.T
    axes.plot(x, middle, lw=1.2, **look.line(3.5))
    axes.fill_between(x, low, high, color=look.color, alpha=0.12, lw=0)


def draw_pairs(axes: Axes, panels: Mapping[str, Panel]) -> None:
    """Draw final losses over those of the reference, in the same draws, with intervals."""
    groups: dict[str, Group] = {}
    rows = [arm for arm in ARMS if arm != REFERENCE]
    for name, data in panels.items():
        arms = list(map(str, data["methods"][0]))
        if REFERENCE not in arms:
            continue
        at = arms.index(REFERENCE)
        groups[TASKS[name]] = {
            row: Estimate(np.exp(data["log_ratio"][arms.index(arm), at]), LOOKS[ARMS[arm]])
            for row, arm in enumerate(rows)
            if arm in arms
        }
    if not drawable(axes, bool(groups), "no arm to\ncompare with"):
        return
    forest(axes, groups, null=1, size=3.5)
    axes.set(xscale="log", yticks=[], ylim=(len(rows) - 0.5, -0.5))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(f"final loss / that of\n{LOOKS[ARMS[REFERENCE]].label}")
    group_key(axes, groups, ncols=2, loc="lower right", bbox_to_anchor=(1.05, 1))


def name_arms(where: SubFigure, data: Panel) -> None:
    """Name the arms of `draw_courses`, below their panels."""
    lines = {look.label: look.line(3.5) for look in _arm_looks(data)}
    name_looks(where, lines, loc="outside lower center", ncols=5, fontsize=SMALL)
