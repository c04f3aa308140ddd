"""Claim C7 fails where the hidden layers get no credit, and holds for what is committed."""

import pytest

from experiments.engine.registry import Project
from experiments.replication import goldens
from experiments.replication.claim import claims_of, evaluate_claims
from experiments.replication.goldens import read
from experiments.speech.comparison import stochastic_minus_deterministic

PROJECT = Project()
GOLDEN = {
    f"fig7.{name}": quantity for name, quantity in read(PROJECT.golden("fig7")).quantities.items()
}
SPEECH = tuple(c for c in claims_of(PROJECT.rooms) if c.id.startswith("C7"))
SMOKE = tuple(c for c in SPEECH if c.preset == "smoke")


def failed(quantities):
    return {c.id for c, outcome in evaluate_claims(SMOKE, quantities) if not outcome.holds}


def test_the_committed_numbers_decide_all_lines_of_the_smoke_preset():
    assert len(SMOKE) == 4
    assert failed(GOLDEN) == set()


def test_the_comparison_is_decided_as_the_committed_numbers_say():
    decided = evaluate_claims(
        tuple(c for c in SPEECH if c not in SMOKE), goldens.concluded(PROJECT)
    )
    verdicts = {"non-inferior": "holds", "inferior": "fails", "undecided": "undecided"}
    assert PROJECT.committed_preset("fig7") == "medium"
    assert {claim.preset for claim, _ in decided} == {"medium"}
    found = {claim.id: outcome.verdict for claim, outcome in decided}
    comparison = stochastic_minus_deterministic(goldens.numbers(PROJECT, "fig7"))
    assert found["C7f"] == verdicts[comparison.verdict] == "undecided"
    assert found["C7g"] == "holds"


@pytest.mark.parametrize(
    ("mode", "claim"), [("stochastic", "C7b"), ("deterministic", "C7c")], ids=["C7b", "C7c"]
)
def test_they_fail_where_the_hidden_layers_get_no_credit(mode, claim):
    """Without a surrogate a network is its control, to the bit: test_classification.py."""
    name = "train_accuracy"
    own, control = f"fig7.{mode}.{name}", GOLDEN[f"fig7.{mode}_frozen.{name}"]
    assert claim in failed(GOLDEN | {own: control})
