"""Calls that would answer with a wrong number end in one message: what, got, expected, fix."""

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

COMPLEX = "TypeError: {}: got complex numbers, expected real ones"
DROP_IN = "ValueError: {}: got a network that calls snn.spike, whose surrogate derivative would"
NUMBERS = "ValueError: noise: got numbers of shape {} for layer 0 of a trial, expected "
REFUSED = {
    # What is told apart by nothing but a message:
    "snn.Surrogate(program, w, noise)": "TypeError: Surrogate: got a program among its settings, "
    "expected it in the call: snn.Surrogate()(program, params, ...).",
    "snn.ExactEnumeration(program, w)": "TypeError: ExactEnumeration: got a program among",
    "snn.MLP((2, 1), escape='sigmoid')": "TypeError: MLP.escape: got 'sigmoid', expected an escape",
    "snn.LIFNetwork((2, 1), escape=snn.escape.Sigmoid)": "TypeError: LIFNetwork.escape: got <class",
    "snn.ConvLIFNetwork(escape='sigmoid')": "TypeError: ConvLIFNetwork.escape: got 'sigmoid'",
    "snn.SpikeFunction('sigmoid')": "TypeError: SpikeFunction.escape: got 'sigmoid', expected",
    "snn.Surrogate('superspike')": "TypeError: derivative: got 'superspike', expected a function",
    "snn.Surrogate(snn.surrogate.Box)": "TypeError: derivative: got <class 'snn.surrogate.Box'>",
    "snn.LIFNetwork((1, 1), neuron=1)": "TypeError: LIFNetwork.neuron: got 1, expected a snn",
    "snn.ConvLIFNetwork(neuron=1)": "TypeError: ConvLIFNetwork.neuron: got 1, expected a snn",
    "snn.Program(mlp, jnp.ones(2), snn.losses.Linear)": "TypeError: loss: got <class",
    # Settings that would pass for others:
    "snn.escape.Sigmoid(2j)": "TypeError: Sigmoid.beta: got 2j, expected a real number",
    "snn.LIF(theta=jnp.array(1j))": "TypeError: LIF.theta: got Array(",
    "snn.LIF(theta=jnp.nan)": "ValueError: LIF.theta: got nan, expected a real number",
    "snn.LIF(theta=np.float32('nan'))": "ValueError: LIF.theta: got ",
    "snn.losses.Squared(jnp.array([1j]))": "TypeError: Squared.target: got Array(",
    "snn.losses.VanRossum(jnp.ones((3, 1)) * 1j)": "TypeError: VanRossum.target: got Array(",
    "snn.LIF(reset_input='subtract')": "TypeError: LIF.reset_input: got 'subtract', expected True",
    "snn.LIFNetwork((2, 1), recurrent='no')": "TypeError: LIFNetwork.recurrent: got 'no', expected",
    "snn.ConvLIFNetwork(recurrent_kernel=True)": "TypeError: ConvLIFNetwork.recurrent_kernel: got ",
    "snn.StochasticAD(n_flips=1.5)": "TypeError: StochasticAD.n_flips: got 1.5, expected an int",
    # Numbers whose imaginary part a comparison or a cast would drop:
    "snn.Program(mlp, 1j * jnp.ones(2), snn.losses.Linear())": COMPLEX.format("Program.x"),
    "snn.spike(1j * jnp.ones(2), snn.surrogate.Box())": COMPLEX.format("spike.v"),
    "snn.sample(SIGMOID, jnp.ones(2), 1j * jnp.ones(2))": COMPLEX.format("sample.xi"),
    "snn.losses.n_spikes(1j * jnp.ones((3, 2)))": COMPLEX.format("n_spikes.s"),
    "snn.stats.effective_number([1j, 1])": COMPLEX.format("effective_number.weights"),
    "snn.stats.effective_trials([1j, 1])": COMPLEX.format("effective_trials.samples"),
    "snn.stats.relative_error(jnp.array([1j]), jnp.ones(1))": COMPLEX.format("flatten.tree"),
    "snn.stats.cv_of_isi(1j * jnp.ones((3, 2)), 1.0)": COMPLEX.format(
        "interspike_intervals.spikes"
    ),
    "batch_means.mean_cosine(1j * jnp.ones((4, 2)), jnp.ones((4, 2)))": COMPLEX.format(
        "batch_means.batches"
    ),
    # Parameters that have no derivative:
    "snn.FiniteDifferences()(program, cast(w, int), noise)": "TypeError: params[0]['b']: got int32"
    ", expected an array of floating point numbers",
    "snn.ScoreFunction()(program, cast(w, complex), noise)": "TypeError: params[0]['b']: got comp",
    "snn.MeanField()(program, cast(w, bool))": "TypeError: params[0]['b']: got bool, expected an a",
    "snn.fields.line_integral(jnp.sin, jnp.sin, tol=jnp.nan)": "ValueError: line_integral.tol: got",
    # Derivatives that do not belong where the gradient is exact or unbiased:
    "snn.ExactEnumeration()(own, own_w)": DROP_IN.format("ExactEnumeration"),
    "snn.ScoreFunction()(own, own_w, own_noise)": DROP_IN.format("ScoreFunction"),
    "snn.StochasticAD()(own, own_w, own_noise)": DROP_IN.format("StochasticAD"),
    "snn.DisARM()(own, own_w, own_noise)": DROP_IN.format("DisARM"),
    "snn.MeanField()(own, own_w)": DROP_IN.format("MeanField"),
    # Noise:
    "snn.Surrogate()(program, w, one)": "ValueError: noise: got leading axes of lengths [1, 3]",
    "snn.Surrogate()(steps(5), lif_w, lif_one)": NUMBERS.format("(3,)") + "numbers of shape (time,",
    "snn.Surrogate()(steps(9), lif_w, short)": NUMBERS.format("(5, 3)") + "numbers of shape (9, 3)",
    "snn.Surrogate()(steps(4), lif_w, short)": NUMBERS.format("(5, 3)") + "numbers of shape (4, 3)",
    "snn.Surrogate()(program, w, short)": NUMBERS.format("(5, 3)") + "numbers of shape (3,)",
    "snn.StochasticAD(n_flips=2)(program, w, noise)": "ValueError: StochasticAD: got no key, "
    "expected a JAX random key",
    "snn.SuffixReplays()(steps(5), lif_w, short)": "ValueError: SuffixReplays: got no key",
    "snn.EvolutionStrategies()(program, w, noise)": "ValueError: EvolutionStrategies: got no key",
    # Shapes:
    "snn.Surrogate()(snn.Program(mlp, jnp.ones(2), jnp.abs), w, noise)": "ValueError: loss: got an "
    "array of shape (1,) of an output of shape (1,), expected one number for a trial.",
    "run(lif, lif_w, jnp.ones((4, 5, 2)))": "ValueError: LIFNetwork: got an input of shape (4, 5, "
    "2), expected (time, 2), that of one trial.",
    "run(mlp, w, jnp.ones((4, 2)))": "ValueError: MLP: got an input of shape (4, 2), expected (2,)",
    "run(snn.ConvLIFNetwork(), None, jnp.ones((5, 2)))": "ValueError: ConvLIFNetwork: got an input "
    "of shape (5, 2), expected (time, 700), or (time, batch, 700)",
    # Plain functions:
    "run(lambda w, x: x @ w)": "ValueError: network: got a function that calls no snn.SpikeFunct",
    "run(lambda w, x: jax.vmap(lambda x: f(x @ w))(x))": "ValueError: SpikeFunction: got a call in",
    "run(lambda w, x: jax.checkpoint(lambda x: f(x @ w))(x))": "ValueError: SpikeFunction: got a c",
    "run(lambda w: f(w))": "TypeError: network: got <lambda> of 1 arguments, expected a network",
    "run(lambda w, x, noise, spike: x)": "TypeError: network: got ArrayImpl from a network",
}
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
