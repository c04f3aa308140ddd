"""Claims E10 to E17 hold, and fail where what they are about is broken."""

import jax
import pytest

import snn
from experiments.engine.collect import collect
from experiments.engine.compose import plan
from experiments.engine.registry import Project
from experiments.estimators import CATALOGUE
from experiments.replication.claim import evaluate_claims
from experiments.replication.claims.true_gradient import CLAIMS


def failed(experiment: str) -> set[str]:
    """Claims on one experiment of the smoke preset that do not hold."""
    run = plan(Project(), ["figure=fig9/smoke"])
    for group in (run.root.panels, run.root.checks):
        for name in set(group) - {experiment}:
            del group[name]
    jax.clear_caches()
    with jax.numpy_rank_promotion("allow"):
        summary = collect(Project(), run, store=None).summary
    jax.clear_caches()
    measured = {f"fig9.{name}": quantity for name, quantity in summary.items()}
    about = tuple(claim for claim in CLAIMS if set(claim.value_of) <= set(measured))
    return {claim.id for claim, outcome in evaluate_claims(about, measured) if not outcome.holds}


def test_a_coupling_off_by_a_tenth_is_not_unbiased(monkeypatch):
    right = snn.coupling.StraightThrough.weighted_slope
    monkeypatch.setattr(
        snn.coupling.StraightThrough,
        "weighted_slope",
        lambda *args: 1.1 * right(*args),
    )
    assert "E10" in failed("enumerated")


@pytest.mark.parametrize(
    "broken, caught",
    [("surrogate_through", {"E12", "E13", "E14"}), ("surrogate", {"E14", "E15"})],
)
def test_resets_that_are_differentiated_otherwise_are_noticed(broken, caught, monkeypatch):
    other = {"surrogate_through": "surrogate", "surrogate": "surrogate_through"}[broken]
    monkeypatch.setitem(CATALOGUE, broken, CATALOGUE[other])
    assert caught <= failed("noise")
