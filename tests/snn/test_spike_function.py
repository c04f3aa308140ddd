"""Plain functions and networks of other libraries, run as they are."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import snn
from snn.program import site_shapes
from snn.stats import flatten
from snn.types import LayerTrace
from tests.snn.problems import mlp

NOISE = snn.escape.Sigmoid(2.0)
SPIKES = snn.SpikeFunction(NOISE)
X = jnp.array([[1.0, 0.5], [0.2, 1.5], [0.9, 1.0]])
W = jnp.array([[1.2, -0.4], [0.7, 0.9]])


def loss(spikes):
    return jnp.sum((spikes - 0.3) ** 2 * jnp.linspace(0.5, 1.0, 3)[:, None])


def step(w, u, x):
    """A library's neuron that makes its spike twice, for the reset and for the output."""
    u = 0.9 * u + x @ w
    return u - SPIKES(u - 1.0), SPIKES(u - 1.0)


def by_hand(w, x, noise, spike):
    """The network, written for this package."""

    def step(u, inputs):
        t, x = inputs
        u = 0.9 * u + x @ w
        s = spike(NOISE, u - 1.0, noise.draw(0, t, u.shape))
        return u - s, (u - 1.0, s)

    _, (v, s) = jax.lax.scan(step, jnp.zeros(2), (jnp.arange(len(x)), x))
    return s, (LayerTrace(v, s, NOISE),)


def loop(w, x):
    """The network with a loop of its own, as libraries have."""
    return jax.lax.scan(jax.jit(lambda u, x: step(w, u, x)), jnp.zeros(2), x)[1]


STEPWISE = snn.Steps(step, jnp.zeros(2, jnp.float32))


@pytest.fixture(scope="module")
def exact():
    return snn.ExactEnumeration()(snn.Program(by_hand, X, loss), W)


@pytest.mark.parametrize(
    "network, shapes", [(STEPWISE, ((3, 2),)), (loop, ((2,),) * 3)], ids=["steps", "loop"]
)
def test_the_exact_gradient_is_that_of_the_network_written_out(network, shapes, exact):
    """A spike that is made twice is one site; two of them would make 12 sites of the 6."""
    program = snn.Program(network, X, loss)
    assert site_shapes(program, W) == shapes
    actual = snn.ExactEnumeration()(program, W)
    np.testing.assert_allclose(actual.grad, exact.grad, rtol=1e-12)
    assert float(actual.loss) == pytest.approx(float(exact.loss), rel=1e-12)


def test_a_surrogate_goes_through_the_librarys_own_reset():
    """The reset is the library's code: which derivative it has is not the caller's choice."""
    noise = snn.draw_noise(snn.Program(STEPWISE, X, loss), W, jax.random.key(0), 4)
    ours, theirs = (snn.Program(network, X, loss) for network in (by_hand, STEPWISE))
    a, b = (snn.Surrogate()(program, W, noise).grad for program in (ours, theirs))
    np.testing.assert_allclose(a, b, rtol=1e-12)
    with pytest.raises(ValueError, match="reset: got through for a network whose reset is its own"):
        snn.Surrogate(reset=snn.through)(theirs, W, noise)


def test_an_input_of_several_arrays(exact):
    def halves(w, u, x):
        return step(w, u, x["a"] + x["b"])

    network = snn.Steps(halves, jnp.zeros(2))
    actual = snn.ExactEnumeration()(snn.Program(network, {"a": X / 4, "b": 3 * X / 4}, loss), W)
    np.testing.assert_allclose(actual.grad, exact.grad, rtol=1e-12)


def test_other_potentials_are_other_sites():
    def two(w, x):
        v = x[0] @ w
        return SPIKES(v) + SPIKES(v - 0.5) + SPIKES(2 * v / 2) + snn.SpikeFunction()(v)

    assert site_shapes(snn.Program(two, X, jnp.sum), W) == ((2,),) * 4


def test_outside_a_program_it_is_the_step_function_with_the_slope_of_its_noise():
    v = jnp.array([-0.3, 0.0, 0.4])
    np.testing.assert_array_equal(SPIKES(v), [0, 0, 1])
    slope = jax.grad(lambda v: SPIKES(v).sum())(v)
    np.testing.assert_allclose(slope, NOISE.slope(v))


class Layers(nnx.Module):
    """The network of `mlp` as a module that knows nothing of this package."""

    def __init__(self, params, activations):
        self.weights = nnx.List([nnx.Param(layer["w"]) for layer in params])
        self.biases = nnx.List([nnx.Param(layer["b"]) for layer in params])
        self.theta = nnx.Variable(jnp.asarray(0.1))
        self.activations = nnx.List(activations)

    def __call__(self, x):
        for w, b, activation in zip(self.weights, self.biases, self.activations, strict=True):
            x = activation(x @ w[...] + b[...] - self.theta[...])
        return x


class Network(Layers):
    """Asked for its noise and its trace, as the networks of this package are."""

    def __call__(self, x, noise, spike):
        trace = []
        layers = zip(self.weights, self.biases, self.activations, strict=True)
        for k, (w, b, escape) in enumerate(layers):
            v = x @ w[...] + b[...] - self.theta[...]
            x = spike(escape, v, noise.draw(k, None, v.shape))
            trace.append(LayerTrace(v, x, escape))
        return x, tuple(trace)


class Leaky(nnx.Module):
    """One time step, in the manner of spyx."""

    def __init__(self, w):
        self.w = nnx.Param(w)

    def __call__(self, x, u):
        u, s = step(self.w[...], u, x)
        return s, u


@pytest.mark.parametrize("kind, activation", [(Layers, snn.SpikeFunction), (Network, nnx.data)])
def test_an_nnx_module_as_it_is(kind, activation):
    program, params = mlp()
    module = kind(params, [activation(escape) for escape in program.network.escapes])
    network, theirs = snn.from_nnx(module)
    assert len(jax.tree.leaves(theirs)) == 6  # weights and biases, not the threshold
    actual = snn.ExactEnumeration()(snn.Program(network, program.x, program.loss), theirs)
    expected = snn.ExactEnumeration()(program, params)
    assert float(actual.loss) == pytest.approx(float(expected.loss), rel=1e-12)
    for layer, grad in enumerate(expected.grad):
        np.testing.assert_allclose(actual.grad["weights"][layer], grad["w"], atol=1e-14)
        np.testing.assert_allclose(actual.grad["biases"][layer], grad["b"], atol=1e-14)


def test_an_nnx_module_of_one_time_step(exact):
    network, params = snn.from_nnx(Leaky(W), state=jnp.zeros(2))
    actual = snn.ExactEnumeration()(snn.Program(network, X, loss), params)
    np.testing.assert_allclose(flatten(actual.grad), flatten(exact.grad), rtol=1e-12)
    with pytest.raises(TypeError, match="got a Leaky of 2 arguments and no state, expected"):
        snn.from_nnx(Leaky(W))


def test_a_plain_loss_is_compiled_once():
    def run(x):
        return snn.Program(by_hand, x, loss)

    a, b = run(X), run(2 * X)
    assert jax.tree.structure(a) == jax.tree.structure(b)
