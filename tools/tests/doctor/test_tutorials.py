"""Networks as tutorials write them, softmax of spike counts and detached resets, have no fault.

`jax.nn.log_softmax` and `logsumexp` subtract a stopped maximum, which is not a factor.
"""

from functools import cache

import jax
import jax.numpy as jnp
import pytest
from jax.lax import stop_gradient

import snn
from snn_tools import doctor
from snn_tools.jax.__main__ import main
from tools.tests.spikes import added

N, CLASSES = 4, 3
SPIKES = snn.SpikeFunction(snn.escape.Sigmoid(5.0))


def right(x):
    return x


def subtract(u, s):
    return u - stop_gradient(s)


def to_zero(u, s):
    return u * (1 - stop_gradient(s))


def log_softmax(counts):
    return -jax.nn.log_softmax(counts)[1]


def logsumexp(counts):
    return jax.nn.logsumexp(counts) - counts[1]


def softmax(counts):
    return -jnp.log(jax.nn.softmax(counts)[1])


@cache
def built(loss=log_softmax, reset=subtract, up=right, counts=right):
    """A hidden layer and a spiking readout, whose counts are classified.

    It is kept, since JAX would compile an equal network anew.
    """

    def step(params, state, x):
        u, w = state
        u = 0.9 * u + x @ params["in"]
        s = SPIKES(u - 1.0)
        w = 0.9 * w + up(s) @ params["out"]
        r = SPIKES(w - 1.0)
        return (reset(u, s), reset(w, r)), r

    keys = jax.random.split(jax.random.key(1), 3)
    params = {
        "in": 0.4 + jax.random.normal(keys[0], (3, N)) / 3**0.5,
        "out": 0.4 + jax.random.normal(keys[1], (N, CLASSES)) / N**0.5,
    }
    x = (jax.random.uniform(keys[2], (8, 3)) < 0.5) * 1.0
    network = snn.Steps(step, (jnp.zeros(N), jnp.zeros(CLASSES)))
    return snn.Program(network, x, lambda out: loss(counts(out.sum(axis=0)))), params


def findings_of(**how):
    report = doctor.examine(*built(**how), jax.random.key(0), budget=0.01)
    return [(f.kind, f.fault) for f in report.findings]


@pytest.mark.parametrize(
    "how", [{}, {"loss": logsumexp}, {"loss": softmax}], ids=["log_softmax", "logsumexp", "softmax"]
)
def test_a_softmax_of_counts_behind_a_detached_reset_is_no_fault(how):
    assert findings_of(**how) == [("detached", False)]


def test_a_reset_to_zero_is_no_fault_either():
    assert findings_of(reset=to_zero) == [("detached", False)]


def less_its_half(counts):
    """Looks like the shift of a softmax, and halves the derivative."""
    return 2 * counts - stop_gradient(counts)


@pytest.mark.parametrize(
    "fault", [{"up": added(2.0)}, {"counts": less_its_half}], ids=["up", "counts"]
)
def test_a_factor_beside_a_softmax_stays_a_fault(fault):
    assert ("scaled", True) in findings_of(**fault)


def test_the_command_gives_it_a_clean_bill(capsys):
    """It is `healthy`, by name of this module."""
    assert main([f"{__name__}:built", "--budget", "0.01"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("Verdict: no fault found; direction not measured")
    assert "scaled" not in text


def test_it_is_no_verdict_where_the_direction_is_required(capsys):
    with pytest.raises(SystemExit) as ended:
        main([f"{__name__}:built", "--budget", "0.01", "--require", "direction"])
    assert ended.value.code == 2
    assert "--require direction" in capsys.readouterr().err
