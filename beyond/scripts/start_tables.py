"""Write the tables of docs/initial_weights.md, on initial gains, updates and annealing.

Nothing is computed: the numbers are the committed ones, in beyond/figures/reference.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from beyond.experiments import study
from beyond.experiments.boolean.initial_weights import ONE, WINDOWS, InitialWeights, with_longer
from beyond.experiments.predictions import AGAIN, EQUALLY, ROWS, STARTS, Prediction
from experiments.engine.config import Project
from experiments.engine.experiment import Data, Quantity
from experiments.replication.goldens import committed_arrays
from experiments.tables import filled, table
from figures.panels import names_of

PAGE = Path(__file__).parents[1] / "docs" / "initial_weights.md"
FUNCTIONS = ("random", "literals")
DIRECTIONS = {
    "exact_of_expected": "exact, expected loss",
    "exact_of_response": "exact, mean response",
    "exact_of_cross_entropy": "exact, cross-entropy",
    "broad_usual": "broad SG, usual",
    "broad_of_response": "broad SG, mean response",
    "matched_usual": "matched SG, usual",
    "annealed_exact_of_expected": "annealed exact, expected loss",
    "annealed_exact_of_response": "annealed exact, mean response",
    "annealed_exact_of_cross_entropy": "annealed exact, cross-entropy",
}
"""Directions in words."""


def written() -> str:
    """Return the page with up-to-date tables."""
    data = committed_arrays(Project(), "fig10")
    blocks = {
        "shares": shares_table(data),
        "again": again_table(data),
        "comparisons": table(
            ["id", *(f"{words}, slope {n}" for words in FUNCTIONS for n in (16, 4))],
            comparisons(data, "starts"),
        ),
    }
    return filled(PAGE.read_text(), blocks)


def shares_table(panels: Mapping[str, Data]) -> str:
    """Return shares solved from gain 1 and from the own gain, by direction."""
    header, cells = [], []
    for panel, words in zip(STARTS, FUNCTIONS, strict=True):
        data = panels[panel]
        for slope, window in WINDOWS.items():
            header.append(f"{words}, {slope.replace('_', ' ')}, gain 1")
            cells.append(data["gain_share"][:, list(data["gains"][0]).index(window[ONE])])
        header.append(f"{words}, own gain")
        cells.append(data["own_share"])
    names = names_of(panels[STARTS[0]])
    rows = [
        [words, *(_percent(cell[names.index(name)]) for cell in cells)]
        for name, words in DIRECTIONS.items()
    ]
    return table(["direction", *header], rows)


def again_table(panels: Mapping[str, Data]) -> str:
    """Return shares and comparisons of the second look."""
    rows = []
    for name in ("exact_of_response", "broad_usual", "broad_of_response"):
        row = [f"% solved: {DIRECTIONS[name]}"]
        for panel in AGAIN:
            data = panels[panel]
            row.append(_percent(data["own_share"][names_of(data).index(name)]))
        rows.append(row)
    return table(["points, or %", *FUNCTIONS], rows + comparisons(panels, "starts_again"))


def comparisons(panels: Mapping[str, Data], family: str) -> list[list[str]]:
    """Return a row for each prediction of a family, with a cell for each panel and slope.

    Each cell is decided on its own: by its own p-value, corrected for the whole family.
    """
    members = [row for row in ROWS if row.family == family]
    ids = list(dict.fromkeys(row.id for row in members))
    every = [
        row._replace(id=f"{row.id} {panel} {row.measure}", panels=(panel,))
        for panel in members[0].panels
        for row in members
    ]
    own = {name: data for name, data in panels.items() if "gains" in data}
    quantities = study.conclude(every, with_longer(own), InitialWeights.outcomes)
    rows = {id_: [f"K{i}"] for i, id_ in enumerate(ids, 1)}
    for cell in every:
        rows[cell.id.split()[0]].append(compared(cell, quantities))
    return list(rows.values())


def compared(cell: Prediction, quantities: Mapping[str, Quantity]) -> str:
    """Return the difference in points, its interval, and the outcome."""
    difference = quantities[cell.named(cell.panels[0], cell.pairs[0])]
    turned = quantities[cell.turned_name(cell.panels[0])].value
    name = "undecided" if turned else outcome(study.verdict(cell, quantities), difference)
    words = f"**{name}**" if name != "undecided" else name
    words += f", {turned:g} {'tasks turn' if turned > 1 else 'task turns'} it" if turned else ""
    low, high = difference.ci_low, difference.ci_high
    assert low is not None and high is not None
    numbers = [f"{100 * x:.0f}".replace("-", "−") for x in (difference.value, low, high)]
    value, low, high = ("0" if x == "−0" else x for x in numbers)
    return f"{value} [{low}, {high}]: {words}"


def outcome(verdict: bool | None, difference: Quantity) -> str:
    """Return the name of a comparison's outcome, as the rule has it.

    Args:
        verdict: whether the first gradient solves more, or fewer; None if this is undecided.
        difference: first minus second share solved, with its interval.
    """
    if verdict is not None:
        return "solves more" if verdict else "solves fewer"
    low, high = difference.ci_low, difference.ci_high
    assert low is not None and high is not None
    if -EQUALLY < low and high < EQUALLY:
        return "as many"
    return "at most 5 points more" if high < EQUALLY else "undecided"


def _percent(row: np.ndarray) -> str:
    value, low, high = (100 * x for x in row)
    return f"{value:.0f} [{low:.0f}, {high:.0f}]"
