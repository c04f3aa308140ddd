"""Hidden layers do not learn where the surrogate derivative has the wrong sign.

With frozen layers: tests/experiments/replication/test_hidden_layers_learn.py.
"""

import jax
import jax.numpy as jnp

import snn
from experiments.engine.config import Project
from experiments.engine.run import collect
from experiments.replication.goldens import smoke_plan
from tests.experiments.planned import golden_quantities
from tests.experiments.replication.test_hidden_layers_learn import learns

PROJECT = Project()


def test_a_surrogate_of_the_wrong_sign_teaches_hidden_layers_nothing(monkeypatch, compiled_anew):
    for shape in (snn.surrogate.SuperSpike, snn.surrogate.Sigmoid):
        right = shape.__call__
        monkeypatch.setattr(shape, "__call__", lambda self, *a, right=right: -right(self, *a))
    run = smoke_plan("fig6", PROJECT)
    # Frozen hidden weights have no surrogate in their way.
    for name in set(run.panels) - {"deterministic", "stochastic"}:
        del run.panels[name]
    with jax.numpy_rank_promotion("allow"):
        computed = collect(PROJECT, run, with_cache=False).summary
    quantities = golden_quantities("fig6") | {f"fig6.{name}": q for name, q in computed.items()}
    for panel, number in (("fig6.deterministic", "van_rossum"), ("fig6.stochastic", "l2")):
        assert not learns(quantities, panel, number)
    # The readout has no surrogate in its way and learns all the same.
    assert jnp.isfinite(computed["deterministic.van_rossum"].value)
