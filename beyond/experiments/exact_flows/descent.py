"""Training along a direction, many tasks at once, and the learning rate by tasks of their own."""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array

from beyond.experiments.exact_flows.boolean_tasks import Shape, Task, chunks
from beyond.experiments.exact_flows.directions import Direction, follow

CHUNK = 200
"""Tasks at once."""


class Optimiser(NamedTuple):
    """How a direction is followed.

    Attributes:
        name: "adam" or "sgd", plain descent.
        epsilon: Adam's: directions much shorter than it are hardly followed.
        n_updates: updates.
        every: updates between observations.
    """

    name: str
    epsilon: float
    n_updates: int
    every: int


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


def descend(
    optimiser: Optimiser,
    direction: Direction,
    rate: float | np.ndarray,
    beta: float,
    shape: Shape,
    tasks: Task,
) -> Flow:
    """Train every task from its weights on, all at one learning rate or each at its own."""
    n = len(tasks.targets)
    rates = np.broadcast_to(np.asarray(rate, float), n)
    others = (float(optimiser.epsilon), float(beta)), direction, shape
    found = [
        _descend(optimiser.name, optimiser.n_updates, *others, *chunk)
        for chunk in chunks((rates, tasks), min(CHUNK, n))
    ]
    return Flow(
        *(
            np.concatenate([np.asarray(x)[:, :: optimiser.every] for x in of])[:n]
            for of in zip(*found, strict=True)
        )
    )


@partial(jax.jit, static_argnums=(0, 1))
def _descend(
    optimiser: str,
    n_updates: int,
    numbers: tuple[Array, Array],
    direction: Direction,
    shape: Shape,
    rates: Array,
    tasks: Task,
) -> Flow:
    epsilon, beta = numbers

    def train(rate: Array, task: Task) -> Flow:
        made = optax.sgd(rate)
        if optimiser == "adam":
            made = optax.adam(rate, eps=epsilon)

        def step(carry: tuple[Array, Any], update: Array) -> tuple[Any, Flow]:
            weights, state = carry
            taken, exact, wrong = follow(direction, beta, shape, task, (weights, update))
            norm, length = jnp.linalg.norm(exact), jnp.linalg.norm(taken)
            cosine = taken @ exact / jnp.where(norm * length > 0, norm * length, 1.0)
            change: Any
            change, state = made.update(taken, state)
            return (weights + change, state), Flow(wrong, norm, cosine, weights, taken)

        carry = task.weights, made.init(task.weights)
        return jax.lax.scan(step, carry, jnp.arange(n_updates + 1))[1]

    return jax.vmap(train)(rates, tasks)


def choose_rate(
    optimiser: Optimiser,
    direction: Direction,
    rates: list[float],
    beta: float,
    shape: Shape,
    tasks: Task,
) -> tuple[float, np.ndarray]:
    """Return the rate with which fewest patterns are wrong at the end; of equals, the lowest.

    Returns:
        The rate, and the mean number of wrong patterns at each.
    """
    n = len(tasks.targets)
    repeated = jax.tree.map(lambda leaf: jnp.concatenate([leaf] * len(rates)), tasks)
    flow = descend(optimiser, direction, np.repeat(rates, n), beta, shape, repeated)
    wrong = flow.wrong[:, -1].reshape(len(rates), n).mean(axis=1)
    # NaN where training has diverged.
    each = np.where(np.isfinite(wrong), wrong, np.inf)
    return rates[int(np.argmin(each.round(9)))], each
