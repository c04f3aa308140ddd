"""Training by several methods, each at the learning rate that separate tuning tasks choose.

The tuning tasks that are not silent choose each method's rate: the rate with the lowest geometric
mean of final over first loss. Intervals of ratios of final losses include the error of this choice.
P-values, of Student's t-test in pairs, are for the chosen rates. See `chosen_rates`.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from beyond.experiments import chosen_rates
from beyond.experiments.families import estimate
from beyond.experiments.lif.budgets import SYSTEMATIC, Followed
from beyond.experiments.lif.descent import Descended, final, spikes_before
from beyond.experiments.lif.lif_task import Tasks
from beyond.experiments.lif.rate_grids import JUDGED, TUNING, RateGrid
from beyond.experiments.statistics import paired_p_values
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
    "chosen_rate": array("method", "learning rate"),
    "at_end": array("method", "whether this rate is an end of the grid"),
    "paired": array("method, method, statistic", "ratio of final losses; bootstrap interval"),
    "paired_p": array("method, method", "two-sided p-value of this ratio, not corrected"),
}
"""Declarations of the arrays of every training with a tuned rate."""
MIN_SPIKES = 1.0
"""Spikes per trial of all outputs together before training, below which a task is silent."""


class AtChosen(NamedTuple):
    """Final losses of tasks that are not silent, at the chosen rates.

    Attributes:
        which: indices of the rates, ``(method,)``.
        logs: logs of final over first loss, ``(method, task)``.
        samples: bootstrap means of these logs at rates chosen anew, ``(sample, method)``.
    """

    which: np.ndarray
    logs: np.ndarray
    samples: np.ndarray


class TunedTraining(RateGrid):
    """Parameters of training by several methods at chosen rates."""

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

        def train(name: str, role: str, some: Iterable[int]) -> np.ndarray:
            if role == TUNING and len(self.rates) == 1:
                # Nothing to choose.
                return np.full((1, len(tuning_tasks.seeds)), np.nan)
            logs, runs[name] = self.trained_at(methods[name], tasks[role], some, f"{name}-{role}")
            return logs

        n = int((spikes_before(self, judged)[:, -1] >= MIN_SPIKES).sum())
        tuning, logs = self.tuned(methods, train, max(n, 1))
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

    def pooled(self, data: Data) -> Data:
        """Return silent tasks, chosen rates, and final losses in pairs with intervals."""
        silent = data["first_spikes"][:, -1] < MIN_SPIKES
        which, logs, samples = at_chosen(data)
        return {
            "silent": silent,
            "n_compared": np.array((~silent).sum()),
            "chosen_rate": data["rates"][0][which],
            "at_end": chosen_rates.at_end(which, len(data["rates"][0])),
            "paired": np.exp(chosen_rates.differences(logs, samples)),
            "paired_p": paired_p_values(np.exp(logs.T)),
        }

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
        fire = spikes_before(self, tasks)[:, -1] >= MIN_SPIKES
        if not fire.any():
            raise UserError(
                "every task by which the learning rate would be chosen is silent before training",
                f"tuning_seeds {self.tuning_seeds}, beta {self.beta:g}",
                f"one whose outputs fire {MIN_SPIKES:g} times a trial",
                f"all.tuning_seeds={list(range(1000, 1008))}".replace(" ", ""),
            )
        return tasks.subset(np.flatnonzero(fire))


def at_chosen(data: Data) -> AtChosen:
    """Return final losses of tasks that are not silent, at chosen rates and at rates chosen anew.

    Fewer than two tasks have no interval: their bootstrap samples are NaN. If all tasks are silent,
    the result has one task with unknown losses.
    """
    judged = data["first_spikes"][:, -1] >= MIN_SPIKES
    tuning = data["tuning"][0].astype(float)
    values = np.moveaxis(data["log_loss"][judged].astype(float), 0, -1)
    if not judged.any():
        values = np.full((*tuning.shape[:2], 1), np.nan)
    which = chosen_rates.chosen(tuning)
    logs = chosen_rates.at_chosen(values, which)
    if logs.shape[1] < 2:
        return AtChosen(which, logs, np.full((chosen_rates.RESAMPLES, len(which)), np.nan))
    return AtChosen(which, logs, chosen_rates.resampled(tuning, values))


def stacked(trainings: list[Descended], name: str) -> np.ndarray:
    """Return observations by name, ``(task, method, observation, ...)``."""
    return np.stack([getattr(each, name) for each in trainings], axis=1).astype(np.float32)


def over_unbiased(panel: str, data: Data) -> dict[str, Quantity]:
    """Return the final loss of SuperSpike over that of unbiased gradients, if both were trained.

    Args:
        panel: name of the panel.
        data: its arrays, with "paired": ratios of two methods with their intervals.
    """
    names = listed(data, "methods")
    if not {SYSTEMATIC.name, "super_spike"} <= set(names):
        return {}
    pair = names.index("super_spike"), names.index(SYSTEMATIC.name)
    ratio = estimate(data["paired"][pair], f"{data['n_compared']} tasks")
    return {f"{panel}.super_spike_over_unbiased": ratio}
