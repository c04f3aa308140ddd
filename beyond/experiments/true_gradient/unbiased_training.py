r"""Training of a small network of LIF neurons by several estimators, at a given cost per update.

Rules:

- **Learning rate.** As in `tuned_descent`: chosen by tuning tasks, which judge nothing.
- **Silence.** A task is silent if, before training, all outputs together fire less than once per
  trial (`MIN_SPIKES`). Silent tasks are reported, and left out of what is compared: gradients that
  need a spike have none to learn from there. What other limits (`LIMITS`) give stands beside it.
- **Frozen trainings** stay in, and are counted: see `frozen`.
- **Pairs.** Estimators are compared on the same tasks: the mean of the log ratio of final losses,
  with Student's 95 % interval over tasks, and its p-value. Of several comparisons, one is better or
  worse where Holm's correction for their number leaves p below 0.05, else undecided.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from beyond.experiments.families import corrected, decided, estimate
from beyond.experiments.statistics import paired_p_values, paired_ratios
from beyond.experiments.true_gradient.budgets import METHODS
from beyond.experiments.true_gradient.frozen import N_FLIPS, frozen, squared_norms
from beyond.experiments.true_gradient.tuned_descent import (
    TRAINED,
    TunedDescent,
    relative,
    stacked,
)
from experiments.engine.declare.experiment import Data, Quantity, array, exact, listed, param
from experiments.statistics import quartiles

REFERENCE = "stochastic_ad_systematic"
LIMITS = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0)
"""Other limits in place of `MIN_SPIKES`; at 0 no task is silent."""


@dataclass
class UnbiasedTraining(TunedDescent):
    """Descends the van Rossum distance to Poisson targets; every seed is a task of its own.

    All estimators descend on the same tasks. The learning rate of each is chosen by the tuning
    seeds alone, and then judged by the others.
    """

    estimators: list[str] = param(
        list(METHODS),
        "what is descended; _one: one run per update, _more: four budgets",
        choices=METHODS,
        distinct=True,
    )

    ARRAYS = TRAINED | {
        "evaluations": array("seed, method, observation", "runs of the network so far"),
        "spikes": array("seed, method, when, layer", "per trial, before training and at its end"),
        "undecided": array(
            "seed, method, when, layer", "sum of p (1 - p) over sites; 0: no chance"
        ),
        "squared_norm": array(
            "seed, method, when, statistic", "of the true gradient, and its error"
        ),
        "curve_quartiles": array("method, quartile, observation", "loss over that before training"),
        "paired": array(
            "method, method, statistic",
            "ratio of final losses in pairs; geometric mean, 95 % interval",
        ),
        "paired_p": array("method, method", "its two-sided p-value, not corrected"),
        "decided": array(
            "method", "whether Holm's correction tells its final loss from the reference's"
        ),
        "limits": array("limit", "of output spikes per trial, below which a task is silent"),
        "n_by_limit": array("limit", "tasks that fire at least so often"),
        "paired_by_limit": array(
            "limit, method, method, statistic", "ratio of final losses in pairs, of these tasks"
        ),
        "frozen": array("task, method", "whether the loss stands still at the end"),
    }

    def validate(self, path: str) -> None:
        """Refuse a task for both tuning and judging, and budgets that an estimator cannot use."""
        super().validate(path)
        for name in self.estimators:
            low, most = METHODS[name].budgets(self.sites)
            if low <= self.budget <= most:
                continue
            fix: dict[str, Any] = {"budget": max(low, min(self.budget, most))}
            if low > most:
                others = ",".join(other for other in self.estimators if other != name)
                fix = {"estimators": f"[{others}]"}
            allowed = f"{low} to {most}" if most < sys.maxsize else f"{low} or more"
            expected = f"{allowed}: a trial and its flips, or two trials"
            raise self.refusal(path, f"does not suit {name}", "budget", expected, **fix)

    def compute_many(self, seeds: list[int]) -> list[Data]:
        """Choose learning rates on the tuning tasks, and train with them on those of the seeds."""
        tasks, found, each = self.trained({name: METHODS[name] for name in self.estimators}, seeds)
        ends = [found[0].weights[:, 0], *(one.weights[:, -1] for one in found)]
        first, *norms = [squared_norms(tasks, at, min(N_FLIPS, self.sites)) for at in ends]
        columns = {name: stacked(found, name)[:, :, [0, -1]] for name in ("spikes", "undecided")}
        columns["squared_norm"] = np.stack([[first] * len(norms), norms], axis=2).swapaxes(0, 1)
        runs = np.array([METHODS[name].runs(self.budget) for name in self.estimators])
        return [
            data
            | {"evaluations": data["update"] * runs[:, None]}
            | {name: values[i] for name, values in columns.items()}
            for i, data in enumerate(each)
        ]

    def pooled(self, data: Data) -> Data:
        """Silent tasks, quartiles of losses, and final losses in pairs with intervals."""
        tasks, losses = super().pooled(data), relative(data)
        spikes, judged = data["first_spikes"][:, -1], ~tasks["silent"]
        fire = [spikes >= limit for limit in LIMITS]
        curves = data["loss"] / data["loss"][:, :, :1]
        return tasks | {
            "curve_quartiles": quartiles(curves[judged]),
            "paired": paired_ratios(losses[judged]),
            "paired_p": paired_p_values(losses[judged]),
            "limits": np.array(LIMITS),
            "n_by_limit": np.array([of.sum() for of in fire]),
            "paired_by_limit": np.stack([paired_ratios(losses[of]) for of in fire]),
            "frozen": frozen(data["loss"]),
        }

    def compared(self, panel: str, panels: Mapping[str, Data]) -> Data:
        """Which final losses are told from that of stochastic AD, of those of all trainings."""
        family = {
            name: data | self.pooled(data)
            for name, data in panels.items()
            if {"methods", "evaluations", "final"} <= data.keys()
        }
        names = (f"{panel}.{name}_over_{REFERENCE}" for name in listed(family[panel], "methods"))
        return {"decided": decided(self.conclusions(family), names)}

    @classmethod
    def conclusions(cls, panels: Mapping[str, Data]) -> dict[str, Quantity]:
        """Return final losses over that of unbiased training, in pairs, and frozen trainings.

        P-values are corrected for all panels and methods; panels without stochastic AD are left
        out.
        """
        found, p_values = {}, {}
        for panel, data in panels.items():
            names, tasks = listed(data, "methods"), f"{data['n_compared']} of {len(data['silent'])}"
            if REFERENCE not in names:
                continue
            reference = names.index(REFERENCE)
            frozen = data["frozen"][~data["silent"]].sum(axis=0)
            for i, name in enumerate(names):
                found[f"{panel}.{name}_frozen"] = exact(float(frozen[i]))
                if i != reference:
                    key = f"{panel}.{name}_over_{REFERENCE}"
                    found[key] = estimate(data["paired"][i, reference], f"{tasks} tasks")
                    p_values[key] = data["paired_p"][i, reference]
        return found | corrected(p_values)
