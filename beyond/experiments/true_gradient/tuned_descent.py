"""Descent by several methods, each at a learning rate that tasks of their own have chosen."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from beyond.experiments.chosen_rates import refuse_both
from beyond.experiments.true_gradient import learning_rate
from beyond.experiments.true_gradient.budgets import Followed
from beyond.experiments.true_gradient.descent import (
    Descended,
    Descent,
    descend,
    final,
    spikes_before,
    tasks_of,
)
from beyond.experiments.true_gradient.lif_task import Tasks
from experiments.engine.base import Data, Quantity, array, band, listed, param
from experiments.engine.errors import UserError

TRAINED = {
    "methods": array("seed, method", "names"),
    "update": array("seed, observation", "updates so far"),
    "chosen_rate": array("seed, method", "learning rate"),
    "at_end": array("seed, method", "whether it is at an end of the rates tried"),
    "rates": array("seed, method, rate", "learning rates tried"),
    "tuning": array("seed, method, rate, task", "final over first loss with them"),
    "tuned_on": array("seed, task", "seeds of the tasks that chose the learning rate"),
    "loss": array("seed, method, observation", "mean over test trials"),
    "final": array("seed, method", "final loss"),
    "first_spikes": array("seed, layer", "spikes per trial before training"),
    "silent": array("task", "whether nothing spikes there"),
    "n_compared": array("", "tasks that are not silent"),
}
"""Arrays of every such training."""
MIN_SPIKES = 1.0
"""A task is silent if, before training, all outputs together fire less often per trial."""


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

    def trained(
        self, methods: Mapping[str, Followed], seeds: list[int]
    ) -> tuple[Tasks, list[Descended], list[Data]]:
        """Choose each method's rate by the tuning tasks, and train by it on those of the seeds.

        Returns:
            The tasks of the seeds, what was observed of each method, and each task's arrays.
        """
        judged, tuning = tasks_of(self, seeds), self._tuning_tasks()
        tried, found = [], []
        for name, method in methods.items():
            tried.append(self._tune(name, method, tuning))
            found.append(descend(self, method, learning_rate.best(tried[-1]), judged, name))
        loss, first = stacked(found, "loss"), found[0].spikes[:, 0].astype(np.float32)
        shared = {
            "methods": np.array(list(methods)),
            "update": np.minimum(np.arange(loss.shape[-1]) * self.chunk, self.n_updates),
            "tuned_on": np.asarray(tuning.seeds),
            **learning_rate.arrays(tried),
        }
        each = [
            shared | {"loss": loss[i], "final": final(loss[i]), "first_spikes": first[i]}
            for i in range(len(seeds))
        ]
        return judged, found, each

    def pooled(self, data: Data) -> Data:
        """Tell which tasks are silent."""
        silent = data["first_spikes"][:, -1] < MIN_SPIKES
        return {"silent": silent, "n_compared": np.array((~silent).sum())}

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Loss before training, and at the end relative to it; medians over tasks."""
        found = {"first_loss": band(np.median(data["loss"][:, 0, 0]), 0.2, 8.0, "untrained")}
        for name, value in zip(
            listed(data, "methods"), np.median(relative(data), axis=0), strict=True
        ):
            found[f"{name}_final_over_first"] = band(value, 0, 1, "training must not do harm")
        return found

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


def stacked(found: list[Descended], name: str) -> np.ndarray:
    """Return what was observed, ``(task, method, observation, ...)``."""
    return np.stack([getattr(one, name) for one in found], axis=1).astype(np.float32)


def relative(data: Data) -> np.ndarray:
    """Return final over first loss, ``(task, method)``."""
    return data["final"] / data["loss"][:, :, 0]
