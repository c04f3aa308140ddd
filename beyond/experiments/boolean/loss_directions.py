r"""Gradients of several losses of the output's firing probability: exact, or by a surrogate.

Let q be the probability that the output spike is right, over all spikes of the network. With
:math:`\bar p` the probability that the output fires, :math:`1 - q = |\bar p - z|`, and

.. math::
    \text{expected loss} \quad & E[\tfrac12 (s - z)^2] = \tfrac12 (1 - q) \\
    \text{loss of the mean response} \quad & \tfrac12 (\bar p - z)^2 = \tfrac12 (1 - q)^2 \\
    \text{curved} \quad & \tfrac12 [(1 - \mu) (1 - q) + \mu (1 - q)^2] \\
    \text{cross-entropy} \quad & - \log q .

The first two are the curved loss at :math:`\mu = 0` and 1. The mean surrogate gradient *of* such a
loss is its derivative by :math:`\bar p` times the mean surrogate gradient of the output spike.
The *usual* surrogate gradient differentiates :math:`\tfrac12 (s - z)^2` in every trial, and the
*loss of the probability* is :math:`E[\tfrac12 (p - z)^2]` with the probability p of the output
spike given the hidden spikes.
"""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jax.flatten_util import ravel_pytree

import snn
from beyond.experiments.boolean.boolean_tasks import Task, TaskFamily, squared
from beyond.experiments.boolean.directions import exact_gradient
from beyond.experiments.methods import BOOLEAN
from experiments.engine.errors import no_such
from snn.estimators.layered_mean import LayeredMean
from snn.estimators.transfer_matrix import transitions
from snn.value_object import value_object

KINDS = ("exact", "mean", "usual")
"""Ways to compute a gradient, as `methods.Arm` names them."""
LEAST = 1e-100
"""Floor of q in the cross-entropy: the square of its inverse is a finite number."""


@value_object
class LossDirection:
    """Gradient that updates follow.

    Attributes are numbers, so that one compiled program serves all directions.

    Attributes:
        kind: index into `KINDS`.
        mu: parameter of the curved loss.
        entropy: whether the loss is the cross-entropy.
        slope: slope of the surrogate derivative, 1/potential.
    """

    kind: Any
    mu: Any
    entropy: Any
    slope: Any

    def follow(
        self, beta: Any, shape: TaskFamily, task: Task, at: tuple[Array, Array]
    ) -> tuple[Array, Array, Array]:
        """Return the direction, the exact gradient of the expected loss, and the wrong patterns.

        Args:
            beta: slope of the escape noise, 1/potential.
            shape: family of the task.
            task: one task.
            at: weights, ``(weight,)``, and the number of the update, which has no effect.

        Returns:
            Two vectors ``(weight,)`` and a number.
        """
        weights, _ = at
        problem = shape, task.targets
        right = right_answers(*problem, weights, beta)

        def exact() -> Array:
            return jax.grad(lambda w: self.loss(right_answers(*problem, w, beta)).mean())(weights)

        def mean() -> Array:
            signs = 2 * task.targets - 1
            by_spike = signs * jax.grad(lambda q: self.loss(q).sum())(right)
            return self._surrogate(shape, by_spike, snn.losses.Linear, weights, beta)

        def usual() -> Array:
            return self._surrogate(shape, task.targets, squared(), weights, beta)

        taken = jax.lax.switch(self.kind, [exact, mean, usual])
        return taken, exact_gradient(*problem, weights, beta), (1 - right).sum()

    def loss(self, right: Array) -> Array:
        """Return the loss of every pattern from the probability of a right answer."""
        wrong = 1 - right
        curved = ((1 - self.mu) * wrong + self.mu * wrong**2) / 2
        return jnp.where(self.entropy, -jnp.log(jnp.maximum(right, LEAST)), curved)

    def _surrogate(
        self, shape: TaskFamily, targets: Array, loss: Any, weights: Array, beta: Any
    ) -> Array:
        """Return the mean surrogate gradient over spikes and patterns."""
        estimator = LayeredMean(snn.Surrogate(snn.surrogate.Sigmoid(self.slope)))
        params = shape.unravel(weights)
        gradient = shape.mean(lambda p: estimator(p, params).grad, targets, beta, loss)
        return ravel_pytree(gradient)[0]


def loss_direction(name: str, beta: float) -> LossDirection:
    """Return the direction of a name.

    Args:
        name: a key of `methods.BOOLEAN`.
        beta: slope of the escape noise, 1/potential.

    Raises:
        UserError: if no direction has this name.
    """
    if name not in BOOLEAN:
        raise no_such("no such direction", name, name, BOOLEAN, "methods=[{}]")
    kind, mu, ratio = BOOLEAN[name]
    return LossDirection(KINDS.index(kind), mu or 0.0, mu is None, ratio * beta)


def right_answers(shape: TaskFamily, targets: Array, weights: Array, beta: Any) -> Array:
    """Return the probability of a right answer to each pattern, ``(pattern,)``, differentiable.

    Small probabilities keep their digits: 1 - p is computed as the probability of no spike.

    Args:
        shape: family of the task.
        targets: targets of the patterns, ``(pattern,)``.
        weights: weights of the network, ``(weight,)``.
        beta: slope of the escape noise, 1/potential.
    """
    below, v, escape = _output(shape, targets, weights, beta)
    fires, silent = escape.prob(v), escape.prob(-v)
    return jnp.where(targets > 0.5, (below * fires).sum(axis=1), (below * silent).sum(axis=1))


def _output(shape: TaskFamily, targets: Array, weights: Array, beta: Any) -> tuple:
    """Return the distribution of the last hidden layer, and the output's potential in each state.

    Returns:
        Probabilities and potentials minus threshold, ``(pattern, state)``, and the escape noise.
    """
    params = shape.unravel(weights)

    def one(program: snn.Program) -> tuple[Array, Array]:
        layers = transitions(program, params, max(shape.sizes))
        distribution = jnp.ones(1, program.x.dtype)
        for layer in layers[:-1]:
            distribution = distribution @ layer.probability
        return distribution, layers[-1].v[:, 0]

    below, v = shape.each(one, targets, beta, squared())
    return below, v, snn.escape.Sigmoid(beta)
