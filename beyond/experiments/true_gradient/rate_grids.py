"""Trainings of spiking networks at every rate of a grid; tuning tasks choose the rate.

Tasks are those of figure 9, or figure 6's picture. See `chosen_rates`.
"""

import hashlib
from dataclasses import dataclass

from beyond.experiments import chosen_rates
from beyond.experiments.true_gradient.descent import Descent, tasks_of
from beyond.experiments.true_gradient.lif_task import Tasks
from beyond.experiments.true_gradient.loss_variants import ROTUNDA, painting, picture
from experiments.engine.declare.experiment import param
from experiments.spike_timing.picture import read


@dataclass
class RateGrid(Descent):
    """Parameters of trainings at every rate of a grid."""

    paints: bool = param(False, "figure 6's picture as target, output noise of ten times the slope")
    rates: list[float] = param(
        [0.003, 0.01, 0.03, 0.1, 0.3, 1.0], "of Adam, to choose from", above=0, rising=True
    )
    tuning_seeds: list[int] = param(
        [1000, 1001], "tasks by which the rate is chosen", low=0, high=2**32 - 1, distinct=True
    )

    def validate(self, path: str) -> None:
        """Refuse tasks for both tuning and judging, and a raster too small for the picture.

        Raises:
            UserError: For a task for both, and a raster too small.
        """
        chosen_rates.refuse_both(path, self.seeds, self.tuning_seeds)
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
