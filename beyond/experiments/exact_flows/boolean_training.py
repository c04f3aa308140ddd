"""What experiments on Boolean tasks have in common: networks, tasks, how they are trained."""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import jax
import numpy as np

from beyond.experiments.exact_flows.boolean_tasks import Task, TaskFamily, draw
from beyond.experiments.exact_flows.descent import Flow, Training, choose_rate, descend
from beyond.experiments.exact_flows.directions import Direction, direction
from experiments.engine.base import Experiment, param, seeds_param

MAX_WIDTH = 6
"""Transfer matrices of wider layers have more than 4096 entries, for every task and update."""
OPTIMISERS = ("adam", "sgd")


@dataclass
class BooleanTraining(Experiment):
    """Networks of binary neurons that learn random Boolean functions, and how they are trained."""

    NEEDS_X64: ClassVar[bool] = True

    bits: int = param(3, "inputs of the function", low=2, high=5)
    ones: int = param(4, "patterns for which it is 1", low=1)
    depth: int = param(2, "hidden layers", low=1, high=4)
    width: int = param(4, "neurons of each hidden layer", low=2, high=MAX_WIDTH)
    gain: float = param(
        1.0, "standard deviation of the initial weights times sqrt(fan-in)", above=0
    )
    beta: float = param(16.0, "slope of the escape noise", unit="1/potential", above=0)
    optimiser: str = param("adam", "how the direction is followed", choices=OPTIMISERS)
    epsilon: float = param(1e-8, "of Adam: much shorter directions are not followed", above=0)
    rates: list[float] = param(
        [0.003, 0.01, 0.03, 0.1], "learning rates to choose from", above=0, rising=True
    )
    n_updates: int = param(600, "updates", low=6, high=100_000)
    observe_every: int = param(20, "updates between observations", low=1, high="n_updates")
    ratio: float = param(
        0.25, "slope over that of the noise, of the surrogate that is taken apart", above=0
    )
    n_tasks: int = param(200, "tasks per seed", low=2, high=10_000)
    n_tuning: int = param(50, "other tasks, which choose the learning rates", low=1, high=10_000)
    seeds: list[int] = seeds_param()

    def validate(self, path: str) -> None:
        """Refuse functions that no such network is known to solve, and observations that miss."""
        if not 1 <= self.ones < 2**self.bits:
            allowed = f"1 to {2**self.bits - 1} of {2**self.bits} patterns"
            raise self.refusal(path, "no function to learn", "ones bits", allowed, ones=self.bits)
        if self.ones > self.width:
            raise self.refusal(
                path,
                "a task may be without a solution",
                "width ones",
                f"as many neurons as patterns that are 1, {self.ones} or more",
                **({"width": self.ones} if self.ones <= MAX_WIDTH else {"ones": self.width}),
            )
        if self.n_updates % self.observe_every:
            raise self.refusal(
                path,
                "the last update is not observed",
                "n_updates observe_every",
                "a multiple of observe_every",
                n_updates=self.n_updates // self.observe_every * self.observe_every,
            )

    @property
    def how(self) -> Training:
        """How a direction is followed, and in which networks."""
        sizes = (self.bits, *[self.width] * self.depth, 1)
        shape = TaskFamily(self.bits, self.ones, sizes, self.gain)
        return Training(
            self.optimiser, self.epsilon, self.n_updates, self.observe_every, self.beta, shape
        )

    def along(self, name: str) -> Direction:
        """Return the direction of a name."""
        return direction(name, self.beta, self.ratio)

    def tasks(self, seed: int) -> tuple[Task, Task]:
        """Return the tasks of a seed, and those that choose the learning rates."""
        keys = jax.random.split(jax.random.key(seed), self.n_tasks + self.n_tuning)
        return _apart(self.how.shape, self.n_tasks, keys)

    def trained(self, name: str, tasks: Task, tuning: Task) -> tuple[Flow, float, np.ndarray]:
        """Training along a direction, the rate chosen for it, and what each rate led to."""
        rate, tried = self.rates[0], np.array([np.nan])
        if len(self.rates) > 1:
            rate, tried = choose_rate(self.how, self.along(name), self.rates, tuning)
        return descend(self.how, self.along(name), rate, tasks), rate, tried


@partial(jax.jit, static_argnums=1)
def _apart(shape: TaskFamily, n: int, keys: jax.Array) -> tuple[Task, Task]:
    """Draw the tasks of the first n keys, and of the others.

    Together, since to compile random numbers takes longer than to draw them.
    """
    tasks = draw(shape, keys)
    first, others = (
        jax.tree.map(lambda leaf, p=p: leaf[p], tasks) for p in (slice(n), slice(n, None))
    )
    return first, others
