r"""Directions of updates, all without sampling: exact gradients, means of surrogates, and parts.

Let q be the probability that the output spike is right, over all spikes of the network. With
:math:`\bar p` the probability that the output fires, :math:`1 - q = |\bar p - z|`, and

.. math::
    \text{expected loss} \quad & E[\tfrac12 (s - z)^2] = \tfrac12 (1 - q) \\
    \text{loss of the mean response} \quad & \tfrac12 (\bar p - z)^2 = \tfrac12 (1 - q)^2 \\
    \text{curved} \quad & \tfrac12 [(1 - \mu) (1 - q) + \mu (1 - q)^2] \\
    \text{cross-entropy} \quad & - \log q .

The first two are the curved loss at :math:`\mu = 0` and 1. The mean surrogate gradient *of* such a
loss is its derivative by :math:`\bar p` times the mean surrogate gradient of the output spike.
The *usual* surrogate gradient differentiates :math:`\tfrac12 (s - z)^2` in every trial, or a loss
with another course :math:`\lambda` between the spikes 0 and 1.

Parts of the usual mean g are taken with respect to the exact gradient h of the expected loss:

.. math::
    g = g_\parallel + g_\perp, \qquad g_\parallel = \frac{g \cdot h}{|h|^2} h, \qquad
    g_\perp \cdot h = 0 .

To first order in the step, a step along any vector orthogonal to h does not change the loss.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.flatten_util import ravel_pytree

import snn
from beyond.experiments.boolean.boolean_tasks import Task, TaskFamily, squared
from beyond.experiments.methods import Arm
from snn.estimators.layered_mean import LayeredMean
from snn.estimators.transfer_matrix import transitions
from snn.value_object import value_object

KINDS = ("exact", "mean", "usual")
"""Ways to compute a gradient, as `methods.Arm` names them; parts are the fourth."""
LEAST = 1e-100
"""Floor of q in the cross-entropy: the square of its inverse is a finite number."""
FROM = 0.25
"""Slope at the first update of an annealed training, over that of the noise."""


@value_object
class Direction:
    """Gradient that updates follow.

    Attributes are numbers, so that one compiled program serves all directions.

    Attributes:
        kind: index into `KINDS`.
        mu: parameter of the curved loss.
        entropy: whether the loss is the cross-entropy.
        slope: slope of the surrogate derivative, 1/potential.
        lam: course between spikes of the loss that usual surrogates differentiate.
    """

    kind: Any
    mu: Any
    entropy: Any
    slope: Any
    lam: Any

    def follow(
        self, beta: Any, shape: TaskFamily, task: Task, at: tuple[Array, Array]
    ) -> tuple[Array, Array]:
        """Return the direction, and the expected number of wrong patterns.

        Args:
            beta: slope of the escape noise, 1/potential.
            shape: family of the task.
            task: one task.
            at: weights, ``(weight,)``, and the number of the update, which has no effect.
        """
        weights, _ = at
        problem = shape, task.targets
        right = right_answers(*problem, weights, beta)

        def exact() -> Array:
            return jax.grad(lambda w: self.loss(right_answers(*problem, w, beta)).mean())(weights)

        def mean() -> Array:
            signs = 2 * task.targets - 1
            by_spike = signs * jax.grad(lambda q: self.loss(q).sum())(right)
            return mean_gradient(self.slope, shape, by_spike, weights, beta, snn.losses.Linear)

        def usual() -> Array:
            return mean_gradient(self.slope, *problem, weights, beta, squared(self.lam))

        return jax.lax.switch(self.kind, [exact, mean, usual]), (1 - right).sum()

    def loss(self, right: Array) -> Array:
        """Return the loss of every pattern from the probability of a right answer."""
        wrong = 1 - right
        curved = ((1 - self.mu) * wrong + self.mu * wrong**2) / 2
        return jnp.where(self.entropy, -jnp.log(jnp.maximum(right, LEAST)), curved)


@value_object
class Annealed:
    """Gradient in noise whose slope rises during the first half of the updates.

    Attributes:
        direction: the direction at the slope of an update.
        n_updates: number of updates of a training.
    """

    direction: Direction
    n_updates: Any

    def follow(
        self, beta: Any, shape: TaskFamily, task: Task, at: tuple[Array, Array]
    ) -> tuple[Array, Array]:
        """Return the direction, and the wrong patterns at the whole slope, as `Direction` does."""
        part = jnp.minimum(1.0, FROM + (1 - FROM) * 2 * at[1] / self.n_updates)
        taken, _ = self.direction.follow(part * beta, shape, task, at)
        return taken, wrong_patterns(shape, task.targets, at[0], beta)


class Vectors(NamedTuple):
    """Vectors of all weights whose parts are added to the exact gradient.

    Attributes:
        exact: the exact gradient of the expected loss, h.
        mean: the mean of the usual surrogate gradient, g.
        linear: the mean for the loss linear in the spike, g_0; the rest of g is g_c.
    """

    exact: Array
    mean: Array
    linear: Array

    @property
    def orthogonal(self) -> Array:
        """The part of the mean orthogonal to the exact gradient."""
        return self.mean - along(self.mean, self.exact)

    def beside(self, vector: Array) -> Array:
        """Return a vector's part orthogonal to the exact gradient, as long as `orthogonal`."""
        return with_length(vector - along(vector, self.exact), self.orthogonal)


PARTS: dict[str, Callable[[Vectors], Array]] = {
    "plus_orthogonal": lambda v: v.orthogonal,
    "plus_between": lambda v: v.beside(v.mean - v.linear),
    "plus_linear": lambda v: v.beside(v.linear),
}
"""Parts of a surrogate's mean that are added to the exact gradient, by name: the orthogonal part of
g, of g_c or of g_0; all have one length."""


@value_object
class WithPart:
    """Exact gradient of the expected loss plus a part of a surrogate's mean.

    Attributes:
        part: index into `PARTS`.
        slope: slope of the surrogate derivative, 1/potential.
    """

    part: Any
    slope: Any

    def follow(
        self, beta: Any, shape: TaskFamily, task: Task, at: tuple[Array, Array]
    ) -> tuple[Array, Array]:
        """Return the direction, and the expected number of wrong patterns, as `Direction` does."""
        problem = shape, task.targets, at[0], beta
        mean, linear = (mean_gradient(self.slope, *problem, squared(lam)) for lam in (1.0, 0.0))
        vectors = Vectors(exact_gradient(*problem), mean, linear)
        part = jax.lax.switch(self.part, list(PARTS.values()), vectors)
        return vectors.exact + part, wrong_patterns(*problem)


Followed = Direction | Annealed | WithPart
"""Direction that updates follow."""


def direction(arm: Arm, beta: float, n_updates: int) -> Followed:
    """Return the direction of an arm.

    Args:
        arm: the arm.
        beta: slope of the escape noise.
        n_updates: number of updates of a training.
    """
    if arm.kind in PARTS:
        return WithPart(list(PARTS).index(arm.kind), arm.slope * beta)
    entropy, mu = arm.mu is None, arm.mu or 0.0
    plain = Direction(KINDS.index(arm.kind), mu, entropy, arm.slope * beta, arm.lam)
    return Annealed(plain, n_updates) if arm.annealed else plain


def along(vector: Array, onto: Array) -> Array:
    """Project a vector onto ``onto``; return 0 if ``onto`` has length 0."""
    square = onto @ onto
    return jnp.where(square > 0, vector @ onto / jnp.where(square > 0, square, 1.0), 0.0) * onto


def with_length(vector: Array, like: Array) -> Array:
    """Scale a vector to the length of ``like``."""
    norm = jnp.linalg.norm(vector)
    return vector * jnp.where(norm > 0, jnp.linalg.norm(like) / jnp.where(norm > 0, norm, 1.0), 0.0)


def wrong_patterns(shape: TaskFamily, targets: Array, weights: Array, beta: Any) -> Array:
    """Return the expected number of patterns that are answered wrong, differentiable."""
    return (1 - right_answers(shape, targets, weights, beta)).sum()


def exact_gradient(shape: TaskFamily, targets: Array, weights: Array, beta: Any) -> Array:
    """Return the gradient of the expected loss, the mean over patterns."""
    return jax.grad(wrong_patterns, 2)(shape, targets, weights, beta) / (2 * len(targets))


def mean_gradient(
    slope: Any, shape: TaskFamily, targets: Array, weights: Array, beta: Any, loss: Any
) -> Array:
    """Return the mean of a surrogate gradient over spikes and patterns.

    Args:
        slope: slope of the surrogate derivative, 1/potential.
        shape: family of the task.
        targets: a number for the loss of each pattern, such as its target, ``(pattern,)``.
        weights: weights of the network, ``(weight,)``.
        beta: slope of the escape noise, 1/potential.
        loss: function that returns the loss of the output spike from a pattern's number.

    Returns:
        A vector, ``(weight,)``.
    """
    estimator = LayeredMean(snn.Surrogate(snn.surrogate.Sigmoid(slope)))
    params = shape.unravel(weights)
    gradient = shape.mean(lambda p: estimator(p, params).grad, targets, beta, loss)
    return ravel_pytree(gradient)[0]


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
