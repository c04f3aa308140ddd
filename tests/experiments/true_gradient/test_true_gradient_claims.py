"""Claims E10 to E17 hold, and fail where what they are about is broken."""

import jax
import pytest

import snn
from experiments.estimators import CATALOGUE
from experiments.replication.claim import evaluate_claims
from experiments.replication.claims.true_gradient import CLAIMS
from experiments.replication.goldens import compute_smoke


def failed() -> set[str]:
    jax.clear_caches()
    with jax.numpy_rank_promotion("allow"):
        measured = {f"fig9.{name}": q for name, q in compute_smoke("fig9").items()}
    jax.clear_caches()
    return {claim.id for claim, outcome in evaluate_claims(CLAIMS, measured) if not outcome.holds}


def test_a_coupling_off_by_a_tenth_is_not_unbiased(monkeypatch):
    right = snn.coupling.StraightThrough.weighted_slope
    monkeypatch.setattr(
        snn.coupling.StraightThrough,
        "weighted_slope",
        lambda *args: 1.1 * right(*args),
    )
    assert "E10" in failed()


@pytest.mark.parametrize(
    "broken, caught",
    [("surrogate_through", {"E12", "E13", "E14"}), ("surrogate", {"E14", "E15"})],
)
def test_resets_that_are_differentiated_otherwise_are_noticed(broken, caught, monkeypatch):
    other = {"surrogate_through": "surrogate", "surrogate": "surrogate_through"}[broken]
    monkeypatch.setitem(CATALOGUE, broken, CATALOGUE[other])
    assert caught <= failed()
