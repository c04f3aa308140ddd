"""Claims C6 on training fail where the surrogate derivative is broken."""

import jax
import jax.numpy as jnp
import pytest

import snn
from experiments.engine.collect import collect
from experiments.engine.registry import Project
from experiments.replication.claim import evaluate_claims
from experiments.replication.claims import CLAIMS
from experiments.replication.goldens import read, smoke_plan

TRAINING = tuple(
    c for c in CLAIMS if c.preset == "smoke" and all(n.startswith("fig6.") for n in c.value_of)
)


@pytest.mark.parametrize(
    ("factor", "caught"),
    [(0.0, {"C6a", "C6b"}), (-1.0, {"C6a", "C6b"})],
    ids=["zero", "wrong sign"],
)
def test_a_broken_surrogate_fails_the_claims_on_credit_assignment(factor, caught, monkeypatch):
    for shape in (snn.surrogate.SuperSpike, snn.surrogate.Sigmoid):
        right = shape.__call__
        broken = lambda self, *args, right=right: factor * right(self, *args)  # noqa: E731
        monkeypatch.setattr(shape, "__call__", broken)
    project = Project()
    run = smoke_plan("fig6", project)
    # Frozen hidden weights have no surrogate in their way.
    for name in set(run.root.panels) - {"deterministic", "stochastic"}:
        del run.root.panels[name]
    jax.clear_caches()
    with jax.numpy_rank_promotion("allow"):
        computed = collect(project, run, store=None).summary
    jax.clear_caches()
    golden = read(project.goldens / "fig6.json").quantities
    measured = {f"fig6.{name}": quantity for name, quantity in (golden | computed).items()}
    failed = {c.id for c, outcome in evaluate_claims(TRAINING, measured) if not outcome.holds}
    assert caught <= failed
    # The readout has no surrogate in its way and learns all the same.
    assert jnp.isfinite(measured["fig6.deterministic.van_rossum"].value)
