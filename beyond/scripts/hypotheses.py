"""Write the table of docs/hypotheses.md: every prediction, its rule and its verdict.

Nothing is computed: predictions are the rows of `beyond.experiments.predictions`, and their numbers
are the committed ones.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from beyond.experiments import predictions, study
from beyond.experiments.predictions import Prediction
from beyond.scripts.comparisons import OUTCOME, turn
from experiments.engine.config import Project
from experiments.engine.experiment import Quantity
from experiments.replication.goldens import committed_quantities
from experiments.tables import filled, table

PAGE = Path(__file__).parents[1] / "docs" / "hypotheses.md"
HEADER = ("id", "claim", "arms: first / second", "panels", "family", "rule", "verdict")


def written() -> str:
    """Return the page with an up-to-date table."""
    quantities = committed_quantities(Project())
    by_id: dict[str, list[Prediction]] = {}
    for row in predictions.ROWS:
        if row.id:
            by_id.setdefault(row.id, []).append(row)
    rows = [cells(members, quantities) for members in by_id.values()]
    return filled(PAGE.read_text(), {"predictions": table(HEADER, rows)})


def cells(rows: Sequence[Prediction], quantities: Mapping[str, Quantity]) -> list[str]:
    """Return the cells of the rows that decide one claim."""
    row = rows[0]
    pairs = dict.fromkeys(pair for row in rows for pair in row.pairs)
    first, second = row.pairs[0]
    more = f", and {len(pairs) - 1} more" if len(pairs) > 1 else ""
    words = row.words if row.predicted else f"{row.words} *The rule states the opposite.*"
    return [
        row.id,
        words,
        f"`{first}` / `{second}`{more}",
        ", ".join(dict.fromkeys(panel for row in rows for panel in row.panels)),
        ", ".join(dict.fromkeys(row.family for row in rows)),
        "; ".join(dict.fromkeys(row.rules.rule for row in rows)),
        verdict(rows, quantities),
    ]


def verdict(rows: Sequence[Prediction], quantities: Mapping[str, Quantity]) -> str:
    """Return the verdict on a claim; if it is undecided, with the reasons."""
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
