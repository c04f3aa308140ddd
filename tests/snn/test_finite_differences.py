"""Finite differences: the central difference of the expected loss, and zero without noise."""

import jax
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

import snn
from snn.estimators.finite_differences import FiniteDifferences
from snn.stats import flatten
from tests.snn.problems import BATCH, exact, largest_z, mlp, moments, readout


def test_mean_is_the_central_difference_of_the_expected_loss_and_not_the_gradient():
    program, params = mlp()
    theta, unflatten = ravel_pytree(params)
    loss = jax.jit(lambda theta: snn.TransferMatrix().expected_loss(program, unflatten(theta)))
    expected = [(loss(theta + step) - loss(theta - step)) / 2 for step in np.eye(theta.size)]
    estimate = moments(FiniteDifferences(1.0), mlp(), 100 * BATCH)
    assert largest_z(estimate, expected) < 5
    assert largest_z(estimate, exact(mlp())) > 20


def test_variance_grows_like_one_over_the_step():
    """With noise of its own for each of the two runs it would grow like the square of that."""
    steps = (0.05, 0.2)
    variance = [np.sum(moments(FiniteDifferences(e), mlp(), 50 * BATCH).se ** 2) for e in steps]
    assert variance[0] / variance[1] == pytest.approx(4, rel=0.15)


def test_deterministic_networks_tell_nothing():
    problem = mlp()
    noise = snn.draw_noise(*problem, jax.random.key(0), 4)
    estimate = FiniteDifferences(0.01, snn.threshold)(*problem, noise)
    np.testing.assert_array_equal(flatten(estimate.grad), 0)
    smooth = FiniteDifferences(1e-4, snn.mean)(*problem, noise)
    np.testing.assert_allclose(
        flatten(smooth.grad), flatten(snn.MeanField()(*problem).grad), atol=1e-7
    )


def test_two_runs_per_parameter_in_batches_too():
    problem = mlp()
    noise = snn.draw_noise(*problem, jax.random.key(0), 4)
    whole, batched = FiniteDifferences(), FiniteDifferences(replay_batch=5)
    assert whole(*problem, noise).n_evaluations == 2 * flatten(problem.params).size
    np.testing.assert_array_equal(
        flatten(whole(*problem, noise).grad), flatten(batched(*problem, noise).grad)
    )


def test_exact_for_a_linear_loss():
    estimate = FiniteDifferences(0.3)(
        *readout(), snn.noise.ThreefryNoise.sample(jax.random.key(0), 2)
    )
    np.testing.assert_allclose(flatten(estimate.grad), [2, -1], rtol=1e-12)
    assert estimate.loss == pytest.approx(0.4, rel=1e-12)
