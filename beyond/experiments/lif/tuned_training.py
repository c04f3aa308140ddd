"""Training by several methods, each at the learning rate that separate tuning tasks choose.

The tuning tasks that are not silent choose each method's rate: the rate with the lowest geometric
mean of final over first loss. See `study`.
"""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from beyond.experiments import chosen_rates
from beyond.experiments.lif.descent import Descended, before, final
from beyond.experiments.lif.lif_task import Tasks
from beyond.experiments.lif.rate_grids import RateGrid, log_losses
from beyond.experiments.methods import Followed
from beyond.experiments.study import JUDGED, LOSSES, TUNING, Outcomes, choose, losses, tuned
from experiments.engine.errors import UserError
from experiments.engine.experiment import Data, Quantity, array, band, listed

TRAINED = {
    "methods": array("seed, method", "names"),
    "update": array("seed, observation", "updates so far"),
    "rates": array("seed, rate", "learning rates"),
    "tuning": array("seed, method, rate, tuning task", "log of final over first loss"),
    "tuned_on": array("seed, tuning task", "seeds of the tasks that chose the learning rate"),
    "log_loss": array(
        "seed, method, rate", "the same of judged tasks; NaN at rates that no draw chooses"
    ),
    "loss": array("seed, method, observation", "loss at the chosen rate, mean over test trials"),
    "final": array("seed, method", "final loss at the chosen rate"),
    "first_spikes": array("seed, layer", "spikes per trial before training"),
    "silent": array("task", "whether the task is silent before training"),
    "n_compared": array("", "number of tasks that are not silent"),
} | LOSSES
"""Declarations of the arrays of every training with a tuned rate."""
MIN_SPIKES = 1.0
"""Spikes per trial of all outputs together before training, below which a task is silent."""


class TunedTraining(RateGrid):
    """Parameters of training by several methods at chosen rates.

    Attributes:
        n_judged: number of judged tasks for which rates are chosen; see `chosen_rates.candidates`.
    """

    n_judged: ClassVar[int] = chosen_rates.JUDGED

    def trained(
        self, methods: Mapping[str, Followed], seeds: list[int]
    ) -> tuple[Tasks, list[Descended], list[Data]]:
        """Train tuning tasks at every rate, and judged tasks at rates that tuning may choose.

        Returns:
            The tasks of the seeds, the observations of each method at its chosen rate, and the
            arrays of each task.
        """
        judged, tuning_tasks = self.tasks(seeds), self._tuning_tasks()
        tasks = {TUNING: tuning_tasks, JUDGED: judged}
        runs: dict[str, dict[int, Descended]] = {}

        def train(name: str, role: str, some: list[int]) -> np.ndarray:
            if role == TUNING and len(self.rates) == 1:
                # Nothing to choose.
                return np.full((1, 1, len(tuning_tasks.seeds)), np.nan)
            trainings = self.train(methods[name], tasks[role], some, f"{name}-{role}")
            runs[name] = dict(zip(some, trainings, strict=True))
            return log_losses(trainings)[None]

        arms = dict.fromkeys(methods, [range(len(self.rates))])
        (tuning,), (logs,) = tuned(arms, train, self.n_judged)
        which = chosen_rates.chosen(tuning)
        trainings = [runs[name][i] for name, i in zip(methods, which, strict=True)]
        loss, first = stacked(trainings, "loss"), trainings[0].spikes[:, 0].astype(np.float32)
        shared = {
            "methods": np.array(list(methods)),
            "update": np.minimum(np.arange(loss.shape[-1]) * self.chunk, self.n_updates),
            "rates": np.array(self.rates),
            "tuning": tuning,
            "tuned_on": np.asarray(tuning_tasks.seeds),
        }
        by_task = [
            shared
            | {"log_loss": logs[:, :, i].astype(np.float32), "loss": loss[i]}
            | {"final": final(loss[i]), "first_spikes": first[i]}
            for i in range(len(seeds))
        ]
        return judged, trainings, by_task

    @classmethod
    def outcomes(cls, data: Data, measure: str = "") -> Outcomes:
        """Return logs of final over first losses of the tasks that are not silent.

        If all tasks are silent, the result has one task with unknown losses.
        """
        judged, tuning = ~silent(data), data["tuning"][0].astype(float)
        values = np.moveaxis(data["log_loss"][judged].astype(float), 0, -1)
        if not judged.any():
            values = np.full((*tuning.shape[:2], 1), np.nan)
        return Outcomes(listed(data, "methods"), tuning, values)

    def pooled(self, data: Data) -> Data:
        """Return silent tasks, chosen rates, and final losses in pairs with intervals."""
        is_silent = silent(data)
        compared = losses(choose(self.outcomes(data)), data["rates"][0])
        return compared | {"silent": is_silent, "n_compared": np.array((~is_silent).sum())}

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return the loss before training, and final over first loss; medians over tasks."""
        quantities = {"first_loss": band(np.median(data["loss"][:, 0, 0]), 0.2, 8.0, "untrained")}
        relative = data["final"] / data["loss"][:, :, 0]
        for name, value in zip(listed(data, "methods"), np.median(relative, axis=0), strict=True):
            quantities[f"{name}_final_over_first"] = band(value, 0, 1, "training must not do harm")
        return quantities

    def _tuning_tasks(self) -> Tasks:
        """Return the tuning tasks that are not silent; all if there is nothing to choose."""
        tasks = self.tasks(self.tuning_seeds)
        if len(self.rates) == 1:
            return tasks
        fire = before(self, tasks).spikes[:, 0, -1] >= MIN_SPIKES
        if not fire.any():
            raise UserError(
                "every task by which the learning rate would be chosen is silent before training",
                f"tuning_seeds {self.tuning_seeds}, beta {self.beta:g}",
                f"one whose outputs fire {MIN_SPIKES:g} times a trial",
                f"all.tuning_seeds={list(range(1000, 1008))}".replace(" ", ""),
            )
        return tasks.subset(np.flatnonzero(fire))


def silent(data: Data) -> np.ndarray:
    """Return which tasks are silent before training, ``(task,)``."""
    return data["first_spikes"][:, -1] < MIN_SPIKES


def stacked(trainings: list[Descended], name: str) -> np.ndarray:
    """Return observations by name, ``(task, method, observation, ...)``."""
    return np.stack([getattr(each, name) for each in trainings], axis=1).astype(np.float32)
