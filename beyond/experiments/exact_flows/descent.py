"""Training along a direction, many tasks at once, and the learning rate by tasks of their own."""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array

from beyond.experiments.exact_flows.boolean_tasks import Task, TaskFamily, chunks
from beyond.experiments.exact_flows.directions import Direction, follow

CHUNK = 200
"""Tasks at once."""


class Training(NamedTuple):
    """How a direction is followed, and in which networks.

    Attributes:
        optimiser: "adam" or "sgd", plain descent.
        epsilon: Adam's: directions much shorter than it are hardly followed.
        n_updates: updates.
        every: updates between observations.
        beta: slope of the escape noise.
        shape: of the tasks.
    """

    optimiser: str
    epsilon: float
    n_updates: int
    every: int
    beta: float
    shape: TaskFamily


class Flow(NamedTuple):
    """Training of each task, ``(task, observation)``; vectors have a last axis of weights.

    Attributes:
        wrong: patterns that are expected to be answered wrong.
        norm: length of the exact gradient.
        cosine: of what is followed and the exact gradient.
        weights: where it is.
        taken: what is followed.
    """

    wrong: Any
    norm: Any
    cosine: Any
    weights: Any
    taken: Any


def descend(how: Training, direction: Direction, rate: float | np.ndarray, tasks: Task) -> Flow:
    """Train every task from its weights on, all at one learning rate or each at its own."""
    rates = np.broadcast_to(np.asarray(rate, float), len(tasks.targets))
    every = slice(None, None, how.every)
    return Flow(*_in_chunks(how, Flow._fields, direction, rates, tasks, every))


def last_wrong(how: Training, direction: Direction, rates: list[float], tasks: Task) -> np.ndarray:
    """Return the wrong patterns at the end of training at every rate, ``(rate, task)``.

    Where training has diverged, all are.
    """
    each, repeated = _at_every(rates, tasks)
    (wrong,) = _in_chunks(how, ("wrong",), direction, each, repeated, slice(-1, None))
    wrong = wrong.reshape(len(rates), -1)
    return np.where(np.isfinite(wrong), wrong, 2.0**how.shape.bits)


def choose_rate(
    how: Training, direction: Direction, rates: list[float], tasks: Task
) -> tuple[float, np.ndarray]:
    """Return the rate with which fewest patterns are wrong at the end; of equals, the lowest.

    Returns:
        The rate, and the mean number of wrong patterns at each.
    """
    # As the tasks that judge are trained: one compilation.
    flow = descend(how, direction, *_at_every(rates, tasks))
    wrong = flow.wrong[:, -1].reshape(len(rates), -1).mean(axis=1)
    # NaN where training has diverged.
    each = np.where(np.isfinite(wrong), wrong, np.inf)
    return rates[int(np.argmin(each.round(9)))], each


def _at_every(rates: list[float], tasks: Task) -> tuple[np.ndarray, Task]:
    """Return the rate of each task, and the tasks, once for every rate."""
    repeated = jax.tree.map(lambda leaf: jnp.concatenate([leaf] * len(rates)), tasks)
    return np.repeat(rates, len(tasks.targets)), repeated


def _in_chunks(
    how: Training,
    kept: tuple[str, ...],
    direction: Direction,
    rates: np.ndarray,
    tasks: Task,
    steps: slice,
) -> list[np.ndarray]:
    n = len(rates)
    static = how.optimiser, how.n_updates, kept
    others = (float(how.epsilon), float(how.beta)), direction, how.shape
    found = [
        [np.asarray(x)[:, steps] for x in _descend(static, *others, *chunk)]
        for chunk in chunks((rates, tasks), min(CHUNK, n))
    ]
    return [np.concatenate(parts)[:n] for parts in zip(*found, strict=True)]


@partial(jax.jit, static_argnums=0)
def _descend(
    how: tuple[str, int, tuple[str, ...]],
    numbers: tuple[Array, Array],
    direction: Direction,
    shape: TaskFamily,
    rates: Array,
    tasks: Task,
) -> list[Array]:
    epsilon, beta = numbers
    optimiser, n_updates, kept = how

    def train(rate: Array, task: Task) -> list[Array]:
        made = optax.sgd(rate)
        if optimiser == "adam":
            made = optax.adam(rate, eps=epsilon)

        def step(carry: tuple[Array, Any], update: Array) -> tuple[Any, list[Array]]:
            weights, state = carry
            taken, exact, wrong = follow(direction, beta, shape, task, (weights, update))
            norm, length = jnp.linalg.norm(exact), jnp.linalg.norm(taken)
            cosine = taken @ exact / jnp.where(norm * length > 0, norm * length, 1.0)
            change: Any
            change, state = made.update(taken, state)
            flow = Flow(wrong, norm, cosine, weights, taken)
            return (weights + change, state), [getattr(flow, name) for name in kept]

        carry = task.weights, made.init(task.weights)
        return jax.lax.scan(step, carry, jnp.arange(n_updates + 1))[1]

    return jax.vmap(train)(rates, tasks)
