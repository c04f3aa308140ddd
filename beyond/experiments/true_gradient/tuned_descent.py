"""Descent by several methods, each at a learning rate that tasks of their own have chosen."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from beyond.experiments.chosen_rates import refuse_both
from beyond.experiments.true_gradient import learning_rate
from beyond.experiments.true_gradient.budgets import Followed
from beyond.experiments.true_gradient.descent import (
    Descended,
    Descent,
    Tasks,
    descend,
    final,
    spikes_before,
    tasks_of,
)
from experiments.engine.base import array, param
from experiments.engine.errors import UserError

TUNING = {
    "chosen_rate": array("seed, method", "learning rate"),
    "at_end": array("seed, method", "whether it is at an end of the rates tried"),
    "rates": array("seed, method, rate", "learning rates tried"),
    "tuning": array("seed, method, rate, task", "final over first loss with them"),
    "tuned_on": array("seed, task", "seeds of the tasks that chose the learning rate"),
}
"""Arrays of how the learning rates were chosen."""
MIN_SPIKES = 1.0
"""A task is silent if, before training, all outputs together fire less often per trial."""


class Trained(NamedTuple):
    """What a method came to.

    Attributes:
        found: its training on the tasks that judge.
        rate: the learning rate.
        tried: what each rate led to on the tasks that choose.
    """

    found: Descended
    rate: float
    tried: learning_rate.Tried


@dataclass
class TunedDescent(Descent):
    """Parameters of a choice of learning rates."""

    learning_rates: list[float] = param(
        [0.01, 0.03, 0.1], "of Adam, to choose from", above=0, rising=True
    )
    widenings: int = param(
        5, "rates that are added, at most, until the best is at no end of the grid", low=0
    )
    tuning_seeds: list[int] = param(
        [1000, 1001],
        "tasks by which the learning rate is chosen; silent ones are left out",
        low=0,
        high=2**32 - 1,
    )

    def validate(self, path: str) -> None:
        """Refuse a task for both tuning and judging."""
        refuse_both(path, self.seeds, self.tuning_seeds)

    def tasks(self, seeds: list[int]) -> tuple[Tasks, Tasks]:
        """Return the tasks of some seeds, and those that choose learning rates."""
        return tasks_of(self, seeds), self._tuning_tasks()

    def trained(self, name: str, method: Followed, judged: Tasks, tuning: Tasks) -> Trained:
        """Choose a method's learning rate by the tuning tasks, and train by it on the judged."""
        tried = self._tune(name, method, tuning)
        rate = learning_rate.best(tried)
        return Trained(descend(self, method, rate, judged, name), rate, tried)

    def _tuning_tasks(self) -> Tasks:
        tasks = tasks_of(self, self.tuning_seeds)
        if self._nothing_to_choose:
            return tasks
        fire = spikes_before(self, tasks)[:, -1] >= MIN_SPIKES
        if not fire.any():
            raise UserError(
                "every task by which the learning rate would be chosen is silent before training",
                f"tuning_seeds {self.tuning_seeds}, beta {self.beta:g}",
                f"one whose outputs fire {MIN_SPIKES:g} times a trial",
                f"all.tuning_seeds={list(range(1000, 1008))}".replace(" ", ""),
            )
        return tasks.of(np.flatnonzero(fire))

    @property
    def _nothing_to_choose(self) -> bool:
        return len(self.learning_rates) == 1 and not self.widenings

    def _tune(self, name: str, method: Followed, tasks: Tasks) -> learning_rate.Tried:
        """Return the final over the first loss of the tuning tasks, by learning rate."""
        if self._nothing_to_choose:
            return {self.learning_rates[0]: np.full(len(tasks.seeds), np.nan)}

        def tried(rate: float) -> np.ndarray:
            loss = descend(self, method, rate, tasks, f"{name}-tuning").loss
            return final(loss) / loss[:, 0]

        return learning_rate.tune(tried, self.learning_rates, self.widenings)


def rates(trained: list[Trained]) -> dict[str, np.ndarray]:
    """Rates tried and chosen, as arrays with an axis of methods."""
    tried = [one.tried for one in trained]
    return {
        "chosen_rate": np.array([one.rate for one in trained]),
        "at_end": np.array([learning_rate.at_end(of) for of in tried]),
        **learning_rate.arrays(tried),
    }


def stacked(trained: list[Trained], name: str) -> np.ndarray:
    """Return what was observed, ``(task, method, observation, ...)``."""
    each = [getattr(one.found, name) for one in trained]
    return np.stack(each, axis=1).astype(np.float32)
