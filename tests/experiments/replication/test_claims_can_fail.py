"""No claim is safe: other numbers, as accurate as the committed ones, would falsify it."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.engine.config import Project
from experiments.replication.claim import Claim, claims_of
from experiments.replication.relations import Relation
from tests.experiments.planned import golden_quantities
from tests.experiments.planned import known_quantities as known

PROJECT = Project()
CLAIMS = claims_of(PROJECT.places)
SIZES = 10.0 ** np.arange(-16, 9)


TOO_FEW = {"E79", "E118", "E119", "E148"}
"""Claims whose intervals are wider than the margin: undecided until more tasks are run."""


def moved(quantity, value):
    """A quantity with another value, and errors of the same size."""
    low, high, shift = quantity.ci_low, quantity.ci_high, value - quantity.value
    ends = {} if low is None or high is None else {"ci_low": low + shift, "ci_high": high + shift}
    return replace(quantity, value=value, **ends)


def verdicts(claim):
    """Verdicts that are reached where each number is kept, or made 0, a size or minus that."""
    numbers = [known()[name] for name in claim.value_of]
    rng = np.random.default_rng(0)
    actual, kinds = set(), [-1, 0, 1, np.nan]
    # Among many numbers, random draws rarely agree in all estimates, or in all p-values and counts.
    ends = [name.endswith(("_p", "_turned")) for name in claim.value_of]
    alike = [[b if end else a for end in ends] for a in kinds for b in kinds]
    for size in SIZES:
        for signs in [*np.array(alike), *rng.choice(kinds, (100, len(numbers)))]:
            values = np.where(np.isnan(signs), [q.value for q in numbers], signs * size)
            actual.add(claim.relation.holds(*map(moved, numbers, values)))
        if actual >= {True, False}:
            break
    return actual


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_a_claim_can_hold_and_can_fail(claim):
    actual = verdicts(claim)
    fix = f"{claim.id}: whatever the numbers {claim.value_of}, its relation never "
    assert False in actual, fix + "fails: give it a limit that they can miss"
    actual |= {True} if claim.id in TOO_FEW else set()
    assert True in actual, fix + "holds: give it a limit that they can meet"


def test_a_relation_that_cannot_fail_is_found():
    (name,) = next(claim.value_of for claim in CLAIMS if len(claim.value_of) == 1)
    always = Relation("anything", lambda quantity: True)
    assert verdicts(Claim("X", "", "", (name,), always, n="")) == {True}


@pytest.mark.parametrize("fano", [0.0, 0.09])
def test_the_claim_on_variability_fails_for_a_network_that_hardly_varies(fano):
    """A deterministic network has a Fano factor of 0."""
    (claim,) = [claim for claim in CLAIMS if claim.id == "C7d"]
    numbers = golden_quantities("fig7")
    assert claim.evaluate(numbers).holds
    for name in claim.value_of:
        changed = numbers | {name: moved(numbers[name], fano)}
        assert claim.evaluate(changed).holds is False, name


def test_every_id_is_written_out_in_its_room():
    """So that a search for it finds the claim, or the row of a prediction."""
    written = ""
    for room in PROJECT.places:
        written += "".join(path.read_text() for path in room.chapters.glob("*/claims*.py"))
        for table in room.folder.glob("predictions.csv"):
            lines = table.read_text().splitlines()
            written += "".join(f'"{line.partition(",")[0]}"' for line in lines)
    assert [claim.id for claim in CLAIMS if f'"{claim.id}"' not in written] == []
