"""Where rare spikes carry a gradient, `compare` says that its errors are too small."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn_tools.comparison import compare
from snn_tools.comparison.problem import Problem

KEY = jax.random.key(0)


def network(p):
    """A hidden neuron that spikes with probability p in each of two inputs, and a readout."""
    params = snn.MLP((1, 1, 1), snn.escape.Sigmoid(1.0)).init(KEY)
    params[0] = {"w": jnp.zeros((1, 1)), "b": jnp.full(1, np.log(p / (1 - p)))}
    params[1] = {"w": jnp.full((1, 1), 8.0), "b": jnp.full(1, -4.0)}
    program = snn.Program(
        snn.MLP((1, 1, 1), snn.escape.Sigmoid(1.0)), jnp.ones(1), snn.losses.Linear(100.0)
    )
    return Problem(program, params)


def compared(p):
    return compare(
        *network(p),
        {"score": snn.ScoreFunction()},
        KEY,
        truth=snn.ScoreFunction(),
        n_trials=4096,
        truth_runs=8192,
    )


@pytest.fixture(scope="module")
def rare():
    return compared(1e-3)


def test_rare_spikes_are_warned_of_and_nothing_is_known(rare):
    said = [w for w in rare.warnings if "few trials carry its variance" in w]
    assert len(said) == 2 and "the true gradient" in said[1] + said[0]
    row = rare.row("score", "0/w")
    spikes = 4096 * 1e-3
    assert row.heavy and not row.known and spikes / 3 < row.effective < 3 * spikes
    assert "few trials" in str(rare)


def test_frequent_spikes_are_not():
    frequent = compared(0.3)
    assert not any("few trials" in w for w in frequent.warnings)
    assert not any(r.heavy for r in (*frequent.rows, *frequent.truth))
    assert frequent.row("score", "0/w").effective > 400
