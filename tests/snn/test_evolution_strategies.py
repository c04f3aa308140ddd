"""Evolution strategies: unbiased for the smoothed loss, biased by order sigma^2 for the loss."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn.estimators.evolution_strategies import EvolutionStrategies
from snn.stats import flatten, mean_and_se, z_score
from tests.snn.problems import BATCH, mean_gradient, readout

SIGMA = 0.5


def neuron() -> tuple[snn.Program, list]:
    """One neuron with one weight, so that the smoothed loss is a one-dimensional integral."""
    network = snn.MLP((1, 1), snn.escape.Sigmoid(4.0), bias=False)
    program = snn.Program(network, jnp.ones(1), snn.losses.Squared(jnp.array([0.2])))
    return program, [{"w": jnp.array([[0.6]])}]


def smoothed_gradient(program, params) -> float:
    """Gauss-Hermite quadrature of the exact gradient over the perturbation."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    exact = snn.ExactEnumeration()
    gradients = [exact(program, [{"w": params[0]["w"] + SIGMA * x}]).grad[0]["w"] for x in nodes]
    return float(np.dot(weights, np.ravel(gradients)) / weights.sum())


@pytest.mark.parametrize("n_perturbations", [1, 3])
def test_unbiased_for_the_smoothed_loss_and_biased_for_the_loss(n_perturbations):
    program, params = neuron()
    noise = snn.draw_noise(program, params, jax.random.key(1), 30 * BATCH)
    estimator = EvolutionStrategies(SIGMA, n_perturbations)
    each = estimator.per_trial(program, params, noise, jax.random.key(2))
    mean = mean_gradient(each.grad)
    smoothed = smoothed_gradient(program, params)
    assert abs(z_score(mean, smoothed).item()) < 5
    # Power: neither the gradient at zero width nor an error of 20 % would pass.
    assert abs(z_score(mean, flatten(snn.ExactEnumeration()(program, params).grad)).item()) > 10
    assert abs(z_score(mean, 1.2 * smoothed).item()) > 10
    assert np.all(each.n_evaluations == 2 * n_perturbations)


def test_each_perturbation_is_drawn_and_the_loss_is_the_mean_of_its_pair():
    """A linear loss has variance in proportion to 1/m, and pairs whose mean is the loss itself."""
    noise = snn.noise.ThreefryNoise.sample(jax.random.key(0), 40 * BATCH)

    def per_trial(m):
        return EvolutionStrategies(SIGMA, m).per_trial(*readout(), noise, jax.random.key(1))

    one, four = per_trial(1), per_trial(4)
    np.testing.assert_allclose(four.loss, 0.4, rtol=1e-12)
    mean = mean_and_se(four.grad["w"])
    assert np.abs(z_score(mean, np.array([2.0, -1.0]))).max() < 5
    ratio = np.var(one.grad["w"], axis=0) / np.var(four.grad["w"], axis=0)
    np.testing.assert_allclose(ratio, 4, rtol=0.1)
