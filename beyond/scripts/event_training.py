"""Write the tables of docs/event_training.md, without and with a term on firing rates."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from beyond.experiments.families import TERM_ON_FIRST, TERM_ON_SPIKE_TIMES
from beyond.experiments.spike_times.learning import JUDGES, Learning
from beyond.experiments.study import choose
from beyond.scripts.comparisons import comparisons, interval, ratio
from experiments.engine.config import Project
from experiments.engine.experiment import Data
from experiments.replication.goldens import committed_arrays
from experiments.tables import filled, table
from figures.panels import names_of

PAGE = Path(__file__).parents[1] / "docs" / "event_training.md"
FIRST_RUN = {"active": "active", "silent": "silent", "first_spikes": "first spikes"}
PANELS = *TERM_ON_SPIKE_TIMES, *TERM_ON_FIRST
TASKS = dict(zip(PANELS, FIRST_RUN.values(), strict=True))
"""Tasks in words, by panel."""
JUDGED = dict(zip(JUDGES, ("noise", "no noise"), strict=True))
GRADIENTS = {
    "event_based": "EventProp",
    "event_based_term": "EventProp, with the term",
    "pathwise_term": "pathwise with noise, with the term",
    "broad": "SG, broad",
    "broad_quiet": "SG, broad, trained without noise",
    "matched": "SG, matched",
    "pathwise": "pathwise with noise",
    "unbiased": "unbiased (score function)",
}
"""Gradients in words."""
WITHOUT = {
    "E103": ("L1", "the opposite"),
    "E104": ("L2", "the opposite"),
    "E105": ("L3", "supported"),
    "E107": ("L5", "the opposite"),
    "E129": ("L6", "supported"),
    "E130": ("L7", "supported"),
    "E131": ("L8", "supported"),
    "E132": ("L9", "supported"),
    "E133": ("L10", "supported"),
}
WITH = {
    "E180": ("U1", "supported"),
    "E197": ("U1", "the opposite"),
    "E181": ("U2", "supported"),
    "E198": ("U2", "the opposite"),
    "E182": ("U3", "undecided"),
    "E183": ("U4", "supported, but for the active task"),
    "E184": ("U5", "supported, but for the active task"),
}
"""Names in the rule and expected outcomes, by claim."""


def written() -> str:
    """Return the page with up-to-date tables."""
    data = committed_arrays(Project(), "fig11")
    blocks = {
        "losses": losses_table(data),
        "ratios": comparisons(WITHOUT, FIRST_RUN, ratio),
        "first_spikes": first_spikes_table(data["first_spikes"]),
        "term_losses": by_task(data, _loss),
        "term_ratios": comparisons(WITH, TASKS, ratio),
        "term_dead": by_task(data, lambda data, j, i: f"{100 * data['silenced'][j, i]:.0f}"),
    }
    return filled(PAGE.read_text(), blocks)


def losses_table(panels: Mapping[str, Data]) -> str:
    """Return final over first losses without the term, by gradient and task."""
    rows = [
        [GRADIENTS[arm], *(interval(panels[panel]["final"][0, i]) for panel in FIRST_RUN)]
        for i, arm in enumerate(names_of(panels["active"]))
    ]
    return table(["gradient", *FIRST_RUN.values()], rows)


def first_spikes_table(data: Data) -> str:
    """Return shares of right trials, and losses without noise, after training on first spikes."""
    noisy = choose(Learning.outcomes(data))
    quiet = choose(Learning.outcomes(data, "quiet"))
    rows = []
    for i, arm in enumerate(names_of(data)):
        right = data["right"][:, i, noisy.which[i], 0, -1].mean()
        loss = np.exp(np.log(data["loss"][:, i, quiet.which[i], 1, -1]).mean())
        rows.append([GRADIENTS[arm], f"{100 * right:.0f}", f"{loss:.2f}"])
    right, loss = "right test trials in noise (%)", "test loss without noise, geometric mean"
    return table(["gradient", right, loss], rows)


def by_task(panels: Mapping[str, Data], cell: Callable[[Data, int, int], str]) -> str:
    """Return a table of all gradients, by task and judge.

    Args:
        panels: arrays by panel.
        cell: function from arrays, index of the judge and index of the gradient to a cell.
    """
    header = [f"{task}, {judge}" for task in TASKS.values() for judge in JUDGED.values()]
    rows = []
    for arm in names_of(panels[PANELS[0]]):
        row = [GRADIENTS[arm]]
        for panel in TASKS:
            names = names_of(panels[panel])
            for j in range(len(JUDGED)):
                row.append(cell(panels[panel], j, names.index(arm)) if arm in names else "")
        rows.append(row)
    return table(["gradient", *header], rows)


def _loss(data: Data, j: int, i: int) -> str:
    end = ", end" if data["at_end"][j, i] else ""
    return interval(data["final"][j, i]) + end
