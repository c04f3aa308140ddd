"""Parts of tables that several pages have: statements with numbers and verdicts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

import numpy as np

from beyond.experiments import study
from beyond.experiments.predictions import LETTERS, ROWS, SHARES, Prediction
from experiments.engine.config import Project
from experiments.engine.experiment import Quantity
from experiments.replication.goldens import committed_quantities
from experiments.tables import table

OUTCOME = {True: "**supported**", False: "**refuted**", None: "undecided"}
"""Verdicts in words."""

Cell = Callable[[Prediction, Sequence[Quantity], bool | None], str]
"""Function from a row, its numbers (`Prediction.values`) and its verdict to the text of a cell."""


@cache
def quantities_of_all_figures() -> dict[str, Quantity]:
    """Return the committed quantities of all figures, which takes seconds."""
    return committed_quantities(Project())


def statements(ids: Iterable[str], columns: Mapping[str, str]) -> str:
    """Return a table of claims: statement, numbers by column, verdict with its reasons.

    Args:
        ids: claims, in the order of the rows.
        columns: head of a column, by panel; panels may share a column.
    """
    heads = list(dict.fromkeys(columns.values()))
    rows = []
    for id_ in ids:
        members = [row for row in ROWS if row.id == id_]
        cells: dict[str, list[str]] = {head: [] for head in heads}
        for row in members:
            for panel in row.panels:
                cells[columns[panel]].append(_numbers(row, panel))
        numbers = ("; ".join(cells[head]) for head in heads)
        rows.append([stated(members[0]), *numbers, reasoned(members), id_])
    return table(["statement", *heads, "verdict", "claim"], rows)


def stated(row: Prediction) -> str:
    """Return a statement, and that the rule had the opposite if it had."""
    return row.sentence if row.predicted else f"{row.sentence} *The rule states the opposite.*"


def reasoned(rows: Sequence[Prediction]) -> str:
    """Return the verdict on the claim of some rows; if it is undecided, with the reasons."""
    quantities = quantities_of_all_figures()
    values = [quantities[name] for row in rows for name in row.values]
    decided = study.decided(rows).holds(*values)
    if decided is not None:
        return OUTCOME[decided]
    estimates, p_values, turned = [], [], 0
    for row in rows:
        own = [quantities[name] for name in row.values]
        estimates += [row.relation.holds(quantity) is None for quantity in own[: row.n_estimates]]
        p_values += [own[row.n_estimates].value] if row.rules.corrected else []
        turned += sum(int(count.value) for count in own[-len(row.panels) :])
    reasons = []
    if open_ := sum(estimates):
        whole = f"{open_} of {len(estimates)} intervals" if len(estimates) > 1 else "its interval"
        reasons.append(f"{whole} {'contain' if open_ > 1 else 'contains'} the limit")
    if p_values and max(p_values) >= study.ALPHA:
        reasons.append(f"p {max(p_values):.2g}, corrected for several tests")
    if turned:
        reasons.append(turn(turned))
    return f"{OUTCOME[None]}: {'; '.join(reasons)}"


def _numbers(row: Prediction, panel: str) -> str:
    """Return the estimate of a panel; of several pairs of arms, how many satisfy the relation."""
    quantities = quantities_of_all_figures()
    own = [quantities[f"{row.rules.figure}.{row.named(panel, pair)}"] for pair in row.pairs]
    if len(own) > 1:
        holding = sum(row.relation.holds(quantity) is True for quantity in own)
        return f"{holding} of {len(own)}"
    numbers = np.array([own[0].value, own[0].ci_low, own[0].ci_high], float)
    if row.measured == SHARES or row.test == "lost_lead":
        return percent(numbers)
    if row.test == "without_choice":
        return _signed(numbers)
    return interval(numbers if row.ratio else np.exp(numbers))


def comparisons(
    names: Mapping[str, tuple[str, str]], columns: Mapping[str, str], cell: Cell
) -> str:
    """Return a table of statements; each cell is a claim.

    Args:
        names: name in the rule and expected outcome of each statement, by its id without the
            letters of cells.
        columns: head of each column, by panel, or by panel and measured quantity.
        cell: function that writes a cell.
    """
    rows = []
    for id_, (name, expected) in names.items():
        members = [row for row in ROWS if row.id.rstrip(LETTERS) == id_]
        between = " to " if len(members) > 2 else ", "
        ids = between.join(dict.fromkeys((members[0].id, members[-1].id)))
        cells = dict.fromkeys(columns, "")
        for row in members:
            (panel,) = row.panels
            place = f"{panel} {row.measure}"
            cells[place if place in columns else panel] = cell(row, *_decision(row))
        rows.append([f"{name} ({ids})", members[0].statement, expected, *cells.values()])
    return table(["id", "statement", "expected", *columns.values()], rows)


def _decision(row: Prediction) -> tuple[list[Quantity], bool | None]:
    """Return the deciding numbers of a row and the verdict."""
    values = [quantities_of_all_figures()[name] for name in row.values]
    return values, study.decided([row]).holds(*values)


def ratio(row: Prediction, values: Sequence[Quantity], verdict: bool | None) -> str:
    """Return a ratio of final losses with its interval, the corrected p, and the verdict."""
    found, p, _ = values
    numbers = np.array([found.value, found.ci_low, found.ci_high], float)
    numbers = numbers if row.ratio else np.exp(numbers)
    return f"{interval(numbers)}, p {p.value:.1g}: {OUTCOME[verdict]}{turned(values)}"


def turned(values: Sequence[Quantity]) -> str:
    """Return how many tasks turn the verdict if each is left out alone; empty if none does."""
    n = int(values[-1].value)
    return f", {turn(n)}" if n else ""


def turn(n: int) -> str:
    """Return in words that a number of tasks turn a verdict, each left out alone."""
    return f"{n} {'tasks turn' if n > 1 else 'task turns'} it"


def interval(row: np.ndarray) -> str:
    """Write a number with its interval: ``(value, low, high)``."""
    value, low, high = map(_number, row)
    return f"{value} [{low}, {high}]"


def _signed(row: np.ndarray) -> str:
    """Write a difference with its interval."""
    value, low, high = (f"{float(x):.2f}".replace("-", "−") for x in row)
    return f"{value} [{low}, {high}]"


def percent(row: np.ndarray) -> str:
    """Write a share or a difference of shares with its interval, in percent."""
    value, low, high = (f"{round(100 * float(x))}".replace("-", "−") for x in row)
    return f"{value} [{low}, {high}]"


def _number(x: float) -> str:
    """Write two decimals, three for numbers below 0.095, one from 10 on."""
    return f"{x:.1f}" if x >= 10 else f"{x:.2f}" if x >= 0.095 else f"{x:.3f}"
