"""Functions of three literals: against their definition, and each has a network that solves it."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np

from beyond.experiments.boolean.boolean_tasks import TaskFamily
from beyond.experiments.boolean.loss_directions import right_answers
from beyond.experiments.boolean.three_literals import KINDS, draw_three_literals, function

jax.config.update("jax_enable_x64", True)

SHAPE = TaskFamily(4, 3, (4, 6, 1))
PATTERNS = np.array(SHAPE.patterns)


def defined(kind, k, bits, negated):
    literals = np.array([np.abs(PATTERNS[:, b] - n) for b, n in zip(bits, negated, strict=True)])
    count = literals.sum(axis=0)
    return {"parity": count % 2 == 1, "majority": count >= 2, "exactly": count == k}[kind]


CASES = list(itertools.product(KINDS, (1, 2), ((0, 1, 2), (3, 0, 2)), ((0, 0, 0), (1, 0, 1))))


def test_functions_are_as_defined():
    for kind, k, bits, negated in CASES:
        outputs = function(KINDS.index(kind), k, PATTERNS, jnp.array(bits), jnp.array(negated))
        np.testing.assert_array_equal(outputs, defined(kind, k, bits, negated))
        flipped = 1 - np.array(negated)
        other = function(KINDS.index(kind), k, PATTERNS, jnp.array(bits), flipped)
        assert (other != outputs).any()


def test_a_task_is_one_of_them():
    possible = {
        tuple(defined(kind, k, bits, negated).astype(float))
        for kind, k in itertools.product(KINDS, (1, 2))
        for bits in itertools.permutations(range(4), 3)
        for negated in itertools.product((0, 1), repeat=3)
    }
    tasks = draw_three_literals(SHAPE, jax.random.split(jax.random.key(3), 60))
    drawn = {tuple(targets) for targets in np.asarray(tasks.targets)}
    assert drawn <= possible and len(drawn) > 20


def test_each_has_a_solution():
    """Hidden neuron j fires if at least j of the three literals are 1."""
    effects = {("parity", 1): (1, -1, 1), ("majority", 1): (0, 1, 0)}
    effects |= {("exactly", k): tuple((j == k) - (j == k + 1) for j in (1, 2, 3)) for k in (1, 2)}
    bits, negated = (3, 0, 2), np.array([1.0, 0.0, 1.0])
    for (kind, k), effect in effects.items():
        w, b = np.zeros((4, 6)), np.zeros(6)
        for j in range(3):
            w[list(bits), j] = 1 - 2 * negated
            b[j] = negated.sum() - (j + 0.5)
        v = np.array([*effect, 0, 0, 0], float)
        weights = 20 * np.concatenate([b, w.ravel(), [-0.5], v])
        for answers, right in ((defined(kind, k, bits, negated), True), (PATTERNS[:, 1], False)):
            q = right_answers(SHAPE, jnp.array(answers, float), jnp.array(weights), 4.0)
            assert bool((1 - q).sum() < 0.5) == right
