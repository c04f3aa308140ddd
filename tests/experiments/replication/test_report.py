"""The report states every claim once, in few words, with the digits that errors leave."""

import re
from dataclasses import replace

import pytest

from experiments.engine.config import Project
from experiments.engine.experiment import Quantity, band, exact, statistical
from experiments.engine.quantity import brief
from experiments.replication import report
from experiments.replication.claim import Claim, claims_of
from experiments.replication.relations import above
from tests.experiments.planned import known_quantities

PROJECT = Project()
INF, NAN = float("inf"), float("nan")
LINK = re.compile(r"\[(\w+)\]\(docs/figures\.md#figure-(\d+)\) ")


def within(value: float, low: float, high: float) -> Quantity:
    return Quantity(value, "statistical", se=0.1, ci_low=low, ci_high=high)


@pytest.mark.parametrize(
    ("quantity", "shown"),
    [
        (exact(-0.038032674), "-0.03803"),
        (exact(1.8249291e-15), "1.825e-15"),
        (band(28.6475, 15, 30, "a training"), "28.65"),
        (statistical(0.9996123, 0.00634), "0.9996 ± 0.0063"),
        (statistical(47.501, 1.0), "47.5 ± 1.0"),
        (statistical(0.5, 0.0), "0.5"),
        (statistical(0.5, INF), "0.5"),
        # An upper end of 1 is above 1 or below.
        (within(0.8328, 0.6912, 1.0035), "0.833 [0.691, 1.004]"),
        (within(0.5, -INF, INF), "0.50 ± 0.10"),
        (within(0.5, NAN, NAN), "0.50 ± 0.10"),
        (band(0.2679, 0.12, 1, "a training", (0.17, 0.396)), "0.268 [0.170, 0.396]"),
    ],
)
def test_numbers_have_the_digits_that_their_errors_leave(quantity, shown):
    assert brief(quantity) == shown


@pytest.mark.parametrize("room", PROJECT.places, ids=lambda room: room.folder.name)
def test_every_claim_is_named_once_with_its_own_verdict_and_leads_to_its_figure(room):
    claims, known = {claim.id: claim for claim in claims_of([room])}, known_quantities()
    first, *actual = LINK.split("".join(map("".join, report.claim_rows(room, known))))
    assert not first and sorted(actual[::3]) == sorted(claims)
    for name, figure, words in zip(*(actual[i::3] for i in range(3)), strict=True):
        assert claims[name].value_of[0].startswith(f"fig{figure}.")
        assert report.decided(claims[name], known) in words, name


def test_a_claim_that_is_not_the_papers_does_not_count_in_the_status_of_the_paper(monkeypatch):
    claims = claims_of(PROJECT.places[:1])
    own = replace(claims[0], id="E900")
    monkeypatch.setattr(report, "claims_of", lambda rooms: (*claims, own))
    assert report.readme(PROJECT, known_quantities()) == (PROJECT.root / "README.md").read_text()


def test_a_statement_can_be_read_by_itself():
    claims = claims_of(PROJECT.places)
    assert not [claim.id for claim in claims if re.search(r"\b[CE]\d", claim.statement)]


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ((0.3, 0.1, 0.2), "0.3, 0.1, 0.2, p 0.04"),
        ((0.3, 0.1, 0.2, 0.5, 0.4, 0.3, 0.7), "0.1 to 0.7 (7 numbers), p 0.04"),
    ],
)
def test_of_many_numbers_the_smallest_and_the_largest_are_shown(values, shown):
    actual = {f"fig1.a.{i}": exact(value) for i, value in enumerate(values)}
    actual["fig1.a_p"] = exact(0.04)
    claim = Claim("C0", "All are large.", "size", tuple(actual), above(0.0), n="1")
    assert claim.evaluate(actual).measured == shown


def test_a_number_that_was_not_measured_is_said():
    for row in report.claim_rows(PROJECT.places[0], {}):
        assert "not measured: fig" in row[1] and "**fails**" in row[1] and "holds" not in row[1]


def test_pairs_are_as_many_as_the_committed_numbers_have():
    committed = known_quantities()
    for claim in claims_of(PROJECT.places):
        counted = committed[claim.value_of[0]].why
        if re.fullmatch(r"\d+ (of \d+ |paired )?(tasks|seeds)", counted):
            assert counted in claim.n, claim.id


OLDER = {"C8b": "85c75eb1", "E12": "29c95698", "E13": "29c95698", "E15": "29c95698"}
"""Claims with a limit of ours whose commit, named here, is older than that of the number."""


def test_what_was_chosen_when_the_numbers_were_known_is_marked():
    """By the history of limits and statements; limits from a rule of an experiment are older."""
    claims = {claim.id: claim for claim in claims_of(PROJECT.places)}
    marked = {id_ for id_, claim in claims.items() if claim.post_hoc}
    ours = {id_ for id_, claim in claims.items() if claim.limit.startswith("ours")}
    assert ours - marked == OLDER.keys()
    assert {"C1b", "C4b", "C4c", "C4h", "C6d", "C6e", "C7a", "C7h", "C7j", "C7l"} < marked
    assert not marked & {"C1a", "C4a", "C6c", "C7f", "C8d", "E8"}
    opposite = {id_ for id_, claim in claims.items() if "states the opposite" in claim.limit}
    assert {"E127", "E149", "E175b", "E197"} < opposite < marked
    assert "E20" in marked and not marked & {"E126", "E140", "E177b", "E187"}
