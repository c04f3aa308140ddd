"""Write the tables of docs/initial_weights.md, on initial gains, updates and annealing.

Nothing is computed: the numbers are the committed ones, in beyond/figures/reference.
"""

import argparse
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

import numpy as np

from beyond.experiments.boolean import starts
from beyond.experiments.boolean.starts import AGAIN, FUNCTIONS, PREDICTIONS, TWICE, WINDOWS
from experiments.engine.cache import write_text
from experiments.engine.config import Project
from experiments.engine.errors import run_command
from experiments.engine.experiment import Data, Quantity
from experiments.replication.goldens import committed_arrays
from experiments.tables import filled, table
from figures.panels import names_of

PAGE = Path(__file__).parents[1] / "docs" / "initial_weights.md"
FAMILIES = {"random": "random", "literals": "literals"}
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


def main(arguments: Sequence[str]) -> None:
    """Write the tables."""
    parser = argparse.ArgumentParser("python -m beyond.scripts.start_tables")
    parser.description = __doc__
    parser.parse_args(arguments)
    write_text(PAGE, written())


def written() -> str:
    """Return the page with up-to-date tables."""
    data = committed_arrays(Project(), "fig10")
    quantities = starts.predictions(data)
    blocks = {
        "shares": shares_table(data),
        "again": again_table(data, quantities),
        "comparisons": comparisons_table(quantities),
    }
    return filled(PAGE.read_text(), blocks)


def shares_table(panels: Mapping[str, Data]) -> str:
    """Return shares solved from gain 1 and from the own gain, by direction."""
    header, cells = [], []
    for function, words in FAMILIES.items():
        data = panels[FUNCTIONS[function][0]]
        for i, slope in enumerate(WINDOWS):
            header.append(f"{words}, slope {slope}, gain 1")
            cells.append(data["share"][i, 0])
        header.append(f"{words}, own gain")
        cells.append(data["own_share"])
    names = names_of(panels[FUNCTIONS["random"][0]])
    rows = [
        [words, *(_percent(cell[names.index(name)]) for cell in cells)]
        for name, words in DIRECTIONS.items()
    ]
    return table(["direction", *header], rows)


def again_table(panels: Mapping[str, Data], quantities: Mapping[str, Quantity]) -> str:
    """Return shares and comparisons of the second look."""
    rows = []
    for name in ("exact_of_response", "broad_usual", "broad_of_response"):
        row = [f"% solved: {DIRECTIONS[name]}"]
        for panel in AGAIN.values():
            data = panels[panel]
            row.append(_percent(data["own_share"][names_of(data).index(name)]))
        rows.append(row)
    for i, name in enumerate(TWICE, 1):
        row = [f"K{i}, points"]
        rows.append(row + [_compared(quantities, f"{panel}.{name}") for panel in AGAIN.values()])
    return table(["", *FAMILIES.values()], rows)


def comparisons_table(quantities: Mapping[str, Quantity]) -> str:
    """Return the differences in points, and the outcomes, of all comparisons by cell."""
    cells = list(product((start for start, _ in FUNCTIONS.values()), WINDOWS))
    header = [f"{words}, slope {slope}" for words in FAMILIES.values() for slope in WINDOWS]
    rows = [
        [f"K{i}", *(_compared(quantities, f"{start}.{name}_slope_{n}") for start, n in cells)]
        for i, name in enumerate(PREDICTIONS, 1)
    ]
    return table(["id", *header], rows)


def _compared(quantities: Mapping[str, Quantity], name: str) -> str:
    quantity = quantities[name]
    outcome = starts.outcome(quantity, quantities[f"{name}_p"].value)
    words = f"**{outcome}**" if outcome != "undecided" else outcome
    low, high = quantity.ci_low, quantity.ci_high
    assert low is not None and high is not None
    numbers = [f"{100 * x:.0f}".replace("-", "−") for x in (quantity.value, low, high)]
    value, low, high = ("0" if x == "−0" else x for x in numbers)
    return f"{value} [{low}, {high}]: {words}"


def _percent(row: np.ndarray) -> str:
    value, low, high = (100 * x for x in row)
    return f"{value:.0f} [{low:.0f}, {high:.0f}]"


if __name__ == "__main__":
    run_command(main)
