"""The table of predictions: it is read as it is written, and wrong rows are refused."""

import csv
from pathlib import Path

import pytest

from beyond.experiments import predictions
from beyond.experiments.boolean.directions import PARTS
from beyond.experiments.families import PANELS
from beyond.experiments.lif import enumerated_training
from beyond.experiments.methods import BOOLEAN, FROM_GAINS, LIF, NAMES
from beyond.experiments.predictions import COLUMNS, PREDICTIONS, ROWS
from beyond.experiments.spike_times import training
from beyond.experiments.study import TESTS
from experiments.engine.errors import UserError

LINES = list(csv.DictReader(PREDICTIONS.read_text().splitlines()))


def written(path: Path, lines):
    """Write rows as a table."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
    return path


def cells(row):
    """Return the cells of a prediction, from its attributes."""
    direction, limit = row.relation.words.split(" ", 1)
    if direction == "=":
        limit = limit.removeprefix("0 to ").removesuffix(" absolute")
    return {
        "id": row.id,
        "cell": row.cell,
        "sentence": row.words,
        "arms": " ".join("/".join(pair) for pair in row.pairs),
        "panels": " ".join(row.panels),
        "measure": row.measure,
        "family": row.family,
        "test": row.test,
        "direction": {">": "above", "<": "below", "=": "within"}[direction],
        "limit": limit,
        "predicted": "yes" if row.predicted else "no",
        "date": row.date,
        "rule": row.rule,
        "known": row.known,
        "amended": row.amended,
        "reservation": row.reservation,
    }


def test_the_table_is_read_as_it_is_written():
    """Limits to the six digits that a relation has in words."""
    rounded = [line | {"limit": f"{float(line['limit']):g}"} for line in LINES]
    assert list(map(cells, ROWS)) == rounded and len(ROWS) > 150


def test_the_table_is_written_as_a_table(tmp_path):
    assert written(tmp_path / "predictions.csv", LINES).read_bytes() == PREDICTIONS.read_bytes()


def test_a_search_for_an_id_finds_its_sentence():
    found = [line for line in PREDICTIONS.read_text().splitlines() if "E143" in line]
    assert len(found) == 1
    assert (
        "In high noise, with the reset detached, a broad SG ends lower than SuperSpike." in found[0]
    )


def test_every_row_has_a_test_that_there_is():
    assert {row.test for row in ROWS} - {""} <= TESTS.keys()


def test_rows_on_equivalence_have_the_margin_of_their_test():
    limits = {x["limit"] for x in LINES if x["test"] == "by_equivalence"}
    assert limits == {str(predictions.MARGIN)}


def test_predictions_may_name_the_arms_of_all_experiments_and_panels_that_there_are():
    for table in (BOOLEAN, FROM_GAINS, LIF, PARTS, enumerated_training.ARMS, training.ARMS):
        assert set(table) <= set(NAMES)
    assert set(PANELS) == {panel for row in ROWS for panel in row.panels}


FIRST = {
    "id": "E900",
    "sentence": "A broad SG ends lower than the matched one.",
    "arms": "broad_usual/matched_usual",
    "panels": "response_low_noise",
    "measure": "expected",
    "family": "response",
    "direction": "below",
    "limit": "1",
    "predicted": "yes",
    "date": "2026-12-01",
    "rule": "72a52db3",
}
SECOND = FIRST | {"id": "E901"}


def test_a_new_row_is_read_and_may_lack_the_commit_that_knew_its_numbers(tmp_path):
    one, other = predictions.read(written(tmp_path / "predictions.csv", [FIRST, SECOND]))
    assert one.sentence == FIRST["sentence"] and one.known == "" and other.id == "E901"
    # Rows of one statement have one id if they compare other arms, panels or measures.
    for change in (
        {"measure": "response"},
        {"panels": "response_high_noise"},
        {"arms": "broad_usual/unbiased_of_expected"},
    ):
        rows = predictions.read(written(tmp_path / "predictions.csv", [FIRST, FIRST | change]))
        assert [row.id for row in rows] == ["E900", "E900"]


@pytest.mark.parametrize(
    ("change", "what", "expected", "fix"),
    [
        ({"family": "respons"}, "family", "response_by_interval", "write response"),
        ({"family": "drawn_by_sign"}, "family", "response", "families.FAMILIES"),
        ({"panels": "response_low"}, "panel", "response_low_noise", "write response_low_noise"),
        ({"arms": "broad_usual/matched_usul"}, "arm", "matched_usual", "write matched_usual"),
        ({"direction": "lower"}, "direction", "below", "write below"),
        ({"id": "E900"}, "id, which another row has", "a new id", "predictions.csv"),
        (
            {"id": "E900", "sentence": "Another.", "measure": "response"},
            "id, which another row has",
            "a new id",
            "predictions.csv",
        ),
        ({"rule": ""}, "rule", "the commit that fixed the rule", "predictions.csv"),
        ({"rule": "HEAD"}, "rule", "eight digits", "predictions.csv"),
        ({"known": "today"}, "known", "eight digits", "predictions.csv"),
        ({"arms": "broad_usual"}, "arms", "first/second", "predictions.csv"),
        ({"panels": ""}, "panels", "names", "predictions.csv"),
        ({"limit": "log(1.25)"}, "limit", "a number", "predictions.csv"),
        ({"predicted": ""}, "predicted", "yes or no", "predictions.csv"),
    ],
    ids=lambda x: " ".join(x.values()) if isinstance(x, dict) else "",
)
def test_a_wrong_row_is_refused(tmp_path, change, what, expected, fix):
    table = written(tmp_path / "predictions.csv", [FIRST, SECOND | change])
    with pytest.raises(UserError) as caught:
        predictions.read(table)
    error = caught.value
    assert "predictions.csv, line 3" in error.what and what in error.what
    assert expected in error.expected and fix in error.fix
    assert str(error.got) in (*change.values(), "nothing", "matched_usul")


def test_a_table_with_other_columns_or_a_row_with_more_cells_is_refused(tmp_path):
    table = written(tmp_path / "predictions.csv", [FIRST])
    table.write_text(table.read_text().rstrip() + ",one more\n")
    with pytest.raises(UserError, match="line 2: wrong number of cells"):
        predictions.read(table)
    for text in ("", "id,claim\nE1,It is so.\n"):
        table.write_text(text)
        with pytest.raises(UserError, match="wrong columns"):
            predictions.read(table)
