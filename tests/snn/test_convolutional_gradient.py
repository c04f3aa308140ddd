"""The surrogate gradient through time against plain autodiff of the straightforward network."""

from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn.losses import MaxOverTime, too_many_spikes
from snn.noise import Hashed
from snn.surrogate import SuperSpike
from snn.value_object import static, value_object
from tests.snn.convolutions import library
from tests.snn.straightforward import Straightforward

SUPERSPIKE, KEY = SuperSpike(10.0), jax.random.key(2)


def by_name(grad):
    return {f"{name} {k}": w for k, layer in enumerate(grad) for name, w in layer.items()}


def gradient(network, params, x, forward, derivative=SUPERSPIKE, reset=snn.detached, weight=0.1):
    """Plain reverse mode through loss and punishment of rates; weights by layer and name."""
    spike = snn.Spike(forward, derivative, reset)

    def loss(params):
        output, trace = network(params, x, Hashed(KEY), spike)
        excess = sum(too_many_spikes(layer.s, 0.5) for layer in trace)
        return MaxOverTime(jnp.arange(x.shape[1]))(output) + weight * excess, trace

    grad, trace = jax.jit(jax.grad(loss, has_aux=True))(params)
    assert all(0.01 < np.mean(layer.s) < 0.5 for layer in trace)
    return by_name(grad)


def relative_errors(a, b):
    a, b = ({name: np.asarray(w) for name, w in grad.items()} for grad in (a, b))
    return {name: np.linalg.norm(a[name] - b[name]) / np.linalg.norm(b[name]) for name in b}


def problem(network, rate, steps, density):
    """Initial weights, and two samples of random input."""
    params = jax.jit(lambda key: network.init(key, rate, sigma_u=1.3))(jax.random.key(0))
    x = jax.random.uniform(jax.random.key(1), (steps, 2, network.n_inputs)) < density
    return params, x.astype(jnp.result_type(float))


def test_published_network_in_single_precision():
    """As in training; the strict settings come back by themselves."""
    jax.config.update("jax_enable_x64", False)
    network = snn.ConvLIFNetwork()
    arguments = *problem(network, 15.8, 50, 0.03), snn.sample
    ours = gradient(network, *arguments)
    usual = gradient(Straightforward(network), *arguments)
    assert len(usual) == 7 and usual["rec 0"].dtype == jnp.float32
    errors = relative_errors(ours, usual)
    assert max(errors.values()) < 1e-5, errors


SMALL = snn.ConvLIFNetwork(n_inputs=40, filters=(3, 4), kernels=(9, 5), strides=(2, 2), n_outputs=4)


@pytest.fixture(scope="module")
def small():
    """Weights and inputs of the small network."""
    return problem(SMALL, 12.0, 40, 0.15)


def test_the_estimator_agrees_to_rounding_and_with_another_reset_it_does_not(small):
    """`snn.Surrogate` in double precision without noise, without the punishment of rates."""
    params, x = small
    program = snn.Program(SMALL, x, MaxOverTime(jnp.arange(2)))
    surrogate = snn.Surrogate(SUPERSPIKE, snn.threshold)
    estimate, observed = jax.jit(surrogate.with_run)(program, params, Hashed(KEY))
    assert estimate.loss == observed.loss
    ours = by_name(estimate.grad)
    spike = snn.Spike(snn.threshold, SUPERSPIKE, snn.detached)
    output, trace = jax.jit(lambda w: Straightforward(SMALL)(w, x, Hashed(KEY), spike))(params)
    np.testing.assert_allclose(observed.output, output, atol=1e-14)
    for layer, other in zip(observed.trace, trace, strict=True):
        np.testing.assert_array_equal(layer.s, other.s)

    def errors(**variant):
        usual = gradient(Straightforward(SMALL), params, x, snn.threshold, weight=0.0, **variant)
        return relative_errors(ours, usual)

    assert max(errors().values()) < 1e-12
    wrong = errors(reset=snn.through)
    assert wrong.pop("w 2") < 1e-12  # no spike lies between readout weights and loss
    assert min(wrong.values()) > 1e-3, wrong


@value_object
class ByTheLibrary:
    """Convolutions by `jax.lax`, with the kernel turned round or not."""

    turned: bool = static(default=False)

    def __call__(self, conv, w):
        return partial(library, conv, w[::-1] if self.turned else w)


def test_convolutions_are_computed_as_is_asked_for(small):
    """All of them, by a way of one's own; one that is wrong gives other gradients, too."""
    arguments = *small, snn.sample
    usual = gradient(SMALL, *arguments)
    right = gradient(replace(SMALL, convolve=ByTheLibrary()), *arguments)
    wrong = gradient(replace(SMALL, convolve=ByTheLibrary(turned=True)), *arguments)
    assert max(relative_errors(right, usual).values()) < 1e-12
    assert min(relative_errors(wrong, usual).values()) > 1e-3
