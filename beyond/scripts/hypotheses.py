"""Write the table of docs/hypotheses.md: every prediction, its rule and its verdict.

Nothing is computed: predictions are the rows of `beyond.experiments.predictions`, and their numbers
are the committed ones.
"""

from collections.abc import Mapping
from pathlib import Path

from beyond.experiments import predictions, study
from beyond.experiments.predictions import Prediction
from experiments.engine.config import Project
from experiments.engine.experiment import Quantity
from experiments.replication.goldens import committed_quantities
from experiments.tables import filled, table

PAGE = Path(__file__).parents[1] / "docs" / "hypotheses.md"
HEADER = ("id", "claim", "arms: first / second", "panels", "family", "rule", "verdict")
VERDICTS = {True: "**supported**", False: "**refuted**", None: "undecided"}


def written() -> str:
    """Return the page with an up-to-date table."""
    quantities = committed_quantities(Project())
    rows = [cells(row, quantities) for row in predictions.ROWS if row.id]
    return filled(PAGE.read_text(), {"predictions": table(HEADER, rows)})


def cells(row: Prediction, quantities: Mapping[str, Quantity]) -> list[str]:
    """Return the cells of a prediction."""
    first, second = row.pairs[0]
    more = f", and {len(row.pairs) - 1} more pairs" if len(row.pairs) > 1 else ""
    words = row.words if row.predicted else f"{row.words} *The rule states the opposite.*"
    return [
        row.id,
        words,
        f"`{first}` / `{second}`{more}",
        ", ".join(row.panels),
        row.family,
        row.rules.rule,
        verdict(row, quantities),
    ]


def verdict(row: Prediction, quantities: Mapping[str, Quantity]) -> str:
    """Return the verdict on a row; if it is undecided, with the reasons."""
    values = [quantities[name] for name in row.values]
    decided = study.decided([row]).holds(*values)
    if decided is not None:
        return VERDICTS[decided]
    reasons = []
    estimates, rest = values[: row.n_estimates], values[row.n_estimates :]
    open_ = sum(row.relation.holds(quantity) is None for quantity in estimates)
    if open_:
        whole = f"{open_} of {len(estimates)} intervals" if len(estimates) > 1 else "its interval"
        reasons.append(f"{whole} {'contain' if open_ > 1 else 'contains'} the limit")
    if row.rules.corrected and rest[0].value >= study.ALPHA:
        failed = "the test does not pass the correction for several tests"
        reasons.append(f"{failed}, p {rest[0].value:.2g}")
    if turned := sum(int(count.value) for count in rest[-len(row.panels) :]):
        reasons.append(
            f"{turned} {'tasks turn' if turned > 1 else 'task turns'} it, left out alone"
        )
    return f"{VERDICTS[None]}: {'; '.join(reasons)}"
