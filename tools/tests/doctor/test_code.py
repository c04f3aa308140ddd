"""Derivatives of the code at given spikes: factors are measured, detached resets are no fault."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.lax import stop_gradient

import snn
from snn_tools.jax.code import check
from snn_tools.jax.problem import Problem
from snn_tools.shared.gradient_check import VALUES
from tools.tests.spikes import added, factor, same

SPIKES = snn.SpikeFunction(snn.escape.Sigmoid(4.0))
N, STEPS = 6, 5


def checks(wrong=same):
    """The tests of two layers, of which the first is recurrent, by source and target."""

    def step(params, states, x):
        u, s, w = states
        u = 0.9 * u - stop_gradient(s) + x @ params["in"] + wrong(s) @ params["rec"]
        s = SPIKES(u - 1.0)
        w = 0.8 * w + wrong(s) @ params["mid"]
        r = SPIKES(w - 0.5)
        return (u, s, w), r

    keys = jax.random.split(jax.random.key(0), 4)
    shapes = {"in": (3, N), "rec": (N, N), "mid": (N, 4)}
    pairs = zip(keys, shapes.items(), strict=False)
    params = {name: jax.random.normal(key, shape) for key, (name, shape) in pairs}
    x = jax.random.normal(keys[3], (STEPS, 3))
    start = jnp.zeros(N), jnp.zeros(N), jnp.zeros(4)
    problem = Problem(snn.Program(snn.Steps(step, start), x, jnp.sum), params)
    spikes = [
        jnp.asarray(np.random.default_rng(k).integers(0, 2, (STEPS, n)) * 1.0)
        for k, n in ((0, N), (1, 4))
    ]
    return {(c.source, c.target): c for c in check(problem, spikes)}


def test_a_right_network_agrees_though_its_reset_is_detached():
    found = checks()
    assert set(found) == {(name, VALUES) for name in ("in", "rec", "mid")} | {
        ("layer 0", "layer 0, layer 1")
    }
    assert {c.verdict for c in found.values()} == {"agrees"}


@pytest.mark.parametrize("wrong", [factor, added])
def test_a_factor_between_layers_is_measured(wrong):
    found = checks(wrong(3.0))
    (c,) = (c for c in found.values() if c.source == "layer 0")
    assert (c.verdict, c.ratio) == ("differs", pytest.approx(3.0, rel=1e-3))
