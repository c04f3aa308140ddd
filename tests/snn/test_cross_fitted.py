"""The gradient of the loss of the mean output: against enumeration, and without its cross-fit."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from snn.program import Program

jax.config.update("jax_enable_x64", True)

NETWORK = snn.LIFNetwork((3, 1, 1), snn.escape.Sigmoid(2.0), snn.LIF(dt=1e-3))
INPUTS = jnp.asarray(np.random.default_rng(4).random((7, 3)) < 0.4, float)
TARGET = jnp.array([[0.0, 1, 0, 1, 1, 0, 1]]).T
TASK = Program(NETWORK, INPUTS, snn.losses.Squared(TARGET))
PARAMS = jax.tree.map(lambda w: 3 * w, NETWORK.init(jax.random.key(4), 50.0))
FLIPS = snn.StochasticAD(n_flips=6, draw=snn.flips.Systematic())
N = 20_000


@cache
def exact_gradient():
    """Once, by enumeration of the mean of each output spike."""

    def mean_and_gradient(i):
        weight = jnp.zeros((7, 1)).at[i, 0].set(1.0)
        exact = snn.ExactEnumeration()(
            Program(TASK.network, TASK.x, snn.losses.Linear(weight)), PARAMS
        )
        return exact.loss, snn.stats.flatten(exact.grad)

    means, gradients = zip(*map(mean_and_gradient, range(7)), strict=True)
    by_output = jax.grad(TASK.loss)(jnp.array(means)[:, None])[:, 0]
    return np.asarray(by_output @ jnp.stack(gradients))


def own_trial_too(program, noise, key):
    """Return the estimate weighed by the mean of all trials, the trial itself among them."""
    run = jax.vmap(lambda xi: program(PARAMS, xi, snn.Spike(snn.sample)).output)
    weight = jax.grad(program.loss)(run(noise).mean(axis=0))
    linear = Program(program.network, program.x, snn.losses.Linear(weight))
    return FLIPS(linear, PARAMS, noise, key)


def z_scores(estimate):
    """Return z-scores of the mean of many estimates of two trials each."""
    noise = snn.draw_noise(TASK, PARAMS, jax.random.key(7), 2 * N)
    pairs = jax.tree.map(lambda xi: xi.reshape(N, 2, *xi.shape[1:]), noise)
    keys = jax.random.split(jax.random.key(8), N)
    each = jax.jit(
        lambda pair, key: jax.lax.map(lambda arguments: estimate(*arguments).grad, (pair, key))
    )
    mean = snn.stats.mean_and_se(snn.stats.flatten_trials(each(pairs, keys)))
    varies = np.asarray(mean.se) > 0
    return np.abs(snn.stats.z_score(mean, exact_gradient()))[varies]


def test_cross_fitted_flips_are_unbiased_and_need_the_cross_fit():
    estimator = snn.CrossFitted(FLIPS)
    assert z_scores(lambda noise, key: estimator(TASK, PARAMS, noise, key)).max() < 5
    assert z_scores(lambda noise, key: own_trial_too(TASK, noise, key)).max() > 20
    assert z_scores(lambda noise, key: FLIPS(TASK, PARAMS, noise, key)).max() > 20


def test_refusals():
    noise = snn.draw_noise(TASK, PARAMS, jax.random.key(0), 2)
    one = jax.tree.map(lambda xi: xi[:1], noise)
    with pytest.raises(ValueError, match="two or more"):
        snn.CrossFitted(snn.Surrogate())(TASK, PARAMS, one)
    with pytest.raises(TypeError, match="two or more"):
        snn.CrossFitted(snn.Surrogate()).per_trial(TASK, PARAMS, noise)
    linear = Program(TASK.network, TASK.x, snn.losses.Linear())
    with pytest.raises(TypeError, match="Squared or VanRossum"):
        snn.CrossFitted(snn.Surrogate())(linear, PARAMS, noise)
