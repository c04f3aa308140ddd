"""Functions of three literals, against their definition."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np

from beyond.experiments.boolean.boolean_tasks import TaskFamily
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
