r"""Directions for updates: exact gradients, exact means of other estimators, and their parts.

With the exact gradient h and the mean g = E[SG] of a surrogate gradient, all computed without
sampling,

.. math::
    g = g_\parallel + g_\perp, \qquad g_\parallel = \frac{g \cdot h}{|h|^2} h, \qquad
    g_\perp \cdot h = 0 .

To first order in the step, a step along any vector orthogonal to h does not change the loss.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.flatten_util import ravel_pytree

import snn
from beyond.experiments.boolean.boolean_tasks import Task, TaskFamily, squared
from beyond.experiments.methods import Method
from experiments.engine.errors import UserError, nearest
from experiments.estimators import CATALOGUE, estimator
from snn.estimators.base import Oracle
from snn.estimators.layered_mean import LayeredMean
from snn.estimators.path_sample_analytic import PathSampleAnalytic
from snn.value_object import value_object


class Parts(NamedTuple):
    """Vectors of all weights from which directions are composed.

    Attributes:
        exact: the exact gradient, h.
        mean: the mean of the surrogate gradient, g.
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


def along(vector: Array, onto: Array) -> Array:
    """Project a vector onto ``onto``; return 0 if ``onto`` has length 0."""
    square = onto @ onto
    return jnp.where(square > 0, vector @ onto / jnp.where(square > 0, square, 1.0), 0.0) * onto


def with_length(vector: Array, like: Array) -> Array:
    """Scale a vector to the length of ``like``."""
    norm = jnp.linalg.norm(vector)
    return vector * jnp.where(norm > 0, jnp.linalg.norm(like) / jnp.where(norm > 0, norm, 1.0), 0.0)


MADE: dict[str, Callable[[Parts], Array]] = {
    "plus_orthogonal": lambda p: p.exact + p.orthogonal,
    "plus_between": lambda p: p.exact + p.beside(p.mean - p.linear),
    "plus_linear": lambda p: p.exact + p.beside(p.linear),
}
"""Directions composed of the exact gradient and a surrogate's mean, by name."""

EXACT, LAMBDA = "exact", "_lambda"
DIRECTION_KINDS = (EXACT, "mean", "made")
"""Kinds of direction: the exact gradient, an estimator's mean, and compositions (`MADE`)."""


@value_object
class Direction:
    """Direction that updates follow.

    Attributes are numbers, so that one compiled program serves all directions of an estimator.

    Attributes:
        lam: course between spikes of the loss that the estimator differentiates.
        mean: the exact mean of an estimator; the exact gradient does not use this attribute.
        beta: slope of the noise for the exact gradient.
        kind: index into `DIRECTION_KINDS`.
        part: index into `MADE`.
    """

    lam: Any
    mean: Any
    beta: Any
    kind: Any = 0
    part: Any = 0

    def follow(
        self, beta: Any, shape: TaskFamily, task: Task, at: tuple[Array, Array]
    ) -> tuple[Array, Array, Array]:
        """Return the direction, the exact gradient, and the number of wrong patterns."""
        return follow(self, beta, shape, task, at)


def direction(name: str, beta: float, ratio: float) -> Direction:
    """Return the direction of a name.

    Names are "exact", a key of `MADE`, or an estimator of the catalogue with an exact mean; its
    slope is that of its `beyond.experiments.method.Method`. A last part, as ``_lambda0.5``, is the
    loss's course between spikes.

    Args:
        name: name of the direction.
        beta: slope of the escape noise.
        ratio: slope of the surrogate that `MADE` takes apart, over that of the noise.

    Raises:
        UserError: if no direction has this name.
    """
    surrogate = _mean("surrogate", ratio * beta)
    if name in MADE:
        part = list(MADE).index(name)
        return Direction(1.0, surrogate, beta, DIRECTION_KINDS.index("made"), part)
    rest, _, between = name.partition(LAMBDA)
    if rest == EXACT:
        return Direction(1.0, surrogate, beta, DIRECTION_KINDS.index(EXACT))
    method, lam = Method.from_name(rest), _number(name, between or "1")
    base = replace(method, slope=1.0).name
    if base in CATALOGUE:
        return Direction(lam, _mean(base, method.slope * beta), beta, DIRECTION_KINDS.index("mean"))
    raise _unknown(name)


def _number(name: str, factor: str) -> float:
    try:
        number = float(factor)
    except ValueError:
        number = np.nan
    if np.isfinite(number):
        return number
    raise _unknown(name)


def _unknown(name: str) -> UserError:
    fix = f"methods=[{nearest(name, [EXACT, *MADE, *CATALOGUE]) or EXACT}]"
    return UserError("no such direction", name, "exact, a part, or an estimator with a mean", fix)


def _mean(name: str, beta: float) -> Oracle:
    match sampled := estimator(name, beta=beta):
        case snn.MeanField():
            return sampled
        case snn.Surrogate(forward=snn.sample) | snn.SmoothedStochasticAD() | PathSampleAnalytic():
            return LayeredMean(sampled)
    raise UserError(
        "its mean has no exact form here", name, "sampled spikes", "methods=[surrogate]"
    )


def wrong_patterns(shape: TaskFamily, targets: Array, weights: Array, beta: Any) -> Array:
    """Return the expected number of patterns that are answered wrong, differentiable."""
    params = shape.unravel(weights)

    def expected(program: snn.Program) -> Array:
        return snn.TransferMatrix().expected_loss(program, params)

    return 2 * len(targets) * shape.mean(expected, targets, beta, squared())


def exact_gradient(shape: TaskFamily, targets: Array, weights: Array, beta: Any) -> Array:
    """Return the gradient of the expected loss, the mean over patterns."""
    return jax.grad(wrong_patterns, 2)(shape, targets, weights, beta) / (2 * len(targets))


def mean_gradient(
    mean: Oracle, shape: TaskFamily, targets: Array, weights: Array, beta: Any, lam: Any = 1.0
) -> Array:
    """Return the mean of an estimator over spikes and patterns.

    Args:
        mean: oracle of the estimator's mean.
        shape: family of the task.
        targets: targets of the patterns, ``(pattern,)``.
        weights: weights of the network, ``(weight,)``.
        beta: slope of the escape noise, 1/potential.
        lam: course of the loss between spikes; 1 is the squared loss.

    Returns:
        A vector, ``(weight,)``.
    """
    params = shape.unravel(weights)

    def gradient(program: snn.Program) -> Any:
        return mean(program, params).grad

    return ravel_pytree(shape.mean(gradient, targets, beta, squared(lam)))[0]


def follow(
    direction: Direction, beta: Any, shape: TaskFamily, task: Task, at: tuple[Array, Array]
) -> tuple[Array, Array, Array]:
    """Return the direction, the exact gradient, and the number of wrong patterns."""
    weights, _ = at
    problem = shape, task.targets, weights
    wrong, exact = jax.value_and_grad(wrong_patterns, 2)(*problem, beta)
    exact = exact / (2 * len(task.targets))

    def exactly() -> Array:
        return exact_gradient(*problem, direction.beta)

    def on_average() -> Array:
        return mean_gradient(direction.mean, *problem, beta, direction.lam)

    def from_parts() -> Array:
        linear = mean_gradient(direction.mean, *problem, beta, 0.0)
        parts = Parts(exact, on_average(), linear)
        return jax.lax.switch(direction.part, list(MADE.values()), parts)

    of_kind = {EXACT: exactly, "mean": on_average, "made": from_parts}
    taken = jax.lax.switch(direction.kind, [of_kind[kind] for kind in DIRECTION_KINDS])
    return taken, exact, wrong
