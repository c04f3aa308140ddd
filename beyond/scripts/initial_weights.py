"""Write the tables of docs/initial_weights.md, on initial gains, updates and annealing."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from beyond.experiments.boolean.initial_weights import ONE, WINDOWS
from beyond.experiments.families import AGAIN, STARTS
from beyond.experiments.predictions import EQUALLY, Prediction
from beyond.scripts.comparisons import comparisons, percent, turned
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


CELLS = {
    f"{panel} {slope}": f"{words}, {slope.replace('_', ' ')}"
    for panel, words in zip(STARTS, FUNCTIONS, strict=True)
    for slope in WINDOWS
}
"""Heads of the columns, by panel and slope of the noise."""
FIRST_LOOK = {
    "E165": ("K1 *breadth*", "random: at most 5 points more; literals: more"),
    "E166": ("K2", "as K1"),
    "E167": ("K3", "more"),
    "E168": ("K4 *loss*", "more"),
    "E169": ("K5 *surrogate*", "more"),
    "E170": ("K6 *best*", "as K1"),
    "E171": ("K7 *start*", "slope 16: more; slope 4: undecided"),
    "E172": ("K8", "slope 16: more; slope 4: not more"),
    "E173": ("K9 *updates*", "more"),
    "E174": ("K10", "as K1"),
    "E175": ("K11 *annealing*", "slope 16: more"),
    "E176": ("K12", "literals: more"),
}
SECOND_LOOK = {"E177": ("K1", FIRST_LOOK["E165"][1]), "E178": ("K2", "as K1")}
"""Names in the rule and expected outcomes, by claim."""


def written() -> str:
    """Return the page with up-to-date tables."""
    data = committed_arrays(Project(), "fig10")
    again = dict(zip(AGAIN, FUNCTIONS, strict=True))
    blocks = {
        "shares": shares_table(data),
        "again": again_table(data),
        "second look": comparisons(SECOND_LOOK, again, compared),
        "comparisons": comparisons(FIRST_LOOK, CELLS, compared),
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
        [words, *(percent(cell[names.index(name)]) for cell in cells)]
        for name, words in DIRECTIONS.items()
    ]
    return table(["direction", *header], rows)


def again_table(panels: Mapping[str, Data]) -> str:
    """Return shares solved in the second look."""
    rows = []
    for name in ("exact_of_response", "broad_usual", "broad_of_response"):
        row = [DIRECTIONS[name]]
        for panel in AGAIN:
            data = panels[panel]
            row.append(percent(data["own_share"][names_of(data).index(name)]))
        rows.append(row)
    return table(["direction", *FUNCTIONS], rows)


def compared(row: Prediction, values: Sequence[Quantity], verdict: bool | None) -> str:
    """Return the difference in points, its interval, and the outcome."""
    difference, open_ = values[0], turned(values)
    name = "undecided" if open_ else outcome(verdict is not None, difference)
    words = f"**{name}**" if name != "undecided" else name
    numbers = np.array([difference.value, difference.ci_low, difference.ci_high], float)
    return f"{percent(numbers)}: {words}{open_}"


def outcome(decided: bool, difference: Quantity) -> str:
    """Return the name of a comparison's outcome, as the rule has it.

    Args:
        decided: whether it is decided which of the two gradients solves more.
        difference: first minus second share solved, with its interval.
    """
    if decided:
        return "solves more" if difference.value > 0 else "solves fewer"
    low, high = difference.ci_low, difference.ci_high
    assert low is not None and high is not None
    if -EQUALLY < low and high < EQUALLY:
        return "as many"
    return "at most 5 points more" if high < EQUALLY else "undecided"
