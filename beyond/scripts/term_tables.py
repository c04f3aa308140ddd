"""Write the tables of docs/event_training.md on trainings with a term on firing rates.

Nothing is computed: the numbers are the committed ones, in beyond/figures/reference.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from beyond.experiments import study
from beyond.experiments.predictions import ROWS, TERM_ON_FIRST, TERM_ON_SPIKE_TIMES, Prediction
from beyond.experiments.spike_times.firing_rates import JUDGES, FiringRates
from experiments.engine.config import Project
from experiments.engine.experiment import Data, Quantity
from experiments.replication.goldens import committed_arrays
from experiments.tables import filled, table
from figures.panels import names_of

PAGE = Path(__file__).parents[1] / "docs" / "event_training.md"
PANELS = *TERM_ON_SPIKE_TIMES, *TERM_ON_FIRST
TASKS = dict(zip(PANELS, ("active", "silent", "first spikes"), strict=True))
JUDGED = dict(zip(JUDGES, ("noise", "no noise"), strict=True))
GRADIENTS = {
    "event_based": "EventProp",
    "event_based_term": "EventProp, with the term",
    "pathwise_term": "pathwise with noise, with the term",
    "broad": "SG, broad",
    "broad_quiet": "SG, broad, trained without noise",
    "matched": "SG, matched",
}
"""Gradients in words."""
NUMBERS = {
    "E180": "U1",
    "E197": "U1",
    "E181": "U2",
    "E198": "U2",
    "E182": "U3",
    "E183": "U4",
    "E184": "U5",
}
"""Statements of the rule by claim."""
OUTCOME = {True: "supported", False: "refuted", None: "undecided"}
"""Verdicts in words."""


def written() -> str:
    """Return the page with up-to-date tables."""
    data = committed_arrays(Project(), "fig11")
    blocks = {
        "term_losses": by_task(data, _loss),
        "term_ratios": ratios_table(data),
        "term_dead": by_task(data, lambda data, j, i: f"{100 * data['silenced'][j, i]:.0f}"),
    }
    return filled(PAGE.read_text(), blocks)


def by_task(panels: Mapping[str, Data], cell: Callable[[Data, int, int], str]) -> str:
    """Return a table of all gradients, by task and judge.

    Args:
        panels: arrays by panel.
        cell: function from arrays, index of the judge and index of the gradient to a cell.
    """
    header = [f"{task}, {judge}" for task in TASKS.values() for judge in JUDGED.values()]
    rows = []
    for arm, words in GRADIENTS.items():
        row = [words]
        for panel in TASKS:
            names = names_of(panels[panel])
            for j in range(len(JUDGED)):
                row.append(cell(panels[panel], j, names.index(arm)) if arm in names else "")
        rows.append(row)
    return table(["gradient", *header], rows)


def ratios_table(panels: Mapping[str, Data]) -> str:
    """Return ratios of final losses and verdicts, by prediction and task.

    Each row is decided on its own: by its own p-value, corrected for the whole family.
    """
    cells = [
        row._replace(id=f"{row.id} {panel}", panels=(panel,))
        for row in ROWS
        if row.family == "firing_rates"
        for panel in row.panels
    ]
    own = {panel: panels[panel] for panel in PANELS}
    quantities = study.conclude(cells, own, FiringRates.outcomes)
    rows = []
    for cell in cells:
        id_, panel = cell.id.split()
        ratio, p = quantities[cell.named(panel, cell.pairs[0])], quantities[cell.p_name].value
        row = np.array([ratio.value, ratio.ci_low, ratio.ci_high])
        found = _interval(row), f"{p:.1g}", outcome(cell, quantities)
        rows.append([NUMBERS[id_], TASKS[panel], *found, id_])
    header = ["id", "task", "ratio of final losses", "corrected p", "verdict", "claim"]
    return table(header, rows)


def outcome(cell: Prediction, quantities: Mapping[str, Quantity]) -> str:
    """Return the verdict on a statement of the rule in one task.

    The claim may state the opposite, since it states what was found.
    """
    holds = study.verdict(cell, quantities)
    words = OUTCOME[holds if holds is None else holds == cell.predicted]
    turned = quantities[cell.turned_name(cell.panels[0])].value
    return f"{words}, {turned:g} left out alone turn it" if turned else words


def _loss(data: Data, j: int, i: int) -> str:
    end = ", end" if data["at_end"][j, i] else ""
    return _interval(data["final"][j, i]) + end


def _interval(row: np.ndarray) -> str:
    value, low, high = (f"{x:.2f}" for x in row)
    return f"{value} [{low}, {high}]"
