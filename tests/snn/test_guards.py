"""Calls that would answer with a wrong number end in one message: what, got, expected, fix."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.snn.refused import REFUSED

ROOT = Path(__file__).parents[2]

SETTING = """
import json, sys
for name in ("flax", "optax", "hydra", "matplotlib", "h5py", "pooch", "tqdm"):
    sys.modules[name] = None  # what the core does without
import jax, jax.numpy as jnp
import numpy as np
import snn
from snn.estimators.layered_mean import LayeredMean
from snn.estimators.path_sample_analytic import PathSampleAnalytic
from snn.estimators.score_function import LeaveOneOut
from snn.losses import Between, Linear
from snn.stats import batch_means
from snn.types import LayerTrace

KEY = jax.random.key(0)
SIGMOID = snn.escape.Sigmoid(2.0)
f = snn.SpikeFunction(SIGMOID)
mlp = snn.MLP((2, 3, 1), SIGMOID)
w = mlp.init(KEY)
program = snn.Program(mlp, jnp.ones(2), snn.losses.Linear())
noise = snn.draw_noise(program, w, KEY, 4)
one = jax.tree.map(lambda leaf: leaf[0], noise)

def cast(params, dtype):
    return jax.tree.map(lambda leaf: leaf.astype(dtype), params)

lif = snn.LIFNetwork((2, 3), SIGMOID)
lif_w = lif.init(KEY, 50.0)
def steps(n):
    return snn.Program(lif, jnp.ones((n, 2)), snn.losses.Linear())
short = snn.draw_noise(steps(5), lif_w, KEY, 4)
lif_one = jax.tree.map(lambda leaf: leaf[0], short)

def drop_in(w, x, noise, spike):
    v = x @ w
    s = spike(SIGMOID, v, noise.draw(0, None, v.shape))
    def step(carry, _):
        return carry, snn.spike(s - 0.5, snn.surrogate.SuperSpike(2.0))
    return jax.lax.scan(step, 0.0, None, 2)[1], (LayerTrace(v, s, SIGMOID),)
own = snn.Program(drop_in, jnp.ones(2), jnp.sum)
own_w = jnp.ones((2, 1))
own_noise = snn.draw_noise(own, own_w, KEY, 2)

def run(network, params=own_w, x=jnp.ones((3, 2)), loss=jnp.sum):
    return snn.Program(network, x, loss)(params, snn.noise.Constant(), snn.Spike())

for case in json.load(sys.stdin):
    try:
        eval(case)
        print(json.dumps("no error"))
    except Exception as error:
        print(json.dumps(f"{type(error).__name__}: {error}"))
"""

MISSING = {
    "snn.from_nnx(None)": "ImportError: snn.from_nnx: flax is not installed",
    "__import__('snn.optim')": "ImportError: snn.optim: optax is not installed",
}
ACCEPTED = [
    "snn.LIFNetwork((1, 1)).neuron",
    "snn.Surrogate()(own, own_w, own_noise)",
    "snn.FiniteDifferences()(own, own_w, own_noise)",
    "snn.EvolutionStrategies()(own, own_w, own_noise, KEY)",
    "snn.StochasticAD()(program, w, noise)",
    "jax.eval_shape(snn.StochasticAD(n_flips=4, max_sites=3), program, w, noise, KEY)",
    "snn.TransferMatrix(max_width=1)(snn.Program(snn.MLP((2, 1)), jnp.ones(2), jnp.sum), w[:1])",
    "run(lambda w, x: f(x @ w))",
    "snn.Surrogate(lambda v, s, escape: 1 / (1 + abs(v)))(program, w, noise)",
]


@pytest.fixture(scope="module")
def answers():
    """In a process of its own, without the type checks of the tests, which would come first."""
    cases = [*REFUSED, *MISSING, *ACCEPTED]
    done = subprocess.run(
        [sys.executable, "-c", SETTING],
        cwd=ROOT,
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(zip(cases, map(json.loads, done.stdout.splitlines()), strict=True))


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case, answers):
    assert answers[case].startswith(REFUSED[case])
    assert answers[case].endswith(".") and "expected" in answers[case]


@pytest.mark.parametrize("case", MISSING)
def test_one_message_says_what_is_missing(case, answers):
    assert answers[case].startswith(MISSING[case]) and answers[case].endswith(".")


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted(case, answers):
    assert answers[case] == "no error"
