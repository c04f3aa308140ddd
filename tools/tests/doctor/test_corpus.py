"""A fixed part of the corpus: healthy networks get a clean bill, planted faults are named.

All of it is `python -m tools.tests.corpus`, whose counts are in tools/docs/doctor.md.
"""

import jax
import jax.numpy as jnp
import pytest

import snn
from snn_tools import doctor
from tools.tests.corpus.__main__ import examined
from tools.tests.corpus.afterwards import afterwards
from tools.tests.corpus.faults import FAULTS, UNSEEN
from tools.tests.corpus.networks import healthy
from tools.tests.corpus.slopes import named_faults

CODE = 0.01
"""A budget of no more than the tests of the code and single trials, which name every fault here."""


@pytest.fixture(autouse=True)
def as_the_corpus():
    """In float32, as the corpus is run from a shell; undone after each test."""
    jax.config.update("jax_enable_x64", False)
    jax.config.update("jax_numpy_rank_promotion", "allow")


@pytest.mark.parametrize(
    "case",
    [lambda: healthy("layer norm, reset by hand", 0), lambda: afterwards("attention")],
    ids=["layer norm", "attention"],
)
def test_healthy_networks_get_a_clean_bill(case):
    """Normalised potentials, and products of spikes with each other, are no faults."""
    assert not examined(case(), CODE).faults


BEHIND_A_RESET = ("float16", "state detached at each step")


@pytest.mark.parametrize("name", [name for name in FAULTS if name not in BEHIND_A_RESET])
def test_planted_faults_are_named_and_what_cannot_be_seen_is_not(name):
    case = FAULTS[name].plant(healthy("binary", 1))
    kinds = {f.kind for f in examined(case, CODE).faults}
    assert bool(FAULTS[name].kinds & kinds) == (name not in UNSEEN)


@pytest.mark.parametrize("name", BEHIND_A_RESET)
def test_a_state_and_short_numbers(name):
    """Behind a reset that is detached by hand, which is no fault of its own."""
    case = FAULTS[name].plant(healthy("recurrent, reset by hand", 0))
    kinds = {f.kind for f in examined(case, CODE).faults}
    assert FAULTS[name].kinds & kinds
    assert "scaled" not in kinds or name != "float16"


def test_neurons_far_from_threshold_late_in_a_trial_are_no_explosion():
    """Late errors are 1e-8 there; early ones are no larger than the noise allows."""
    assert named_faults("current", 39, {}) == []


def of_height(height, v, s, escape):
    return height / (1 + jnp.abs(v)) ** 2


def from_target(out):
    return jnp.sum((out[-1] - 0.3) ** 2)


@pytest.mark.parametrize(("height", "kinds"), [(1.0, set()), (40.0, {"explodes"})])
def test_a_recurrence_with_too_high_a_derivative_explodes(height, kinds):
    keys = jax.random.split(jax.random.key(0), 3)
    network = snn.LIFNetwork((4, 10), snn.escape.Sigmoid(3.0), snn.LIF(), recurrent=True)
    weights = jax.random.normal(keys[0], (4, 10))
    params = [{"w": weights, "rec": jax.random.normal(keys[1], (10, 10)) / 10**0.5}]
    x = (jax.random.uniform(keys[2], (30, 4)) < 0.5) * 1.0
    program = snn.Program(network, x, from_target)
    surrogate = snn.Surrogate(jax.tree_util.Partial(of_height, height))
    report = doctor.examine(program, params, jax.random.key(1), surrogate=surrogate, budget=CODE)
    assert {f.kind for f in report.faults} == kinds
