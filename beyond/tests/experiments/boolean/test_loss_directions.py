"""Gradients of several losses against an enumeration in NumPy, which shares no code with them."""

import itertools
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from beyond.experiments.boolean.boolean_tasks import Task, TaskFamily
from beyond.experiments.boolean.directions import Direction, direction
from beyond.experiments.methods import BOOLEAN

jax.config.update("jax_enable_x64", True)

SHAPE = TaskFamily(2, 2, (2, 3, 2, 1))
BETA = 3.0
RNG = np.random.default_rng(5)
LAYERS = [
    {"b": RNG.normal(size=n), "w": RNG.normal(size=(m, n))}
    for m, n in itertools.pairwise(SHAPE.sizes)
]
WEIGHTS = np.concatenate([part.ravel() for layer in LAYERS for part in layer.values()])
TARGETS = np.array([0.0, 1.0, 1.0, 0.0])
PATTERNS = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], float)


def layers_of(weights):
    layers, start = [], 0
    for m, n in itertools.pairwise(SHAPE.sizes):
        b, w = weights[start : start + n], weights[start + n : start + n + m * n]
        layers.append((b, w.reshape(m, n)))
        start += n + m * n
    return layers


def sigma(v):
    return 1 / (1 + np.exp(-v))


def paths(weights, x):
    """All spike patterns of the hidden layers: their probability, potentials and spikes below."""
    *hidden, (b, w) = layers_of(weights)
    states = [itertools.product((0.0, 1.0), repeat=len(bias)) for bias, _ in hidden]
    for path in itertools.product(*states):
        probability, below, seen = 1.0, x, []
        for (bias, weight), spikes in zip(hidden, map(np.array, path), strict=True):
            v = below @ weight + bias
            probability *= np.prod(np.where(spikes > 0.5, sigma(BETA * v), 1 - sigma(BETA * v)))
            seen.append((below, v))
            below = spikes
        yield probability, [*seen, (below, below @ w + b)]


def fires(weights):
    """Probability that the output fires, for every pattern."""
    each = [[q * sigma(BETA * seen[-1][1][0]) for q, seen in paths(weights, x)] for x in PATTERNS]
    return np.array([sum(probabilities) for probabilities in each])


def loss_of(name, weights):
    """Loss of which an exact gradient is the gradient."""
    p = fires(weights)
    wrong = np.abs(p - TARGETS)
    if name == "exact_of_probability":
        per_pattern = [
            sum(q * (sigma(BETA * seen[-1][1][0]) - z) ** 2 / 2 for q, seen in paths(weights, x))
            for x, z in zip(PATTERNS, TARGETS, strict=True)
        ]
        return np.mean(per_pattern)
    return {
        "exact_of_expected": wrong / 2,
        "exact_of_response": (p - TARGETS) ** 2 / 2,
        "exact_of_cross_entropy": -np.log(1 - wrong),
    }[name].mean()


def surrogate_mean(weights, slope, by_spike):
    """Mean surrogate gradient; `by_spike` is the loss's derivative, of pattern and output spike."""
    total = np.zeros_like(weights)
    parameters = layers_of(weights)
    for i, x in enumerate(PATTERNS):
        for q, seen in paths(weights, x):
            p = sigma(BETA * seen[-1][1][0])
            for spike, chance in ((1.0, q * p), (0.0, q * (1 - p))):
                cotangent, parts = np.array([by_spike(i, spike)]), []
                for (below, v), (_, w) in zip(seen[::-1], parameters[::-1], strict=True):
                    at_v = cotangent * slope * sigma(slope * v) * (1 - sigma(slope * v))
                    parts.append(np.concatenate([at_v, np.outer(below, at_v).ravel()]))
                    cotangent = w @ at_v
                total += chance * np.concatenate(parts[::-1]) / len(PATTERNS)
    return total


@cache
def by_finite_differences(name):
    step = 1e-5 * np.eye(WEIGHTS.size)
    return np.array(
        [(loss_of(name, WEIGHTS + d) - loss_of(name, WEIGHTS - d)) / 2e-5 for d in step]
    )


def in_numpy(name):
    kind, mu, ratio, *_ = BOOLEAN[name]
    p = fires(WEIGHTS)
    if kind in ("exact", "probability"):
        return by_finite_differences(name)
    if mu is None:
        errors = (p - TARGETS) / (p * (1 - p))
    else:
        errors = (0.5 - TARGETS) + mu * (p - 0.5)
    by_spike = (lambda i, s: s - TARGETS[i]) if kind == "usual" else (lambda i, s: errors[i])
    surrogate = surrogate_mean(WEIGHTS, ratio * BETA, by_spike)
    if kind == "readout":
        n = SHAPE.sizes[-2] + 1
        exact = by_finite_differences("exact_of_response")
        return np.concatenate([exact[:-n], surrogate[-n:]])
    return surrogate


@jax.jit
def compiled(along: Direction, targets, beta):
    nothing = jnp.zeros(1)
    task = Task(targets, nothing)
    return along.follow(beta, SHAPE, task, (jnp.array(WEIGHTS), 0))


def follow(name, targets=TARGETS, beta=BETA):
    return compiled(direction(BOOLEAN[name], beta, 1), targets, beta)


def relative(a, b):
    return np.linalg.norm(a - b) / np.linalg.norm(b)


@pytest.mark.parametrize("name", BOOLEAN)
def test_a_direction_is_the_enumerated_one_and_no_other_arm(name):
    taken, wrong = follow(name)
    assert relative(taken, in_numpy(name)) < 1e-7
    np.testing.assert_allclose(wrong, np.abs(fires(WEIGHTS) - TARGETS).sum(), rtol=1e-12)
    for other in set(BOOLEAN) - {name}:
        assert relative(taken, follow(other)[0]) > 1e-3


def test_a_certain_error_has_a_finite_cross_entropy():
    taken, _ = follow("exact_of_cross_entropy", 1 - TARGETS, 4000.0)
    assert np.isfinite(taken).all()
