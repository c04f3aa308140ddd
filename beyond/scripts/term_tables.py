"""Write the tables of docs/event_training.md on trainings with a term on firing rates.

Nothing is computed: the numbers are the committed ones, in beyond/figures/reference.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from beyond.experiments.spike_times.claims_of_rates import WORDS
from beyond.experiments.spike_times.firing_rates import JUDGES, PANELS, PREDICTIONS, predictions
from beyond.experiments.study import ALPHA
from experiments.engine.cache import write_text
from experiments.engine.config import Project
from experiments.engine.errors import run_command
from experiments.engine.experiment import Data
from experiments.replication.goldens import committed_arrays
from experiments.replication.relations import below
from experiments.tables import filled, table
from figures.panels import names_of

PAGE = Path(__file__).parents[1] / "docs" / "event_training.md"
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
    "broad_over_term": "U1",
    "quiet_broad_over_term": "U2",
    "broad_over_pathwise_term": "U3",
    "term": "U4",
    "quiet_term": "U5",
}
"""Statements of the rule by prediction."""
OUTCOME = {True: "supported", False: "refuted", None: "undecided"}


def main(arguments: Sequence[str]) -> None:
    """Write the tables."""
    parser = argparse.ArgumentParser("python -m beyond.scripts.term_tables", description=__doc__)
    parser.parse_args(arguments)
    write_text(PAGE, written())


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
    """Return ratios of final losses and verdicts, by prediction and task."""
    quantities, rows = predictions(panels), []
    for name, (*_, where) in PREDICTIONS.items():
        for panel in where:
            ratio = quantities[f"{panel}.{name}"]
            p = quantities[f"{panel}.{name}_p"].value
            holds = below(1).holds(ratio) if p < ALPHA else None
            row = np.array([ratio.value, ratio.ci_low, ratio.ci_high])
            cells = TASKS[panel], _interval(row), f"{p:.1g}", OUTCOME[holds], WORDS[name][0]
            rows.append([NUMBERS[name.replace("above", "over")], *cells])
    header = ["id", "task", "ratio of final losses", "corrected p", "verdict", "claim"]
    return table(header, rows)


def _loss(data: Data, j: int, i: int) -> str:
    end = ", end" if data["at_end"][j, i] else ""
    return _interval(data["final"][j, i]) + end


def _interval(row: np.ndarray) -> str:
    value, low, high = (f"{x:.2f}" for x in row)
    return f"{value} [{low}, {high}]"


if __name__ == "__main__":
    run_command(main)
