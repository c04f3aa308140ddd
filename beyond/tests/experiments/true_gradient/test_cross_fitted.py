"""The gradient of the loss of the mean output: against enumeration, and without its cross-fit."""

from dataclasses import replace
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from beyond.experiments.exact_flows.boolean_tasks import TaskFamily
from beyond.experiments.exact_flows.loss_directions import LossDirection, loss_direction
from beyond.experiments.exact_flows.three_literals import draw_three_literals
from beyond.experiments.true_gradient.cross_fitted import CrossFitted
from beyond.experiments.true_gradient.lif_task import lif_task
from snn.program import Program

jax.config.update("jax_enable_x64", True)

TASK, PARAMS = lif_task(jax.random.key(4), (3, 1, 1), 7, beta=2.0, input_rate=400.0)
PARAMS = jax.tree.map(lambda w: 3 * w, PARAMS)
TASK = replace(TASK, loss=snn.losses.Squared(jnp.array([[0.0, 1, 0, 1, 1, 0, 1]]).T))
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
    estimator = CrossFitted(FLIPS)
    assert z_scores(lambda noise, key: estimator(TASK, PARAMS, noise, key)).max() < 5
    assert z_scores(lambda noise, key: own_trial_too(TASK, noise, key)).max() > 20
    assert z_scores(lambda noise, key: FLIPS(TASK, PARAMS, noise, key)).max() > 20


def test_cross_fitted_surrogates_have_the_mean_of_the_boolean_tasks():
    shape, beta = TaskFamily(3, 3, (3, 2, 1)), 3.0
    task = jax.tree.map(
        lambda leaf: leaf[0], draw_three_literals(shape, jax.random.split(jax.random.key(1), 1))
    )
    follow = jax.jit(LossDirection.follow)
    mean, usual = (
        follow(loss_direction(name, beta), beta, shape, task, (task.weights, 0))[0]
        for name in ("broad_of_response", "broad_usual")
    )
    params, network = shape.unravel(task.weights), snn.MLP(shape.sizes, snn.escape.Sigmoid(beta))
    estimator = CrossFitted(snn.Surrogate(snn.surrogate.Sigmoid(0.25 * beta)))

    @jax.jit
    def estimate(key):
        def gradient_of_pattern(x, z, own):
            program = Program(network, x, snn.losses.Squared(z[None]))
            noise = snn.draw_noise(program, params, own, 2)
            return jax.flatten_util.ravel_pytree(estimator(program, params, noise).grad)[0]

        own = jax.random.split(key, 8)
        return jax.vmap(gradient_of_pattern)(shape.patterns, task.targets, own).mean(axis=0)

    each = jax.lax.map(estimate, jax.random.split(jax.random.key(2), N), batch_size=100)
    estimated_mean = snn.stats.mean_and_se(each)
    assert np.abs(snn.stats.z_score(estimated_mean, mean)).max() < 5
    assert np.abs(snn.stats.z_score(estimated_mean, usual)).max() > 20


def test_refusals():
    noise = snn.draw_noise(TASK, PARAMS, jax.random.key(0), 2)
    one = jax.tree.map(lambda xi: xi[:1], noise)
    with pytest.raises(ValueError, match="two or more"):
        CrossFitted(snn.Surrogate())(TASK, PARAMS, one)
    with pytest.raises(TypeError, match="two or more"):
        CrossFitted(snn.Surrogate()).per_trial(TASK, PARAMS, noise)
    linear = Program(TASK.network, TASK.x, snn.losses.Linear())
    with pytest.raises(TypeError, match="Squared or VanRossum"):
        CrossFitted(snn.Surrogate())(linear, PARAMS, noise)
