"""Claims C6 on training fail where the surrogate derivative has the wrong sign.

Without one: tests/experiments/replication/test_claims_can_fail.py.
"""

import jax
import jax.numpy as jnp

import snn
from experiments.engine.compute.collect import collect
from experiments.engine.configure.registry import Project
from experiments.replication.claim import claims_of, evaluate_claims
from experiments.replication.goldens import read, smoke_plan

PROJECT = Project()
GOLDEN = read(PROJECT.golden("fig6")).quantities
TRAINING = tuple(
    c
    for c in claims_of(PROJECT.rooms)
    if c.preset == "smoke" and all(n.startswith("fig6.") for n in c.value_of)
)


def failed(quantities):
    measured = {f"fig6.{name}": quantity for name, quantity in (GOLDEN | quantities).items()}
    return {c.id for c, outcome in evaluate_claims(TRAINING, measured) if not outcome.holds}


def test_a_surrogate_of_the_wrong_sign_fails_the_claims_on_credit_assignment(
    monkeypatch, compiled_anew
):
    for shape in (snn.surrogate.SuperSpike, snn.surrogate.Sigmoid):
        right = shape.__call__
        monkeypatch.setattr(shape, "__call__", lambda self, *a, right=right: -right(self, *a))
    run = smoke_plan("fig6", PROJECT)
    # Frozen hidden weights have no surrogate in their way.
    for name in set(run.root.panels) - {"deterministic", "stochastic"}:
        del run.root.panels[name]
    with jax.numpy_rank_promotion("allow"):
        computed = collect(PROJECT, run, with_cache=False).summary
    assert {"C6a", "C6b"} <= failed(computed)
    # The readout has no surrogate in its way and learns all the same.
    assert jnp.isfinite(computed["deterministic.van_rossum"].value)
