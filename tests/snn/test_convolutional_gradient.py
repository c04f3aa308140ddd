"""The surrogate gradient through time against plain autodiff of the straightforward network."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from scripts.straightforward import Straightforward
from snn.losses import MaxOverTime, too_many_spikes
from snn.noise import Hashed
from snn.surrogate import SuperSpike, Zero

pytestmark = pytest.mark.usefixtures("quick_compilation")

FORWARD = {"stochastic": snn.sample, "deterministic": snn.threshold}
SUPERSPIKE = SuperSpike(10.0)
each_mode = pytest.mark.parametrize("forward", FORWARD.values(), ids=FORWARD)


@pytest.fixture
def float32():
    """Single precision, as in training; the strict settings come back by themselves."""
    jax.config.update("jax_enable_x64", False)


def gradient(network, params, x, forward, derivative=SUPERSPIKE, reset=snn.detached):
    """Plain reverse mode through loss and punishment of rates; weights by layer and name."""
    spike, key = snn.Spike(forward, derivative, reset), jax.random.key(2)

    def loss(params):
        output, trace = network(params, x, Hashed(key), spike)
        excess = sum(too_many_spikes(layer.s, 0.5) for layer in trace)
        return MaxOverTime(jnp.arange(x.shape[1]))(output) + 0.1 * excess, trace

    grad, trace = jax.jit(jax.grad(loss, has_aux=True))(params)
    assert all(0.01 < layer.s.mean() < 0.5 for layer in trace)
    return {f"{name} {k}": w for k, layer in enumerate(grad) for name, w in layer.items()}


def relative_errors(a, b):
    return {
        name: float(jnp.linalg.norm(a[name] - b[name]) / jnp.linalg.norm(b[name])) for name in b
    }


def problem(network, rate, steps, density):
    """Initial weights, and two samples of random input."""
    params = network.init(jax.random.key(0), rate, sigma_u=1.3)
    x = jax.random.uniform(jax.random.key(1), (steps, 2, network.n_inputs)) < density
    return params, x.astype(jnp.result_type(float))


@each_mode
def test_published_network_in_single_precision(forward, float32):
    network = snn.ConvLIFNetwork()
    arguments = *problem(network, 15.8, 80, 0.03), forward
    ours = gradient(network, *arguments)
    usual = gradient(Straightforward(network), *arguments)
    assert len(usual) == 7 and usual["rec 0"].dtype == jnp.float32
    errors = relative_errors(ours, usual)
    assert max(errors.values()) < 1e-5, errors


SMALL = snn.ConvLIFNetwork(n_inputs=40, filters=(3, 4), kernels=(9, 5), strides=(2, 2), n_outputs=4)


@each_mode
def test_wrong_variants_differ(forward):
    """In double precision the two agree to rounding, and other gradients do not."""
    arguments = *problem(SMALL, 12.0, 40, 0.15), forward
    ours = gradient(SMALL, *arguments)
    errors = relative_errors(ours, gradient(Straightforward(SMALL), *arguments))
    assert max(errors.values()) < 1e-12, errors
    for wrong in ({"derivative": SuperSpike(9.0)}, {"reset": snn.through}):
        errors = relative_errors(ours, gradient(Straightforward(SMALL), *arguments, **wrong))
        assert min(errors[name] for name in errors if name != "w 2") > 1e-3, errors
        assert errors["w 2"] < 1e-12  # no spike lies between readout weights and loss


def test_the_estimator_is_this_gradient():
    params, x = problem(SMALL, 12.0, 40, 0.15)
    program = snn.Program(SMALL, x, MaxOverTime(jnp.arange(2)))
    noise, estimator = Hashed(jax.random.key(2)), snn.Surrogate(SuperSpike(10.0))
    estimate, seen = jax.jit(estimator.with_run)(program, params, noise)
    loss = lambda params: program(params, noise, snn.Spike(derivative=SuperSpike(10.0))).loss  # noqa: E731
    value, grad = jax.jit(jax.value_and_grad(loss))(params)
    assert estimate.loss == seen.loss == pytest.approx(float(value), rel=1e-12)
    for a, b in zip(jax.tree.leaves(estimate.grad), jax.tree.leaves(grad), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-15)


def test_without_a_surrogate_only_the_readout_gets_a_gradient():
    grad = gradient(SMALL, *problem(SMALL, 12.0, 40, 0.15), snn.sample, Zero())
    assert grad.pop("w 2").any()
    assert not any(w.any() for w in grad.values())
