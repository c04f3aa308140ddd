"""Trainings of spiking networks at the rates of a grid; tuning tasks choose the rate.

Tuning tasks are trained at every rate. Judged tasks are trained at the rates that a bootstrap
sample of the tuning tasks may choose. Tasks are those of figure 9, or figure 6's picture. See
`chosen_rates`.
"""

import hashlib
from collections.abc import Callable, Iterable

import numpy as np

from beyond.experiments import chosen_rates
from beyond.experiments.lif.budgets import Followed
from beyond.experiments.lif.descent import Descended, Descent, descend, final, tasks_of
from beyond.experiments.lif.lif_task import Tasks
from beyond.experiments.lif.loss_variants import ROTUNDA, painting, picture
from experiments.engine.experiment import Distinct, Positive, Rising, Seed, param
from experiments.spike_timing.picture import read

TUNING, JUDGED = "tuning", "judged"
"""Roles of tasks. They name checkpoints, which tuning and judged tasks must not share."""

Train = Callable[[str, str, Iterable[int]], np.ndarray]
"""Function of an arm, a role and indices of rates; returns the log of final over first loss,
``(rate, task)``, with NaN at other rates."""


class RateGrid(Descent):
    """Parameters of trainings at the rates of a grid."""

    paints: bool = param(False, "figure 6's picture as target, output noise of ten times the slope")
    rates: Rising[Positive] = param([0.003, 0.01, 0.03, 0.1, 0.3, 1.0], "of Adam, to choose from")
    tuning_seeds: Distinct[Seed] = param([1000, 1001], "tasks by which the rate is chosen")

    def check(self) -> None:
        """Refuse tasks for both tuning and judging, and a raster too small for the picture.

        Raises:
            ValueError: For a task for both, and a raster too small.
        """
        chosen_rates.refuse_both(self.seeds, self.tuning_seeds)
        if self.paints:
            picture(self.n_outputs, self.steps)

    def input_digest(self) -> str:
        """Return a hash of the picture's file, if the picture is used."""
        return hashlib.sha256(read(ROTUNDA)).hexdigest() if self.paints else ""

    def tasks(self, seeds: list[int]) -> Tasks:
        """Return the tasks of some seeds, with the picture as target if it is used."""
        tasks = tasks_of(self, seeds)
        if self.paints:
            return painting(tasks, picture(self.n_outputs, self.steps), self.beta)
        return tasks

    def trained_at(
        self, method: Followed, tasks: Tasks, some: Iterable[int], label: str
    ) -> tuple[np.ndarray, dict[int, Descended]]:
        """Train on all tasks at some rates.

        Args:
            method: the method whose estimates updates follow.
            tasks: the tasks.
            some: indices of rates.
            label: name of the checkpoints.

        Returns:
            Log of final over first loss, ``(rate, task)``, with NaN at other rates; and the
            observations by index of the rate.
        """
        logs = np.full((len(self.rates), len(tasks.seeds)), np.nan)
        trainings = {i: descend(self, method, self.rates[i], tasks, label) for i in some}
        for i, one in trainings.items():
            logs[i] = log_ratio(final(one.loss), one.loss[:, 0])
        return logs, trainings

    def tuned(self, arms: Iterable[str], train: Train, n: int) -> tuple[np.ndarray, np.ndarray]:
        """Train tuning tasks at every rate, and judged tasks at rates that tuning may choose.

        Args:
            arms: names of the arms.
            train: the training of an arm.
            n: number of the judged tasks that are compared.

        Returns:
            Log of final over first loss of the tuning tasks, rounded as it is stored, so that later
            choices agree; and of the judged tasks. Both ``(arm, rate, task)``.
        """
        arms = list(arms)
        every = range(len(self.rates))
        tuning = np.stack([train(arm, TUNING, every) for arm in arms]).astype(np.float32)
        some = chosen_rates.candidates(tuning, n)
        return tuning, np.stack(
            [train(arm, JUDGED, rates) for arm, rates in zip(arms, some, strict=True)]
        )


def log_ratio(end: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return the log of final over first loss; infinite if training diverged."""
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(end.astype(float) / first)
    return np.where(np.isfinite(log), log, np.inf)
