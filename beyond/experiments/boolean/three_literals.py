"""Boolean functions of three literals: parity, majority, or exactly k of them.

Three of the bits are drawn, and each is negated with probability 1/2. The function is the parity of
the three literals, their majority, or whether exactly k of them are 1, with k of 1 or 2. All three
kinds are equally likely.

A solution exists with three hidden neurons: neuron j fires if at least j of the literals are 1, and
each function is a weighted sum of these three neurons, compared with a threshold.
"""

import jax
import jax.numpy as jnp
from jax import Array
from jax.flatten_util import ravel_pytree

import snn
from beyond.experiments.boolean.boolean_tasks import Task, TaskFamily

LITERALS = 3
KINDS = ("parity", "majority", "exactly")


def function(kind: Array, k: Array, patterns: Array, chosen: Array, negated: Array) -> Array:
    """Return the answers to all patterns.

    Args:
        kind: index into `KINDS`.
        k: number of literals of "exactly".
        patterns: inputs of 0 and 1, ``(pattern, bit)``.
        chosen: indices of the three bits, ``(literal,)``.
        negated: 1 for a negated bit, else 0, ``(literal,)``.

    Returns:
        Answers of 0 and 1, ``(pattern,)``.
    """
    count = jnp.abs(patterns[:, chosen] - negated[None]).sum(axis=1)
    answers = jnp.stack([count % 2 == 1, count >= 2, count == k])
    return answers[kind].astype(float)


@jax.jit
def draw_three_literals(shape: TaskFamily, keys: Array) -> Task:
    """Draw one task per key."""

    def one(key: Array) -> Task:
        of_kind, of_k, of_bits, of_signs, of_weights = jax.random.split(key, 5)
        targets = function(
            jax.random.randint(of_kind, (), 0, len(KINDS)),
            jax.random.randint(of_k, (), 1, LITERALS),
            shape.patterns,
            jax.random.permutation(of_bits, shape.bits)[:LITERALS],
            jax.random.bernoulli(of_signs, 0.5, (LITERALS,)).astype(float),
        )
        weights = ravel_pytree(snn.MLP(shape.sizes).init(of_weights))[0]
        return Task(targets, weights)

    return jax.vmap(one)(keys)
