"""Cross-fitted surrogate gradients have the exact mean along which Boolean tasks are trained."""

import jax
import numpy as np

import snn
from beyond.experiments.boolean.boolean_tasks import TaskFamily
from beyond.experiments.boolean.directions import Direction, direction
from beyond.experiments.boolean.three_literals import draw_three_literals
from beyond.experiments.methods import BOOLEAN
from snn.program import Program

jax.config.update("jax_enable_x64", True)

N = 20_000


def test_cross_fitted_surrogates_have_the_mean_of_the_boolean_tasks():
    shape, beta = TaskFamily(3, 3, (3, 2, 1)), 3.0
    task = jax.tree.map(
        lambda leaf: leaf[0], draw_three_literals(shape, jax.random.split(jax.random.key(1), 1))
    )
    follow = jax.jit(Direction.follow)
    mean, usual = (
        follow(direction(BOOLEAN[name], beta, 1), beta, shape, task, (task.weights, 0))[0]
        for name in ("broad_of_response", "broad_usual")
    )
    params, network = shape.unravel(task.weights), snn.MLP(shape.sizes, snn.escape.Sigmoid(beta))
    estimator = snn.CrossFitted(snn.Surrogate(snn.surrogate.Sigmoid(0.25 * beta)))

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
