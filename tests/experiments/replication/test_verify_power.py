"""`make verify` catches a derivative that is off by 5 %: in the numbers, and in the claims."""

from dataclasses import replace

import jax
import pytest

import snn
from experiments.engine.config import Project
from experiments.engine.run import collect
from experiments.replication.claim import claims_of
from experiments.replication.goldens import not_reproduced, read, smoke_plan

PROJECT = Project()


@pytest.fixture
def as_verified(monkeypatch, compiled_anew):
    """As `make verify` runs, but with few optimisations, as tests compile."""
    monkeypatch.setattr("experiments.engine.run.activate", lambda *_: None)
    with jax.numpy_rank_promotion("allow"):
        yield


def verified(figure: str, panel: str) -> tuple[set[str], set[str]]:
    """Names of the goldens of a panel that differ, and of the claims on it that fail."""
    run = smoke_plan(figure, PROJECT)
    run = replace(run, panels={panel: run.panels[panel]})
    measured = collect(PROJECT, run, with_cache=False).summary
    golden = read(PROJECT.golden(figure))
    of_panel = {n: q for n, q in golden.quantities.items() if n.startswith(f"{panel}.")}
    golden = replace(golden, quantities=of_panel)
    named = {f"{figure}.{name}": quantity for name, quantity in measured.items()}
    claims = tuple(c for c in claims_of(PROJECT.places) if named.keys() >= set(c.value_of))
    failed = {claim.id for claim in claims if not claim.evaluate(named).holds}
    return {name for name, *_ in not_reproduced(figure, golden, measured)}, failed


@pytest.mark.parametrize(
    ("owner", "method", "number", "claim"),
    [
        (
            snn.surrogate.Matched,
            "__call__",
            "fig1.neuron.surrogate_minus_slope_max",
            "C8c",
        ),
        (
            snn.escape.Sigmoid,
            "slope",
            "fig4.along_w.dy_dw_true",
            None,
        ),
    ],
)
def test_a_derivative_off_by_five_percent_is_caught(
    owner, method, number, claim, monkeypatch, as_verified
):
    assert_caught(owner, method, number, claim, monkeypatch)


def assert_caught(owner, method, number, claim, monkeypatch):
    right = getattr(owner, method)
    monkeypatch.setattr(owner, method, lambda self, *args: 1.05 * right(self, *args))
    figure, panel, _ = number.split(".")
    numbers, claims = verified(figure, panel)
    assert number in numbers
    assert claim is None or claim in claims


def test_and_the_right_derivative_passes(as_verified):
    assert verified("fig1", "neuron") == (set(), set())
