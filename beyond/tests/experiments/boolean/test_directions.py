"""Directions of an update against oracles, their parts, and training along them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from beyond.experiments.boolean.between_spikes import BetweenSpikes
from beyond.experiments.boolean.boolean_tasks import Task, TaskFamily, draw, squared
from beyond.experiments.boolean.boolean_training import EPSILON
from beyond.experiments.boolean.directions import (
    PARTS,
    Vectors,
    direction,
    exact_gradient,
    mean_gradient,
    wrong_patterns,
)
from beyond.experiments.methods import Arm

BETA, GAIN = 3.0, 2.0
SHAPE = TaskFamily(2, 2, (2, 2, 2, 1))
# Once for all directions of one form.
gradient, wrong = map(jax.jit, (exact_gradient, wrong_patterns))


@jax.jit
def followed(along, task):
    return along.follow(BETA, SHAPE, task, (task.weights, 0))


def taken(task, *arm, **parts):
    """What is followed along an arm."""
    return np.asarray(followed(direction(Arm(*arm, **parts), BETA, 1), task)[0])


@pytest.fixture(scope="module")
def task():
    drawn = draw(SHAPE, jax.random.split(jax.random.key(3), 1))
    return Task(drawn.targets[0], GAIN * drawn.weights[0])


def over_patterns(oracle, task, loss):
    """An oracle's gradient, pattern by pattern."""
    params = SHAPE.unravel(task.weights)
    network = snn.MLP(SHAPE.sizes, snn.escape.Sigmoid(BETA))
    each = [
        oracle(snn.Program(network, x, loss(z)), params).grad
        for x, z in zip(SHAPE.patterns, task.targets, strict=True)
    ]
    return np.mean([np.asarray(snn.stats.flatten(grad)) for grad in each], axis=0)


def test_the_exact_gradient_is_that_of_all_spike_patterns(task):
    enumerated = over_patterns(snn.ExactEnumeration(), task, squared())
    computed = gradient(SHAPE, task.targets, task.weights, BETA)
    np.testing.assert_allclose(taken(task, "exact"), computed, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(computed, enumerated, rtol=1e-9, atol=1e-12)
    # Both losses have one gradient, but no other network has.
    np.testing.assert_allclose(
        over_patterns(snn.ExactEnumeration(), task, squared(0.0)), enumerated, rtol=1e-9, atol=1e-12
    )
    assert not np.allclose(gradient(SHAPE, task.targets, task.weights, BETA / 4), enumerated)


def test_a_mean_is_that_over_all_spike_patterns(task):
    lam, oracle = 0.6, snn.Expected(snn.Surrogate(snn.surrogate.Sigmoid(BETA / 4)))
    mean = taken(task, "usual", slope=0.25, lam=lam)
    expected = over_patterns(oracle, task, squared(lam))
    np.testing.assert_allclose(mean, expected, rtol=1e-9, atol=1e-12)
    assert not np.allclose(mean, over_patterns(oracle, task, squared(lam + 0.4)))


def test_added_parts_are_orthogonal_and_as_long_as_that_of_the_surrogate(task):
    exact = np.asarray(gradient(SHAPE, task.targets, task.weights, BETA))
    g = np.asarray(mean_gradient(BETA / 4, SHAPE, task.targets, task.weights, BETA, squared()))
    orthogonal = g - (g @ exact) / (exact @ exact) * exact
    added = {name: taken(task, name, slope=0.25) - exact for name in PARTS}
    np.testing.assert_allclose(added["plus_orthogonal"], orthogonal, rtol=1e-8)
    for name, vector in added.items():
        assert abs(vector @ exact) < 1e-12, name
        np.testing.assert_allclose(np.linalg.norm(vector), np.linalg.norm(orthogonal))
    assert not np.allclose(added["plus_linear"], added["plus_between"])
    # The whole of the surrogate's mean is not orthogonal.
    assert abs(g @ exact) > 1e-3 * np.linalg.norm(g) * np.linalg.norm(exact)


def test_without_an_exact_gradient_nothing_is_divided_by_zero():
    zero, one = jnp.zeros(3), jnp.ones(3)
    vectors = Vectors(zero, one, one / 2)
    for name, part in PARTS.items():
        assert np.isfinite(part(vectors)).all(), name
    np.testing.assert_array_equal(vectors.orthogonal, one)


def test_descent_takes_the_steps_of_adam(task):
    tasks = jax.tree.map(lambda leaf: leaf[None], task)
    small = {"bits": 2, "ones": 2, "width": 2, "beta": BETA, "seeds": [0]}
    training = BetweenSpikes(**small, n_updates=6, observe_every=1)
    assert training.family == SHAPE
    flow = training.descend("exact", 0.5, tasks)
    weights, mean, square = task.weights, 0.0, 0.0
    for update, (seen, at) in enumerate(zip(flow.wrong[0], flow.weights[0], strict=True), 1):
        np.testing.assert_allclose(at, weights, rtol=1e-9)
        np.testing.assert_allclose(seen, wrong(SHAPE, task.targets, weights, BETA), rtol=1e-9)
        grad = np.asarray(gradient(SHAPE, task.targets, weights, BETA))
        np.testing.assert_allclose(flow.taken[0, update - 1], grad, rtol=1e-9, atol=1e-12)
        mean, square = 0.9 * mean + 0.1 * grad, 0.999 * square + 0.001 * grad**2
        size = np.sqrt(square / (1 - 0.999**update)) + EPSILON
        weights = weights - 0.5 * mean / (1 - 0.9**update) / size
