"""The table of predictions: undecided verdicts have reasons."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from beyond.experiments.predictions import DECIDED_ANEW, ROWS
from beyond.scripts import comparisons
from tests.experiments.planned import known_quantities


def test_an_undecided_verdict_names_its_reasons(monkeypatch):
    (row,) = (row for row in ROWS if row.id == "E62")
    quantities = dict(known_quantities())
    assert comparisons.reasoned([row]) == "**supported**"
    first, p_value, turned = row.values[0], row.values[2], row.values[3]
    changes = {
        first: ({"ci_low": -0.1}, "1 of 2 intervals contains the limit"),
        p_value: ({"value": 0.2}, "p 0.2, corrected for several tests"),
        turned: ({"value": 1.0}, "1 task turns it"),
    }
    for name, (change, reason) in changes.items():
        changed = quantities | {name: replace(quantities[name], **change)}
        monkeypatch.setattr(comparisons, "quantities_of_all_figures", lambda x=changed: x)
        words = comparisons.reasoned([row])
        assert words.startswith("undecided: ") and reason in words and ";" not in words


@pytest.mark.parametrize(
    "page",
    ["docs/bias_or_variance.md", "docs/hypotheses.md", "REPLICATION.md"],
)
@pytest.mark.parametrize("claim", ["E187", "E188"])
def test_a_reservation_is_beside_its_claim_wherever_a_reader_meets_it(page, claim):
    lines = (Path(comparisons.__file__).parents[1] / page).read_text().splitlines()
    rows = [line for line in lines if re.match(rf"\| (\[|V\d.*\()?{claim}\W", line)]
    assert len(rows) == 1 and DECIDED_ANEW in rows[0]
