"""Claims C6 on training fail where the surrogate derivative is broken."""

import jax

import snn
from experiments.engine.collect import collect
from experiments.engine.registry import Project
from experiments.replication.claim import claims_of
from experiments.replication.goldens import known, smoke_plan

PROJECT = Project()
TRAINING = [claim for claim in claims_of(PROJECT.rooms) if claim.id in ("C6a", "C6b")]


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
    # A third of the epochs suffices to climb.
    for panel in run.root.panels.values():
        panel.n_epochs = 50
    with jax.numpy_rank_promotion("allow"):
        computed = collect(PROJECT, run, store=None).summary
    committed = known(PROJECT)
    measured = committed | {f"fig6.{name}": quantity for name, quantity in computed.items()}
    for claim in TRAINING:
        assert claim.evaluate(committed).holds and not claim.evaluate(measured).holds
    before, after = (computed[f"deterministic.{name}van_rossum"].value for name in ("first_", ""))
    assert after > 1.5 * before
