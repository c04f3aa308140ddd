r"""Training of a small network of LIF neurons by several estimators, at a given cost per update.

Rules:

- **Learning rate.** As in `tuned_training`: chosen by separate tuning tasks.
- **Silence.** A task is silent if, before training, all outputs together fire less than once per
  trial (`MIN_SPIKES`). Silent tasks are reported, and left out of comparisons: gradients that need
  a spike have nothing to learn from.
- **Frozen trainings** stay in, and are counted: see `frozen`.
- **Pairs.** As in `study`, by Student's test: estimators are compared with stochastic AD in the
  same tasks.
"""

import sys
from typing import Annotated

import numpy as np

from beyond.experiments.lif.frozen import frozen
from beyond.experiments.lif.tuned_training import TRAINED, TunedTraining
from beyond.experiments.methods import LIF, UNBIASED
from beyond.experiments.methods import TRAINED as METHODS
from beyond.experiments.study import DECIDED
from experiments.engine.experiment import Data, Distinct, OneOf, array, param
from experiments.statistics import quartiles


class UnbiasedTraining(TunedTraining):
    """Training on the van Rossum distance to Poisson targets; every seed is a task.

    All estimators descend on the same tasks. The tuning seeds choose each learning rate; the other
    seeds judge.
    """

    n_judged = 16

    estimators: Distinct[Annotated[str, OneOf(METHODS)]] = param(
        list(METHODS), "estimators; _one: one forward pass per update, _more: four budgets"
    )

    REFERENCE = UNBIASED
    DRAWN_BY = "by_student"
    OWN = frozenset({"methods", "evaluations", "log_loss"})
    ARRAYS = TRAINED | {
        "evaluations": array("seed, method, observation", "forward passes so far"),
        "curve_quartiles": array("method, quartile, observation", "loss over that before training"),
        "decided": DECIDED,
        "frozen": array("task, method", "whether training is frozen at the end"),
    }

    def check(self) -> None:
        """Refuse tasks for both tuning and judging, and budgets that an estimator cannot use.

        Raises:
            ValueError: For tasks for both tuning and judging, and budgets that an estimator cannot
                use.
        """
        super().check()
        for name in self.estimators:
            low, most = LIF[name].budgets(self.sites)
            if low <= self.budget <= most:
                continue
            allowed = f"{low} to {most}" if most < sys.maxsize else f"{low} or more"
            expected = f"{allowed}: a trial and its flips, or two trials"
            raise ValueError(f"does not suit {name}: {self.given('budget')}; expected {expected}")

    def compute_many(self, seeds: list[int]) -> list[Data]:
        """Choose learning rates on the tuning tasks, then train on the tasks of the seeds."""
        *_, by_task = self.trained({name: LIF[name] for name in self.estimators}, seeds)
        runs = np.array([LIF[name].runs(self.budget) for name in self.estimators])
        return [data | {"evaluations": data["update"] * runs[:, None]} for data in by_task]

    def pooled(self, data: Data) -> Data:
        """Return silent tasks, quartiles of losses, and final losses in pairs with intervals."""
        tasks = super().pooled(data)
        curves = data["loss"] / data["loss"][:, :, :1]
        return tasks | {
            "curve_quartiles": quartiles(curves[~tasks["silent"]]),
            "frozen": frozen(data["loss"]),
        }
