"""A derivative that nobody wrote: a threshold without a surrogate."""

import jax
import jax.numpy as jnp

import snn
from snn_tools import doctor

SPIKES = snn.SpikeFunction(snn.escape.Sigmoid(4.0))
KEY = jax.random.key(0)
N = 6


def deep(threshold):
    """Three layers, of which the middle one may be a threshold without noise or derivative."""

    def network(params, x):
        s = SPIKES(x @ params["in"] - 0.2)
        s = threshold(s @ params["mid"] - 0.3)
        return SPIKES(s @ params["out"] - 0.1)

    keys = jax.random.split(jax.random.key(2), 3)
    shapes = {"in": (3, N), "mid": (N, N), "out": (N, 2)}
    params = {
        name: 0.3 + jax.random.normal(key, shape) / shape[0] ** 0.5
        for key, (name, shape) in zip(keys, shapes.items(), strict=True)
    }
    program = snn.Program(
        network, jnp.array([0.7, -0.4, 0.5]), snn.losses.Squared(jnp.array([0.2, 0.9]))
    )
    return program, params


def findings_of(case, budget=0.01):
    report = doctor.examine(*case, KEY, budget=budget, time_axis=None)
    return {(f.kind, f.fault, f.where) for f in report.findings if f.kind == "cut"}


def test_a_surrogate_that_was_forgotten_in_a_layer_is_told_without_a_direction():
    assert findings_of(deep(SPIKES)) == set()
    findings = findings_of(deep(lambda v: (v > 0).astype(v.dtype)))
    where = {name for _, _, names in findings for name in names.split(", ")}
    assert where >= {"in", "mid"}
