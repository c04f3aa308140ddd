r"""Training of a small network of LIF neurons by several estimators, at a given cost per update.

Rules:

- **Learning rate.** As in `tuned_training`: chosen by separate tuning tasks.
- **Silence.** A task is silent if, before training, all outputs together fire less than once per
  trial (`MIN_SPIKES`). Silent tasks are reported, and left out of comparisons: gradients that need
  a spike have nothing to learn from.
- **Frozen trainings** stay in, and are counted: see `frozen`.
- **Pairs.** Estimators are compared on the same tasks: the mean of the log ratio of final losses,
  with a 95 % interval that includes the choice of the rate, and Student's p-value. An estimator is
  better or worse if the interval lies on one side of 1 and p, corrected by Holm's procedure for the
  number of comparisons, is below 0.05, else undecided.
"""

import sys
from collections.abc import Mapping
from typing import Annotated

import numpy as np

from beyond.experiments.families import corrected, decided, estimate, excluded
from beyond.experiments.lif.budgets import METHODS
from beyond.experiments.lif.frozen import frozen
from beyond.experiments.lif.tuned_training import TRAINED, TunedTraining
from experiments.engine.experiment import (
    Data,
    Distinct,
    OneOf,
    Quantity,
    array,
    exact,
    listed,
    param,
)
from experiments.statistics import quartiles

REFERENCE = "stochastic_ad_systematic"


class UnbiasedTraining(TunedTraining):
    """Training on the van Rossum distance to Poisson targets; every seed is a task.

    All estimators descend on the same tasks. The tuning seeds choose each learning rate; the other
    seeds judge.
    """

    estimators: Distinct[Annotated[str, OneOf(METHODS)]] = param(
        list(METHODS), "estimators; _one: one forward pass per update, _more: four budgets"
    )

    ARRAYS = TRAINED | {
        "evaluations": array("seed, method, observation", "forward passes so far"),
        "curve_quartiles": array("method, quartile, observation", "loss over that before training"),
        "decided": array(
            "method",
            "whether the final loss differs from the reference's, by interval and Holm's procedure",
        ),
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
            low, most = METHODS[name].budgets(self.sites)
            if low <= self.budget <= most:
                continue
            allowed = f"{low} to {most}" if most < sys.maxsize else f"{low} or more"
            expected = f"{allowed}: a trial and its flips, or two trials"
            raise ValueError(f"does not suit {name}: {self.given('budget')}; expected {expected}")

    def compute_many(self, seeds: list[int]) -> list[Data]:
        """Choose learning rates on the tuning tasks, then train on the tasks of the seeds."""
        *_, by_task = self.trained({name: METHODS[name] for name in self.estimators}, seeds)
        runs = np.array([METHODS[name].runs(self.budget) for name in self.estimators])
        return [data | {"evaluations": data["update"] * runs[:, None]} for data in by_task]

    def pooled(self, data: Data) -> Data:
        """Return silent tasks, quartiles of losses, and final losses in pairs with intervals."""
        tasks = super().pooled(data)
        curves = data["loss"] / data["loss"][:, :, :1]
        return tasks | {
            "curve_quartiles": quartiles(curves[~tasks["silent"]]),
            "frozen": frozen(data["loss"]),
        }

    def compared(self, panel: str, panels: Mapping[str, Data]) -> Data:
        """Return which final losses differ from the loss of stochastic AD, corrected over all."""
        family = {
            name: data | self.pooled(data)
            for name, data in panels.items()
            if {"methods", "evaluations", "log_loss"} <= data.keys()
        }
        names = [f"{panel}.{name}_over_{REFERENCE}" for name in listed(family[panel], "methods")]
        quantities = self.conclusions(family)
        return {"decided": decided(quantities, names) & excluded(quantities, names, 1.0)}

    @classmethod
    def conclusions(cls, panels: Mapping[str, Data]) -> dict[str, Quantity]:
        """Return final losses over that of unbiased training, in pairs, and frozen trainings.

        P-values are corrected for all panels and methods; panels without stochastic AD are left
        out.
        """
        quantities, p_values = {}, {}
        for panel, data in panels.items():
            names, tasks = listed(data, "methods"), f"{data['n_compared']} of {len(data['silent'])}"
            if REFERENCE not in names:
                continue
            reference = names.index(REFERENCE)
            frozen = data["frozen"][~data["silent"]].sum(axis=0)
            for i, name in enumerate(names):
                quantities[f"{panel}.{name}_frozen"] = exact(float(frozen[i]))
                if i != reference:
                    key = f"{panel}.{name}_over_{REFERENCE}"
                    quantities[key] = estimate(data["paired"][i, reference], f"{tasks} tasks")
                    p_values[key] = data["paired_p"][i, reference]
        return quantities | corrected(p_values)
