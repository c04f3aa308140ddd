"""Trainings of spiking networks at the rates of a grid; tuning tasks choose the rate.

Tuning tasks are trained at every rate. Judged tasks are trained at the rates that a bootstrap
sample of the tuning tasks may choose. Tasks are those of figure 9, or a picture. See
`study`.
"""

import hashlib

import numpy as np

from beyond.experiments import chosen_rates
from beyond.experiments.lif.descent import Descended, Descent, descend, final, tasks_of
from beyond.experiments.lif.lif_task import Tasks
from beyond.experiments.lif.loss_variants import ROTUNDA, painting, picture
from beyond.experiments.methods import Followed
from beyond.experiments.study import Study
from experiments.engine.experiment import Distinct, Positive, Rising, Seed, param
from experiments.spike_timing.picture import read


class RateGrid(Study, Descent):
    """Parameters of trainings at the rates of a grid."""

    paints: bool = param(
        False, "a picture as target, as in figure 6, output noise of ten times the slope"
    )
    rates: Rising[Positive] = param([0.003, 0.01, 0.03, 0.1, 0.3, 1.0], "of Adam, to choose from")
    tuning_seeds: Distinct[Seed] = param([1000, 1001], "tasks by which the rate is chosen")

    def check(self) -> None:
        """Refuse tasks for both tuning and judging, a budget without flips, and a small raster.

        Raises:
            ValueError: For a task for both, a budget that is not a trial and flips, and a raster
                too small for the picture.
        """
        chosen_rates.refuse_both(self.seeds, self.tuning_seeds)
        self.refuse_flips("budget")
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

    def train(self, method: Followed, tasks: Tasks, some: list[int], label: str) -> list[Descended]:
        """Train on all tasks at some rates.

        Args:
            method: the method whose estimates updates follow.
            tasks: the tasks.
            some: indices of rates.
            label: name of the checkpoints.
        """
        return [descend(self, method, self.rates[i], tasks, label) for i in some]


def log_losses(trainings: list[Descended]) -> np.ndarray:
    """Return the log of final over first loss, ``(training, task)``."""
    return np.stack([log_ratio(final(one.loss), one.loss[:, 0]) for one in trainings])


def log_ratio(end: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return the log of final over first loss; infinite if training diverged."""
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(end.astype(float) / first)
    return np.where(np.isfinite(log), log, np.inf)
