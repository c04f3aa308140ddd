"""Write the table of docs/hypotheses.md: every prediction, its rule and its verdict.

Nothing is computed: predictions are the rows of beyond/predictions.csv, and their numbers are the
committed ones.
"""

from collections.abc import Sequence
from pathlib import Path

from beyond.experiments import predictions
from beyond.experiments.predictions import Prediction
from beyond.scripts.comparisons import reasoned, stated
from experiments.tables import filled, table

PAGE = Path(__file__).parents[1] / "docs" / "hypotheses.md"
HEADER = ("id", "claim", "arms: first / second", "panels", "family", "rule", "verdict")


def written() -> str:
    """Return the page with an up-to-date table."""
    by_id: dict[str, list[Prediction]] = {}
    for row in predictions.ROWS:
        if row.id:
            by_id.setdefault(row.id, []).append(row)
    rows = [cells(members) for members in by_id.values()]
    return filled(PAGE.read_text(), {"predictions": table(HEADER, rows)})


def cells(rows: Sequence[Prediction]) -> list[str]:
    """Return the cells of the rows that decide one claim."""
    row = rows[0]
    pairs = dict.fromkeys(pair for row in rows for pair in row.pairs)
    first, second = row.pairs[0]
    more = f", and {len(pairs) - 1} more" if len(pairs) > 1 else ""
    return [
        row.id,
        stated(row),
        f"`{first}` / `{second}`{more}",
        ", ".join(dict.fromkeys(panel for row in rows for panel in row.panels)),
        ", ".join(dict.fromkeys(row.family for row in rows)),
        "; ".join(dict.fromkeys(", ".join((row.date, *row.rule.split())) for row in rows)),
        reasoned(rows),
    ]
