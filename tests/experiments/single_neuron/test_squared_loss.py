"""Under a loss that is not linear in the spike, even a perceptron's matched SG is biased."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn

TARGET = 0.25


def squared(output):
    return jnp.sum((output - TARGET) ** 2)


@pytest.mark.parametrize("p", [0.1, 0.25, 0.6])
def test_the_mean_sg_of_the_squared_loss_is_not_its_derivative(p):
    """With (S - z)^2 the mean SG is 2 (p - z) p' and the exact derivative (1 - 2 z) p'."""
    with jax.enable_x64(True):
        beta = 5.0
        network = snn.MLP((1, 1), snn.escape.Sigmoid(beta))
        program = snn.Program(network, jnp.ones(1), squared)
        params = [{"w": jnp.full((1, 1), np.log(p / (1 - p)) / beta), "b": jnp.zeros(1)}]
        slope = beta * p * (1 - p)
        mean = snn.Expected(snn.Surrogate())(program, params).grad[0]["w"].item()
        exact = snn.ExactEnumeration()(program, params).grad[0]["w"].item()
    assert np.isclose(mean, 2 * (p - TARGET) * slope, rtol=1e-12)
    assert np.isclose(exact, (1 - 2 * TARGET) * slope, rtol=1e-12)
    assert not np.isclose(mean, exact)
