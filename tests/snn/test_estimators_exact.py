"""The two exact oracles against each other, and the mean field, exact only for one layer."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn.stats import flatten
from tests.snn.problems import five_weights, mlp

ESCAPES = [snn.escape.Sigmoid(2.0), snn.escape.Gaussian(0.7), snn.escape.SuperSpike(3.0)]


def random_mlp(sizes, seed):
    """Random weights and biases, another escape noise in each layer, and a loss that mixes them."""
    key, key_x, key_loss = jax.random.split(jax.random.key(seed), 3)
    n_layers = len(sizes) - 1
    network = snn.MLP(sizes, tuple(ESCAPES[k % 3] for k in range(n_layers)), theta=0.2)
    params = network.init(key, gain=2.0)
    params = [layer | {"b": layer["b"] + 0.3 * (-1) ** k} for k, layer in enumerate(params)]
    x = jax.random.normal(key_x, (sizes[0],), jnp.float64)
    target = jax.random.normal(key_loss, (sizes[-1],), jnp.float64)
    return snn.Program(network, x, snn.losses.Squared(target)), params


@pytest.mark.parametrize(
    "problem",
    [mlp, lambda: random_mlp((3, 4), 0), lambda: random_mlp((2, 2, 3, 2, 3), 1)],
    ids=["that of other tests", "one layer", "four layers"],
)
def test_the_two_oracles_agree(problem):
    program, params = problem()
    enumeration = snn.ExactEnumeration()(program, params)
    transfer = snn.TransferMatrix()(program, params)
    assert transfer.loss == pytest.approx(float(enumeration.loss), abs=1e-10)
    difference = np.abs(flatten(transfer.grad) - flatten(enumeration.grad)).max()
    assert difference < 1e-10
    assert np.abs(flatten(transfer.grad)).max() > 1e-2


def test_enumeration_by_hand():
    """Two spikes in a row of probability 0.3 and, after a spike, 0.8: four patterns."""
    logit = lambda p: np.log(p / (1 - p))  # noqa: E731
    network = snn.MLP((1, 1, 1), snn.escape.Sigmoid(1.0))
    params = [
        {"w": jnp.zeros((1, 1)), "b": jnp.array([logit(0.3)])},
        {"w": jnp.array([[logit(0.8) - logit(0.1)]]), "b": jnp.array([logit(0.1)])},
    ]
    program = snn.Program(network, jnp.ones(1), snn.losses.Linear())
    exact = snn.ExactEnumeration()(program, params)
    assert exact.loss == pytest.approx(0.3 * 0.8 + 0.7 * 0.1)
    assert exact.grad[0]["b"][0] == pytest.approx(0.3 * 0.7 * (0.8 - 0.1))
    assert exact.grad[1]["w"][0, 0] == pytest.approx(0.3 * 0.8 * 0.2)


def test_enumeration_is_the_same_in_batches():
    whole = snn.ExactEnumeration()(*mlp())
    batched = snn.ExactEnumeration(batch_size=24)(*mlp())
    np.testing.assert_allclose(flatten(batched.grad), flatten(whole.grad), atol=1e-14)


def test_mean_field_is_the_gradient_of_the_smoothed_network():
    program, params = mlp()

    def smoothed(params):
        s = program.x
        for escape, layer in zip(program.network.escape, params, strict=True):
            s = escape.prob(s @ layer["w"] + layer["b"] - 0.1)
        return 0.5 * jnp.sum((s + 0.2) ** 2)

    loss, grad = jax.jit(jax.value_and_grad(smoothed))(params)
    estimate = snn.MeanField()(program, params)
    assert estimate.loss == pytest.approx(float(loss), rel=1e-12)
    np.testing.assert_allclose(flatten(estimate.grad), flatten(grad), atol=1e-14)
    exact = flatten(snn.ExactEnumeration()(program, params).grad)
    assert np.abs(flatten(grad) - exact).max() > 0.01


def test_mean_field_is_exact_for_one_layer_and_a_linear_loss_only():
    params = mlp().params[:1]

    def error(loss):
        program = snn.Program(snn.MLP((2, 3), snn.escape.Gaussian(0.6)), mlp().program.x, loss)
        exact, mean = (flatten(e(program, params).grad) for e in (snn.ExactEnumeration(), MEAN))
        return np.abs(mean - exact).max()

    assert error(snn.losses.Linear(jnp.array([0.5, -1.0, 2.0]))) < 1e-12
    assert error(snn.losses.Squared(jnp.array([0.5, -1.0, 2.0]))) > 0.01


MEAN = snn.MeanField()


@pytest.mark.parametrize(
    "estimator, beta, expected",
    [
        (MEAN, 100.0, -17.494980),
        (snn.Surrogate(snn.surrogate.Sigmoid(15.0), snn.mean), 100.0, -2.288998),
    ],
    ids=["true", "surrogate"],
)
def test_published_derivatives_of_the_sigmoid_network(estimator, beta, expected):
    """dy/dw at w = -0.05 in the network with v1, v2, u1, u2 = 0.05, 0.1, 1, -1."""
    problem = five_weights(beta, jnp.array([-0.05, 0.05, 0.1, 1.0, -1.0]))
    noise = snn.noise.ThreefryNoise.sample(jax.random.key(0), 1)  # has no effect
    actual = flatten(estimator(*problem, noise).grad)[0]
    assert actual == pytest.approx(expected, abs=5e-7)
