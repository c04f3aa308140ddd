"""SMORMS3 against its recurrence in a plain loop."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from snn.optim import smorms3

SHAPES = {"a": (3, 2), "b": (4,)}
START = {name: np.ones(shape) for name, shape in SHAPES.items()}


def gradients(n=40):
    """Gradients whose sign agrees at first and is noise later, of scales from 1e-8 to 1, and 0."""
    rng = np.random.default_rng(0)
    scale = {"a": 10.0 ** -np.arange(8.0, 2, -1).reshape(3, 2), "b": np.array([1e-2, 0.1, 1, 0])}
    return [
        {
            name: scale[name] * (rng.normal(size=shape) + (2.0 if step < n // 2 else 0.0))
            for name, shape in SHAPES.items()
        }
        for step in range(n)
    ]


def ours(grads, learning_rate=0.01):
    """Weights after every step."""
    descent = smorms3(learning_rate)
    params = jax.tree.map(jnp.asarray, START)
    state, path = descent.init(params), []
    update = jax.jit(descent.update)
    for grad in grads:
        updates, state = update(jax.tree.map(jnp.asarray, grad), state)
        params = optax.apply_updates(params, updates)
        path.append(params)
    return path


def loop(grads, learning_rate=0.01, epsilon=1e-16, late_memory=False, clip_first=True):
    """The recurrence, weight by weight."""
    path = [{name: w.copy() for name, w in START.items()} for _ in grads]
    for name, shape in SHAPES.items():
        for index in np.ndindex(shape):
            w, memory, mean, square = 1.0, 1.0, 0.0, 0.0
            for step, grad in enumerate(grads):
                g = grad[name][index]
                r = 1 / (memory + 1)
                if late_memory:  # the share of the new gradient, after the memory's update
                    memory = 1 + memory * (1 - mean**2 / (square + epsilon))
                    r = 1 / (memory + 1)
                mean = (1 - r) * mean + r * g
                square = (1 - r) * square + r * g * g
                a = mean**2 / (square + epsilon)
                if not late_memory:
                    memory = 1 + memory * (1 - a)
                size = min(a, learning_rate) if clip_first else min(1.0, a * learning_rate)
                w -= size * g / (np.sqrt(square) + epsilon)
                path[step][name][index] = w
    return path


def largest_difference(a, b):
    pairs = zip(a, b, strict=True)
    return max(np.abs(x[name] - y[name]).max() for x, y in pairs for name in SHAPES)


@pytest.mark.parametrize("learning_rate", [0.01, 0.5])
def test_it_follows_the_recurrence(learning_rate):
    grads = gradients()
    path = ours(grads, learning_rate)
    assert largest_difference(path, loop(grads, learning_rate)) < 1e-12
    for wrong in ({"epsilon": 1e-8}, {"late_memory": True}, {"clip_first": False}):
        assert largest_difference(path, loop(grads, learning_rate, **wrong)) > 1e-3, wrong
