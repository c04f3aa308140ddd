"""Training on many Boolean tasks along a direction, at a rate chosen on separate tasks."""

from abc import abstractmethod
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array
from pydantic import Field

from beyond.experiments.boolean.boolean_tasks import Task, TaskFamily, chunks, draw
from beyond.experiments.boolean.directions import Followed, direction
from beyond.experiments.methods import Arm
from beyond.experiments.updates import begin, follow
from experiments.engine.experiment import (
    Count,
    Distinct,
    Experiment,
    Positive,
    Rising,
    Seed,
    Size,
    param,
    seeds_param,
)

MAX_WIDTH = 6
"""Largest width. Transfer matrices of wider layers have more than 4096 entries, for every task and
update.
"""
EPSILON = 1e-8
"""Of Adam: much shorter directions are not followed."""
CHUNK = 200
"""Largest number of tasks that are trained at once."""


class Flow(NamedTuple):
    """Training of each task, ``(task, observation)``; vectors have a last axis of weights.

    Attributes:
        wrong: expected number of patterns that are answered wrong.
        weights: weights at this observation.
        taken: direction that is followed.
    """

    wrong: Any
    weights: Any
    taken: Any


class BooleanTraining(Experiment):
    """Networks of binary neurons that learn random Boolean functions, and how they are trained."""

    NEEDS_X64: ClassVar[bool] = True

    bits: Annotated[int, Field(ge=2, le=5)] = param(3, "inputs of the function")
    ones: Count = param(4, "patterns for which it is 1")
    depth: Annotated[int, Field(ge=1, le=4)] = param(2, "hidden layers")
    width: Annotated[int, Field(ge=2, le=MAX_WIDTH)] = param(4, "neurons of each hidden layer")
    beta: Positive = param(16.0, "slope of the escape noise", unit="1/potential")
    rates: Rising[Positive] = param(
        [0.003, 0.01, 0.03, 0.1], "learning rates of Adam to choose from"
    )
    n_updates: Annotated[int, Field(ge=6, le=100_000)] = param(600, "updates")
    observe_every: Count = param(20, "updates between observations")
    n_tasks: Annotated[int, Field(ge=2, le=10_000)] = param(200, "tasks per seed")
    n_tuning: Size = param(50, "other tasks, which choose the learning rates")
    seeds: Distinct[Seed] = seeds_param()

    def check(self) -> None:
        """Refuse functions without a known solution, and a last update that is not observed.

        A solution is known if hidden layers have at least as many neurons as patterns that are 1.

        Raises:
            ValueError: For functions without a known solution, and for an unobserved last update.
        """
        if not self.observe_every <= self.n_updates:
            raise ValueError(
                f"observe_every is above n_updates: {self.given('observe_every', 'n_updates')}"
            )
        if not 1 <= self.ones < 2**self.bits:
            allowed = f"1 to {2**self.bits - 1} of {2**self.bits} patterns"
            raise ValueError(
                f"no function to learn: {self.given('ones', 'bits')}; expected {allowed}"
            )
        if self.ones > self.width:
            names, expected = self.given("width", "ones"), "as many neurons as patterns that are 1"
            raise ValueError(f"a task may be without a solution: {names}; expected {expected}")
        if self.n_updates % self.observe_every:
            names, expected = (
                self.given("n_updates", "observe_every"),
                "a multiple of observe_every",
            )
            raise ValueError(f"the last update is not observed: {names}; expected {expected}")

    @property
    def family(self) -> TaskFamily:
        """Properties that all tasks share."""
        sizes = (self.bits, *[self.width] * self.depth, 1)
        return TaskFamily(self.bits, self.ones, sizes)

    @abstractmethod
    def arm(self, name: str) -> Arm:
        """Return the arm of a name."""

    def tasks(self, seed: int) -> tuple[Task, Task]:
        """Return the tasks of a seed, and the tuning tasks for the learning rates."""
        keys = jax.random.split(jax.random.key(seed), self.n_tasks + self.n_tuning)
        return _apart(self.family, self.n_tasks, keys)

    def descend(self, name: str, rate: float | np.ndarray, tasks: Task) -> Flow:
        """Train every task from its weights on, at a common learning rate or a rate per task.

        Args:
            name: name of the direction.
            rate: learning rate, or one per task, ``(task,)``.
            tasks: the tasks.

        Returns:
            Wrong patterns, weights and directions along the training.
        """
        rates = np.broadcast_to(np.asarray(rate, float), len(tasks.targets))
        observed = slice(None, None, self.observe_every)
        return Flow(*self._in_chunks(Flow._fields, name, rates, tasks, observed))

    def last_wrong(
        self, name: str, tasks: Task, rates: Sequence[float] | None = None
    ) -> np.ndarray:
        """Return the wrong patterns at the end of training, ``(rate, task)``.

        If training diverges, all patterns are wrong.

        Args:
            name: name of the direction.
            tasks: the tasks.
            rates: learning rates; all of the grid by default.
        """
        tried = self.rates if rates is None else rates
        each, repeated = _at_every(tried, tasks)
        (wrong,) = self._in_chunks(("wrong",), name, each, repeated, slice(-1, None))
        wrong = wrong.reshape(len(tried), -1)
        return np.where(np.isfinite(wrong), wrong, 2.0**self.bits)

    def _in_chunks(
        self, kept: tuple[str, ...], name: str, rates: np.ndarray, tasks: Task, steps: slice
    ) -> list[np.ndarray]:
        n = len(rates)
        # The same program trains tuning and judged tasks. Repeats fill up its last chunk, which is
        # faster than to compile a second program.
        size = min(CHUNK, self.n_tasks)
        static, along = (self.n_updates, kept), direction(self.arm(name), self.beta, self.n_updates)
        others = (EPSILON, float(self.beta)), along, self.family
        results = [
            [np.asarray(x)[:, steps] for x in _descend(static, *others, *chunk)]
            for chunk in chunks((rates, tasks), size)
        ]
        return [np.concatenate(parts)[:n] for parts in zip(*results, strict=True)]


def _at_every(rates: Sequence[float], tasks: Task) -> tuple[np.ndarray, Task]:
    """Repeat the tasks for every rate; return the rate of each repeated task, and these tasks."""
    repeated = jax.tree.map(lambda leaf: jnp.concatenate([leaf] * len(rates)), tasks)
    return np.repeat(rates, len(tasks.targets)), repeated


@partial(jax.jit, static_argnums=1)
def _apart(shape: TaskFamily, n: int, keys: jax.Array) -> tuple[Task, Task]:
    """Draw the tasks of the first n keys, and the tasks of the remaining keys.

    One program draws all tasks, since compiling random numbers takes longer than drawing them.
    """
    tasks = draw(shape, keys)
    first, others = (
        jax.tree.map(lambda leaf, p=p: leaf[p], tasks) for p in (slice(n), slice(n, None))
    )
    return first, others


@partial(jax.jit, static_argnums=0)
def _descend(
    how: tuple[int, tuple[str, ...]],
    constants: tuple[Array, Array],
    along: Followed,
    shape: TaskFamily,
    rates: Array,
    tasks: Task,
) -> list[Array]:
    epsilon, beta = constants
    n_updates, kept = how

    def train(rate: Array, task: Task) -> list[Array]:
        adam = optax.adam(rate, eps=epsilon)

        def gradient(weights: Array, number: Array) -> tuple[Array, list[Array]]:
            taken, wrong = along.follow(beta, shape, task, (weights, number))
            flow = Flow(wrong, weights, taken)
            return taken, [getattr(flow, name) for name in kept]

        start = begin(adam, task.weights)
        return follow(adam, gradient, start, jnp.arange(n_updates + 1))[1]

    return jax.vmap(train)(rates, tasks)
