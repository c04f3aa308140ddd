"""Directions of an update against oracles, their parts, and training along them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import snn
from beyond.experiments.boolean.between_spikes import BetweenSpikes
from beyond.experiments.boolean.boolean_tasks import TaskFamily, draw, squared
from beyond.experiments.boolean.directions import (
    MADE,
    Parts,
    direction,
    exact_gradient,
    follow,
    mean_gradient,
    wrong_patterns,
)

BETA = 3.0
SHAPE = TaskFamily(2, 2, (2, 2, 2, 1), 2.0)
# Once for all directions of one form.
gradient, mean_of, wrong, followed = map(
    jax.jit, (exact_gradient, mean_gradient, wrong_patterns, follow)
)


def at(name, task, ratio=0.5, update=0):
    """What is followed, the exact gradient, and how many patterns are wrong."""
    return followed(direction(name, BETA, ratio), BETA, SHAPE, task, (task.weights, update))


@pytest.fixture(scope="module")
def task():
    drawn = draw(SHAPE, jax.random.split(jax.random.key(3), 1))
    return jax.tree.map(lambda leaf: leaf[0], drawn)


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
    np.testing.assert_allclose(computed, enumerated, rtol=1e-9, atol=1e-12)
    # Both losses have one gradient, but no other network has.
    np.testing.assert_allclose(
        over_patterns(snn.ExactEnumeration(), task, squared(0.0)), enumerated, rtol=1e-9, atol=1e-12
    )
    assert not np.allclose(gradient(SHAPE, task.targets, task.weights, BETA / 4), enumerated)


def test_a_mean_is_that_over_all_spike_patterns(task):
    lam, oracle = 0.6, snn.Expected(snn.Surrogate(snn.surrogate.Sigmoid(BETA / 4)))
    mean = at(f"surrogate_x0.25_lambda{lam:g}", task)[0]
    expected = over_patterns(oracle, task, squared(lam))
    np.testing.assert_allclose(mean, expected, rtol=1e-9, atol=1e-12)
    assert not np.allclose(mean, over_patterns(oracle, task, squared(lam + 0.4)))


def test_added_parts_are_orthogonal_and_as_long_as_that_of_the_surrogate(task):
    made = {name: at(name, task, 0.25) for name in MADE}
    _, exact, _ = made["plus_orthogonal"]
    mean = direction("surrogate_x0.25", BETA, 0.25).mean
    g = np.asarray(mean_of(mean, SHAPE, task.targets, task.weights, BETA))
    orthogonal = g - (g @ exact) / (exact @ exact) * exact
    added = {name: np.asarray(taken - exact) for name, (taken, *_) in made.items()}
    np.testing.assert_allclose(added["plus_orthogonal"], orthogonal, rtol=1e-8)
    for name, vector in added.items():
        assert abs(vector @ exact) < 1e-12, name
        np.testing.assert_allclose(np.linalg.norm(vector), np.linalg.norm(orthogonal))
    assert not np.allclose(added["plus_linear"], added["plus_between"])
    # The whole of the surrogate's mean is not orthogonal.
    assert abs(g @ exact) > 1e-3 * np.linalg.norm(g) * np.linalg.norm(exact)


def test_without_an_exact_gradient_nothing_is_divided_by_zero():
    zero, one = jnp.zeros(3), jnp.ones(3)
    parts = Parts(zero, one, one / 2)
    for name, made in MADE.items():
        assert np.isfinite(made(parts)).all(), name
    np.testing.assert_array_equal(parts.orthogonal, one)


def test_plain_descent_takes_the_steps_it_should(task):
    tasks = jax.tree.map(lambda leaf: leaf[None], task)
    small = {"bits": 2, "ones": 2, "width": 2, "gain": 2.0, "beta": BETA, "seeds": [0]}
    training = BetweenSpikes(**small, optimiser="sgd", n_updates=6, observe_every=1)
    assert training.family == SHAPE
    flow = training.descend("exact", 0.5, tasks)
    weights = task.weights
    for seen, at in zip(flow.wrong[0], flow.weights[0], strict=True):
        np.testing.assert_allclose(at, weights, rtol=1e-12)
        np.testing.assert_allclose(seen, wrong(SHAPE, task.targets, weights, BETA))
        weights = weights - 0.5 * gradient(SHAPE, task.targets, weights, BETA)
    np.testing.assert_allclose(flow.cosine, 1)
