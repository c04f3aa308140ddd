r"""Boolean functions to learn, in networks so small that every gradient is exact.

A task is a function of ``bits`` bits that is 1 for ``ones`` of the :math:`2^{bits}` patterns, drawn
uniformly among these, and a random network of `snn.MLP`. Spikes are drawn with sigmoid escape
noise. The loss is the mean over all patterns x of

.. math::
    L_x = \frac12 (s - z_x)^2, \qquad E[L] = \frac{1}{2 \cdot 2^{bits}} \sum_x P(s \ne z_x) ,

which is half the share of patterns that are answered wrong, since s and z are 0 or 1. A task is
*solved* where less than half a pattern is expected to be wrong (`SOLVED`).

A solution exists with one hidden layer of ``ones`` neurons: each detects one of the patterns, the
output is their disjunction, and further layers pass the result on.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.flatten_util import ravel_pytree

import snn
from beyond.experiments.batches import pick
from snn.value_object import static, value_object

SOLVED = 0.5


@value_object
class TaskFamily:
    """Properties that all tasks of a cell share.

    Attributes:
        bits: number of inputs.
        ones: number of patterns where the function is 1.
        sizes: sizes of the network's layers, inputs first.
    """

    bits: int = static()
    ones: int = static()
    sizes: tuple[int, ...] = static()

    @property
    def patterns(self) -> Array:
        """All inputs, ``(pattern, bit)``."""
        return (jnp.arange(2**self.bits)[:, None] >> jnp.arange(self.bits)[None] & 1).astype(float)

    def unravel(self, weights: Array) -> Any:
        """Return the parameters of the network from a vector of all weights."""
        return ravel_pytree(snn.MLP(self.sizes).init(jax.random.key(0)))[1](weights)

    def each(
        self, function: Callable[[snn.Program], Any], targets: Array, beta: Any, loss: Any
    ) -> Any:
        """Apply a function to the program of every pattern.

        Args:
            function: the function to apply to a program.
            targets: z, ``(pattern,)``.
            beta: slope of the escape noise.
            loss: function that returns the loss of the output spike from a pattern's target.

        Returns:
            The function's values, with a leading axis of patterns.
        """
        network = snn.MLP(self.sizes, snn.escape.Sigmoid(beta))
        # Only patterns are mapped: values that depend on the network alone are computed once.
        return jax.vmap(lambda x, z: function(snn.Program(network, x, loss(z))))(
            self.patterns, targets
        )

    def mean(
        self, function: Callable[[snn.Program], Any], targets: Array, beta: Any, loss: Any
    ) -> Any:
        """Return the mean over all patterns of a function's values; arguments as in `each`."""
        each = self.each(function, targets, beta, loss)
        return jax.tree.map(lambda leaf: leaf.mean(axis=0), each)


def squared(lam: Any = 1.0) -> Callable[[Array], snn.losses.Between]:
    """Return a function from the target z of a pattern to the loss of its output spike s.

    ``lam`` sets the course of the loss between spikes. At 0 the loss is linear in the spike:
    (1/2 - z) s plus a constant.
    """
    return lambda z: snn.losses.Between(snn.losses.Squared(z[None]), lam)


@value_object
class Task:
    """Task, or a batch of tasks with a leading axis.

    Attributes:
        targets: right answer to every pattern, ``(pattern,)``.
        weights: weights before training, ``(weight,)``.
    """

    targets: Array
    weights: Array


@jax.jit
def draw(shape: TaskFamily, keys: Array) -> Task:
    """Draw one task for each key."""

    def one(key: Array) -> Task:
        # Five keys, of which two are used: the committed tasks were drawn with more parts.
        of_targets, _, of_weights, *_ = jax.random.split(key, 5)
        plain = jnp.arange(2**shape.bits) < shape.ones
        targets = jax.random.permutation(of_targets, plain).astype(float)
        weights = ravel_pytree(snn.MLP(shape.sizes).init(of_weights))[0]
        return Task(targets, weights)

    return jax.vmap(one)(keys)


def chunks(batch: Any, size: int) -> list[Any]:
    """Split a batch into parts of equal size: one compiled program serves all of them.

    The last part is filled up with repeats.
    """
    n = len(jax.tree.leaves(batch)[0])
    if n == size:
        return [batch]
    order = np.arange(-(-n // size) * size) % n
    return [pick(batch, i) for i in np.split(order, -(-n // size))]
