"""Parts of tables that several pages have: comparisons of a family, and numbers in words."""

from collections.abc import Callable, Mapping

import numpy as np

from beyond.experiments import study
from beyond.experiments.predictions import ROWS, Prediction
from beyond.experiments.study import Outcomes
from experiments.engine.experiment import Data, Quantity
from experiments.tables import table

OUTCOME = {True: "**supported**", False: "**refuted**", None: "undecided"}
"""Verdicts in words."""

Cell = Callable[[Prediction, Mapping[str, Quantity]], str]
"""Function from a comparison and all quantities to the text of its cell."""


def comparisons(
    names: Mapping[str, tuple[str, str]],
    columns: Mapping[str, str],
    panels: Mapping[str, Data],
    outcomes: Callable[[Data, str], Outcomes],
    cell: Cell,
) -> str:
    """Return a table of predictions, with a cell for each panel that decides one.

    Each cell is decided on its own: by its own p-value, corrected for the whole family.

    Args:
        names: name in the rule and expected outcome of each prediction, by claim.
        columns: head of each column, by panel, or by panel and measured quantity.
        panels: arrays of the panels that decide these predictions, by name.
        outcomes: function from arrays and measured quantity to outcomes.
        cell: function that writes a cell.
    """
    families = {row.family for row in ROWS if row.id in names}
    cells = {}
    for i, row in enumerate(ROWS):
        # A test that is no claim counts in the corrections of its family.
        for panel in row.panels if row.family in families else ():
            place = f"{panel} {row.measure}"
            id_, column = row.id or f"test {i}", place if place in columns else panel
            cells[id_, column] = row._replace(id=f"{id_} {place}", panels=(panel,))
    quantities = study.conclude(list(cells.values()), panels, outcomes)
    words = {row.id: row.words for row in ROWS}
    rows = [
        [
            f"{name} ({id_})",
            words[id_],
            expected,
            *(cell(cells[id_, x], quantities) if (id_, x) in cells else "" for x in columns),
        ]
        for id_, (name, expected) in names.items()
    ]
    return table(["id", "statement", "expected", *columns.values()], rows)


def ratio(row: Prediction, quantities: Mapping[str, Quantity]) -> str:
    """Return a ratio of final losses with its interval, the corrected p, and the verdict."""
    found, p = quantities[row.named(row.panels[0], row.pairs[0])], quantities[row.p_name].value
    numbers = np.array([found.value, found.ci_low, found.ci_high], float)
    numbers = numbers if row.ratio else np.exp(numbers)
    words = OUTCOME[study.verdict(row, quantities)] + turned(row, quantities)
    return f"{interval(numbers)}, p {p:.1g}: {words}"


def turned(row: Prediction, quantities: Mapping[str, Quantity]) -> str:
    """Return how many tasks turn the verdict if each is left out alone; empty if none does."""
    n = int(quantities[row.turned_name(row.panels[0])].value)
    return f", {turn(n)}" if n else ""


def turn(n: int) -> str:
    """Return in words that a number of tasks turn a verdict, each left out alone."""
    return f"{n} {'tasks turn' if n > 1 else 'task turns'} it"


def interval(row: np.ndarray) -> str:
    """Write a number with its interval: ``(value, low, high)``."""
    value, low, high = map(_number, row)
    return f"{value} [{low}, {high}]"


def percent(row: np.ndarray) -> str:
    """Write a share or a difference of shares with its interval, in percent."""
    value, low, high = (f"{round(100 * float(x))}".replace("-", "−") for x in row)
    return f"{value} [{low}, {high}]"


def _number(x: float) -> str:
    """Write two decimals, three for numbers below 0.095, one from 10 on."""
    return f"{x:.1f}" if x >= 10 else f"{x:.2f}" if x >= 0.095 else f"{x:.3f}"
