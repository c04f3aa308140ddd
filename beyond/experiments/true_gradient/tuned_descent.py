"""Descent by several methods, each at a learning rate that separate tuning tasks have chosen.

**Rule.** Every rate of a grid is tried on the tuning tasks that are not silent. The best rate has
the lowest geometric mean of final over first loss. While this rate is the lowest or the highest of
the grid, the grid is widened on that side by a factor of 3 (`WIDENING`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from beyond.experiments.chosen_rates import refuse_both
from beyond.experiments.families import estimate
from beyond.experiments.true_gradient.budgets import MATCHED, SYSTEMATIC, Followed
from beyond.experiments.true_gradient.descent import (
    Descended,
    Descent,
    descend,
    final,
    spikes_before,
    tasks_of,
)
from beyond.experiments.true_gradient.lif_task import Tasks
from experiments.engine.declare.experiment import Data, Quantity, array, band, listed, param
from experiments.engine.errors import UserError

TRAINED = {
    "methods": array("seed, method", "names"),
    "update": array("seed, observation", "updates so far"),
    "chosen_rate": array("seed, method", "learning rate"),
    "at_end": array("seed, method", "whether this rate is at an end of the rates tried"),
    "rates": array("seed, method, rate", "learning rates tried"),
    "tuning": array("seed, method, rate, task", "final over first loss with these rates"),
    "tuned_on": array("seed, task", "seeds of the tasks that chose the learning rate"),
    "loss": array("seed, method, observation", "loss, mean over test trials"),
    "final": array("seed, method", "final loss"),
    "first_spikes": array("seed, layer", "spikes per trial before training"),
    "silent": array("task", "whether the task is silent before training"),
    "n_compared": array("", "number of tasks that are not silent"),
}
"""Declarations of the arrays of every training with a tuned rate."""
WIDENING = 3.0
MIN_SPIKES = 1.0
"""Spikes per trial of all outputs together before training, below which a task is silent."""

Tried = dict[float, np.ndarray]
"""Final over first loss of every tuning task, by learning rate."""


@dataclass
class TunedDescent(Descent):
    """Parameters of the choice of learning rates."""

    learning_rates: list[float] = param(
        [0.01, 0.03, 0.1], "learning rates of Adam to choose from", above=0, rising=True
    )
    widenings: int = param(
        5, "largest number of rates that are added until the best rate is inside of the grid", low=0
    )
    tuning_seeds: list[int] = param(
        [1000, 1001],
        "seeds of tuning tasks, which choose the learning rate; silent tasks are left out",
        low=0,
        high=2**32 - 1,
    )

    def validate(self, path: str) -> None:
        """Refuse tasks that are used for both tuning and judging."""
        refuse_both(path, self.seeds, self.tuning_seeds)

    def trained(
        self, methods: Mapping[str, Followed], seeds: list[int]
    ) -> tuple[Tasks, list[Descended], list[Data]]:
        """Choose each method's rate on the tuning tasks, then train on the tasks of the seeds.

        Returns:
            The tasks of the seeds, the observations of each method, and the arrays of each task.
        """
        judged, tuning = tasks_of(self, seeds), self._tuning_tasks()
        tried, trainings = [], []
        for name, method in methods.items():
            tried.append(self._tune(name, method, tuning))
            trainings.append(descend(self, method, _best(tried[-1]), judged, name))
        loss, first = stacked(trainings, "loss"), trainings[0].spikes[:, 0].astype(np.float32)
        shared = {
            "methods": np.array(list(methods)),
            "update": np.minimum(np.arange(loss.shape[-1]) * self.chunk, self.n_updates),
            "tuned_on": np.asarray(tuning.seeds),
            **_arrays(tried),
        }
        by_task = [
            shared | {"loss": loss[i], "final": final(loss[i]), "first_spikes": first[i]}
            for i in range(len(seeds))
        ]
        return judged, trainings, by_task

    def pooled(self, data: Data) -> Data:
        """Return which tasks are silent."""
        silent = data["first_spikes"][:, -1] < MIN_SPIKES
        return {"silent": silent, "n_compared": np.array((~silent).sum())}

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return the loss before training, and final over first loss; medians over tasks."""
        quantities = {"first_loss": band(np.median(data["loss"][:, 0, 0]), 0.2, 8.0, "untrained")}
        for name, value in zip(
            listed(data, "methods"), np.median(relative(data), axis=0), strict=True
        ):
            quantities[f"{name}_final_over_first"] = band(value, 0, 1, "training must not do harm")
        return quantities

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
        return tasks.subset(np.flatnonzero(fire))

    @property
    def _nothing_to_choose(self) -> bool:
        return len(self.learning_rates) == 1 and not self.widenings

    def _tune(self, name: str, method: Followed, tasks: Tasks) -> Tried:
        """Try rates on the tuning tasks; add rates while the best is at an end."""
        if self._nothing_to_choose:
            return {self.learning_rates[0]: np.full(len(tasks.seeds), np.nan)}

        def tried(rate: float) -> np.ndarray:
            loss = descend(self, method, rate, tasks, f"{name}-tuning").loss
            return final(loss) / loss[:, 0]

        scores = {rate: tried(rate) for rate in self.learning_rates}
        for _ in range(self.widenings):
            chosen, low, high = _best(scores), min(scores), max(scores)
            if low < chosen < high:
                break
            # A grid of a single rate is widened upwards first.
            rate = high * WIDENING if chosen == high else low / WIDENING
            scores[rate] = tried(rate)
        return scores


def _best(tried: Tried) -> float:
    """Return the rate with the lowest score; if all diverged, the lowest rate."""

    def score(rate: float) -> float:
        mean = float(np.log(tried[rate]).mean())
        return mean if np.isfinite(mean) else np.inf

    return min(tried, key=lambda rate: (score(rate), rate))


def _arrays(tried: list[Tried]) -> dict[str, np.ndarray]:
    """Return the chosen rates, and all rates with their results.

    Returns:
        ``chosen_rate`` and ``at_end``, whether it is the lowest or the highest rate tried,
        ``(method,)``; ``rates``, ``(method, rate)``, in rising order, and ``tuning``,
        ``(method, rate, task)``, both filled up with NaN.
    """
    most = max(map(len, tried))
    n_tasks = len(next(iter(tried[0].values())))
    rates = np.full((len(tried), most), np.nan)
    relative = np.full((len(tried), most, n_tasks), np.nan, np.float32)
    for i, scores in enumerate(tried):
        for j, rate in enumerate(sorted(scores)):
            rates[i, j], relative[i, j] = rate, scores[rate]
    return {
        "chosen_rate": np.array([_best(scores) for scores in tried]),
        "at_end": np.array([_best(scores) in (min(scores), max(scores)) for scores in tried]),
        "rates": rates,
        "tuning": relative,
    }


def stacked(trainings: list[Descended], name: str) -> np.ndarray:
    """Return observations by name, ``(task, method, observation, ...)``."""
    return np.stack([getattr(each, name) for each in trainings], axis=1).astype(np.float32)


def matched_over_unbiased(panel: str, data: Data) -> dict[str, Quantity]:
    """Return the ratio of final losses of the matched surrogate and of unbiased gradients.

    Args:
        panel: name of the panel.
        data: its arrays, with "paired": ratios of two methods with their intervals.

    Returns:
        One quantity, or none where a method is missing.
    """
    names = listed(data, "methods")
    if not {MATCHED.name, SYSTEMATIC.name} <= set(names):
        return {}
    row = data["paired"][names.index(MATCHED.name), names.index(SYSTEMATIC.name)]
    return {f"{panel}.matched_over_unbiased": estimate(row, f"{data['n_compared']} tasks")}


def relative(data: Data) -> np.ndarray:
    """Return final over first loss, ``(task, method)``."""
    return data["final"] / data["loss"][:, :, 0]
