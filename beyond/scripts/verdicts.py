"""Write beyond/verdicts.csv: a line for each number that decides a prediction, with the verdict.

Nothing is computed: predictions are the rows of beyond/predictions.csv, in this order, and their
numbers are the committed ones.
"""

import csv
import io
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from beyond.experiments import study
from beyond.experiments.predictions import ROWS
from beyond.scripts.comparisons import quantities_of_all_figures

PAGE = Path(__file__).parents[1] / "verdicts.csv"
COLUMNS = "id panel arms measured value ci_low ci_high n tasks p tests turned verdict".split()
"""Columns.

- ``arms`` are first/second; they are compared in the ``panel``.
- ``measured`` names the quantity that has this ``value``. ``ci_low`` and ``ci_high`` are the ends
  of its 95 % interval, which is not corrected for several tests.
- ``n`` is the size of the panels in words, and ``tasks`` how many tasks favour either arm.
- ``p`` is the largest p-value of the row of predictions.csv, corrected by Holm's procedure for this
  number of ``tests``. The level is 0.05. Both are empty where intervals alone decide.
- ``turned`` is the number of the panel's tasks that turn the verdict, each left out alone.
- ``verdict`` is that of the claim, of all lines with this ``id``: holds, fails or undecided.
"""


def written() -> str:
    """Return the table, in CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_lines())
    return text.getvalue()


def _lines() -> Iterator[tuple[object, ...]]:
    quantities = quantities_of_all_figures()
    claims = study.claims(*dict.fromkeys(row.rules.figure for row in ROWS))
    verdicts = {claim.id: claim.evaluate(quantities).verdict for claim in claims}
    for row in ROWS:
        # A test without an id decides no claim.
        for panel, pair in product(row.panels, row.pairs) if row.id else ():
            figure = row.rules.figure
            value = quantities[f"{figure}.{row.named(panel, pair)}"]
            p = quantities.get(f"{figure}.{row.p_name}")
            numbers = value.value, value.ci_low, value.ci_high, p and p.value
            *estimate, p_value = ("" if x is None else f"{x:.6g}" for x in numbers)
            yield (
                row.id,
                panel,
                "/".join(pair),
                row.measured,
                *estimate,
                row.rules.n,
                value.why,
                p_value,
                study.n_tests(row.family) if p else "",
                int(quantities[f"{figure}.{row.turned_name(panel)}"].value),
                verdicts[row.id],
            )
