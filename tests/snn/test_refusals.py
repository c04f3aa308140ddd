"""Calls that would give a wrong number, or a message of JAX's: each ends in one message of ours.

A row is a class of mistake: a call, and the beginning of its message.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

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

NO_MLP = "ValueError: {}: got a LIFNetwork, expected an MLP"
STEP = "TypeError: step: got {} from a step (params, state, x[t]), expected (state, output)"
NUMBERS = "ValueError: noise: got numbers of shape {} for layer 0 of a trial, expected "
REFUSED = {
    # Parameters, inputs and keys:
    "snn.FiniteDifferences()(program, cast(w, int), noise)": "TypeError: params[0]['b']: got int32"
    ", expected an array of floating point numbers",
    "snn.ScoreFunction()(program, cast(w, complex), noise)": "TypeError: params[0]['b']: got comp",
    "snn.MeanField()(program, cast(w, bool))": "TypeError: params[0]['b']: got bool, expected an a",
    "snn.Program(mlp, [0.3, -0.7], snn.losses.Linear())": "TypeError: Program.x: got [0.3, -0.7], "
    "a list of numbers, expected an array: jnp.array([0.3, -0.7]).",
    "mlp.init(1)": "TypeError: MLP.init.key: got 1, expected a JAX random key, such as jax.random."
    "key(1).",
    "lif.init(7, 50.0)": "TypeError: LIFNetwork.init.key: got 7, expected a JAX random key",
    "snn.ConvLIFNetwork().init(None, 50.0)": "TypeError: ConvLIFNetwork.init.key: got None, expec",
    "snn.draw_noise(program, w, 0, 4)": "TypeError: draw_noise.key: got 0, expected a JAX random",
    "snn.StochasticAD(n_flips=2)(program, w, noise, 7)": "TypeError: StochasticAD.key: got numbers "
    "of type int32, expected a JAX random key",
    "snn.StochasticAD(n_flips=2)(program, w, noise)": "ValueError: StochasticAD: got no key, "
    "expected a JAX random key",
    # Settings in the place of others:
    "snn.Surrogate(program, w, noise)": "TypeError: Surrogate: got a program among its settings, "
    "expected it in the call: snn.Surrogate()(program, params, ...).",
    "snn.ExactEnumeration(program, w)": "TypeError: ExactEnumeration: got a program among",
    "snn.MLP((2, 1), escape='sigmoid')": "TypeError: MLP.escape: got 'sigmoid', expected an escape",
    "snn.LIFNetwork((2, 1), escape=snn.escape.Sigmoid)": "TypeError: LIFNetwork.escape: got <class",
    "snn.ConvLIFNetwork(escape='sigmoid')": "TypeError: ConvLIFNetwork.escape: got 'sigmoid'",
    "snn.SpikeFunction('sigmoid')": "TypeError: SpikeFunction.escape: got 'sigmoid', expected",
    "snn.MLP((1, 1, 1), escape=(SIGMOID,) * 3).escapes": "ValueError: escape: got 3 noises",
    "snn.spike(jnp.ones(2), snn.surrogate.Matched())": "ValueError: Matched() needs the escape ",
    "snn.Surrogate('superspike')": "TypeError: derivative: got 'superspike', expected a function",
    "snn.Surrogate(snn.surrogate.Box)": "TypeError: derivative: got <class 'snn.surrogate.Box'>",
    "snn.Surrogate(reset='through')": "TypeError: reset: got 'through', expected a function, as",
    "snn.Program(mlp, jnp.ones(2), snn.losses.Linear)": "TypeError: loss: got <class",
    "Between(jnp.sum)": "TypeError: Between.loss: got <function sum",
    # Numbers out of range:
    "snn.escape.Sigmoid(-1.0)": "ValueError: Sigmoid.beta: got -1.0, expected a number > 0.",
    "snn.surrogate.Box(jnp.nan)": "ValueError: Box.width: got nan, expected a number > 0.",
    "snn.LIF(tau_mem=0)": "ValueError: LIF.tau_mem: got 0, expected a number > 0.",
    "snn.LIF(reset='substract')": "ValueError: LIF.reset: got 'substract', expected one of",
    "snn.LIF(reset='subtract', reset_input=True)": "ValueError: LIF.reset_input: got True with",
    "snn.MLP((3,))": "ValueError: sizes: got (3,), expected the number of inputs followed by",
    "snn.connections.Conv1d(0)": "ValueError: Conv1d.kernel: got 0, expected at least 1.",
    "snn.ConvLIFNetwork(strides=(40, 3, 3))": "ValueError: Conv1d: got 4 positions, expected",
    "snn.ConvLIFNetwork(filters=(4, 4))": "ValueError: ConvLIFNetwork: got filters=(4, 4),",
    "snn.ConvLIFNetwork(filters=(4, 4, 0))": "ValueError: ConvLIFNetwork: got filters=(4, 4, 0),",
    "snn.ConvLIFNetwork(recurrent_kernel=4)": "ValueError: ConvLIFNetwork: got a recurrent kernel",
    "snn.SuffixReplays(survival=1.5)": "ValueError: SuffixReplays.survival: got 1.5, expected a pr",
    "Between(Linear(), jnp.inf)": "ValueError: Between.lam: got inf, expected a finite number",
    "snn.stats.mean_and_se(jnp.ones((1, 3)))": "ValueError: mean_and_se: got 1 sample, expected at",
    "snn.fields.line_integral(jnp.sin, jnp.sin, tol=jnp.nan)": "ValueError: line_integral.tol: got",
    "snn.StochasticAD(n_flips=0)(program, w, noise, KEY)": "ValueError: StochasticAD.n_flips: got "
    "0, expected 1 to 4, the number of spike sites.",
    "snn.SuffixReplays(n_blocks=9)(steps(5), lif_w, short, KEY)": "ValueError: SuffixReplays."
    "n_blocks: got 9, expected 1 to 5, the number of time steps.",
    "snn.SuffixReplays(n_blocks=2, survival=0.5)(steps(5), lif_w, short, KEY)": "ValueError: "
    "SuffixReplays.n_blocks: got 2, expected a divisor of 5, the number of time steps",
    "snn.draw_noise(program, w, KEY, 0)": "ValueError: n_trials: got 0, expected at least 1 trial.",
    # Estimators that have no answer:
    "snn.ExactEnumeration()(steps(6), lif_w)": "ValueError: Enumeration over spike patterns: got "
    "18 spike sites, expected at most 16 (2^16 patterns).",
    "snn.TransferMatrix()(steps(5), lif_w)": NO_MLP.format("TransferMatrix"),
    "snn.TransferMatrix(max_width=2)(program, w)": "ValueError: TransferMatrix: got layers of "
    "(3, 1) neurons, expected at most 2 each",
    "LayeredMean(snn.Surrogate(forward=snn.mean))(program, w)": "ValueError: LayeredMean: got",
    "PathSampleAnalytic()(steps(5), lif_w, short)": NO_MLP.format("PathSampleAnalytic"),
    "snn.DisARM()(steps(5), lif_w, short)": "ValueError: DisARM: got spike sites of shape [(5, 3)]",
    "snn.Expected(snn.StochasticAD())(program, w)": "ValueError: Expected: got StochasticAD(",
    "snn.Expected(snn.ExactEnumeration())(program, w)": "ValueError: Expected: got ExactEnumerati",
    "snn.StochasticAD(max_sites=3)(program, w, noise)": "ValueError: StochasticAD: got 4 spike ",
    "snn.SuffixReplays()(program, w, noise, KEY)": "ValueError: SuffixReplays: got MLP, expected",
    "snn.ScoreFunction(LeaveOneOut())(program, w, snn.noise.Constant(jnp.ones(1)))": "ValueError: "
    "LeaveOneOut baseline: got 1 trial, expected at least 2.",
    # Derivatives that do not belong where the gradient is exact or unbiased:
    **{
        f"snn.{name}()(own, own_w{noise})": f"ValueError: {name}: got a network that calls snn."
        "spike, whose surrogate derivative would"
        for name, noise in {
            "ExactEnumeration": "",
            "MeanField": "",
            "ScoreFunction": ", own_noise",
            "StochasticAD": ", own_noise",
            "DisARM": ", own_noise",
        }.items()
    },
    # Shapes of a program, and of its noise:
    "snn.Surrogate()(program, w, snn.noise.Constant())": "ValueError: noise: got Constant(",
    "snn.Surrogate()(program, w, one)": "ValueError: noise: got leading axes of lengths [1, 3]",
    "snn.Surrogate()(steps(5), lif_w, lif_one)": NUMBERS.format("(3,)") + "numbers of shape (time,",
    "snn.Surrogate()(steps(4), lif_w, short)": NUMBERS.format("(5, 3)") + "numbers of shape (4, 3)",
    "snn.Surrogate()(program, w, short)": NUMBERS.format("(5, 3)") + "numbers of shape (3,)",
    "snn.Surrogate()(snn.Program(mlp, jnp.ones(2), jnp.abs), w, noise)": "ValueError: loss: got an "
    "array of shape (1,) of an output of shape (1,), expected one number for a trial.",
    "run(lif, lif_w, jnp.ones((4, 5, 2)))": "ValueError: LIFNetwork: got an input of shape (4, 5, "
    "2), expected (time, 2), that of one trial.",
    "run(mlp, w, jnp.ones((4, 2)))": "ValueError: MLP: got an input of shape (4, 2), expected (2,)",
    "run(snn.ConvLIFNetwork(), None, jnp.ones((5, 2)))": "ValueError: ConvLIFNetwork: got an input "
    "of shape (5, 2), expected (time, 700), or (time, batch, 700)",
    "snn.losses.Squared(jnp.ones(3))(jnp.ones(2))": "ValueError: Squared: got a target of shape (3",
    "snn.fields.line_integral(np.sin, lambda t: (np.zeros(2), np.ones(2)))": "ValueError: "
    "line_integral: curve: got 2 points from 21 parameters, expected as many.",
    # Plain functions:
    "run(snn.Steps(lambda w, u, x: f(u), jnp.zeros(2)))": STEP.format("one value"),
    "run(snn.Steps(lambda w, u, x: (u[:1], f(u)), jnp.zeros(2)))": "TypeError: step: got a",
    "run(lambda w, x: x @ w)": "ValueError: network: got a function that calls no snn.SpikeFunct",
    "run(lambda w, x: jax.vmap(lambda x: f(x @ w))(x))": "ValueError: SpikeFunction: got a call in",
    "run(lambda w: f(w))": "TypeError: network: got <lambda> of 1 arguments, expected a network",
    "run(lambda w, x, noise, spike: x)": "TypeError: network: got ArrayImpl from a network",
    # Packages that are missing:
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
    cases = [*REFUSED, *ACCEPTED]
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
    message = answers[case]
    assert message.startswith(REFUSED[case])
    assert message.endswith(".") and ("expected" in message or "Install" in message)


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted(case, answers):
    assert answers[case] == "no error"
