r"""Training of a small network of LIF neurons by several estimators, at a given cost per update.

Rules:

- **Learning rate.** As in `learning_rate`: chosen by tuning tasks, which judge nothing.
- **Silence.** A task is silent if, before training, all outputs together fire less than once per
  trial (`MIN_SPIKES`). Silent tasks are reported, and left out of what is compared: gradients that
  need a spike have none to learn from there. What all tasks, and other limits (`LIMITS`), give
  stands beside it.
- **Frozen trainings** stay in, and are counted: see `frozen`.
- **Pairs.** Estimators are compared on the same tasks: the mean of the log ratio of final losses,
  with Student's 95 % interval over tasks, and its p-value. Of several comparisons, one is better or
  worse where Holm's correction for their number leaves p below 0.05, else undecided.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from beyond.experiments.statistics import paired_p_values, paired_ratios
from beyond.experiments.true_gradient.budgets import METHODS
from beyond.experiments.true_gradient.descent import final
from beyond.experiments.true_gradient.frozen import LAST, N_FLIPS, frozen, squared_norms
from beyond.experiments.true_gradient.statements import decided, trainings
from beyond.experiments.true_gradient.tuned_descent import (
    MIN_SPIKES,
    TUNING,
    TunedDescent,
    rates,
    stacked,
)
from experiments.engine.base import Data, Quantity, array, band, listed, param
from experiments.engine.errors import UserError
from experiments.statistics import quartiles

LIMITS = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0)
"""Other limits in place of `MIN_SPIKES`; at 0 no task is silent."""
UNCHANGED = 5e-5
"""A final loss that is the first one up to this is the same to four digits."""


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
    ARRAYS = {
        "methods": array("seed, method", "names"),
        "update": array("seed, observation", "updates so far"),
        "evaluations": array("seed, method, observation", "runs of the network so far"),
        **TUNING,
        "loss": array("seed, method, observation", "mean over test trials"),
        "spikes": array("seed, method, when, layer", "per trial, before training and at its end"),
        "undecided": array(
            "seed, method, when, layer", "sum of p (1 - p) over sites; 0: no chance"
        ),
        "moved": array(
            "seed, method", "relative step of the weights between the last observations"
        ),
        "squared_norm": array(
            "seed, method, when, statistic", "of the true gradient, and its error"
        ),
        "final": array("seed, method", "final loss"),
        "first_spikes": array("seed, layer", "spikes per trial before training"),
        "silent": array("task", "whether nothing spikes there"),
        "n_compared": array("", "tasks that are not silent"),
        "unchanged": array("method", "tasks that a method leaves at their first loss"),
        "curve_quartiles": array("method, quartile, observation", "loss over that before training"),
        "final_quartiles": array("method, quartile", "the same at the end"),
        "paired": array(
            "method, method, statistic",
            "ratio of final losses in pairs; geometric mean, 95 % interval",
        ),
        "paired_p": array("method, method", "its two-sided p-value, not corrected"),
        "decided": array(
            "method", "whether Holm's correction tells its final loss from the reference's"
        ),
        "paired_all": array("method, method, statistic", "the same over all tasks"),
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
        sites = self.steps * (self.n_hidden + self.n_outputs)
        for name in self.estimators:
            low, most = METHODS[name].budgets(sites)
            if low <= self.budget <= most:
                continue
            others = ",".join(other for other in self.estimators if other != name)
            close = f"{path}.budget={max(low, min(self.budget, most))}"
            allowed = f"{low} to {most}" if most < sys.maxsize else f"{low} or more"
            raise UserError(
                f"{path}.budget does not suit {name}",
                self.budget,
                f"{allowed}: a trial and its flips, or two trials",
                close if low <= most else f"{path}.estimators=[{others}]",
            )

    def compute_many(self, seeds: list[int]) -> list[Data]:
        """Choose learning rates on the tuning tasks, and train with them on those of the seeds."""
        judged, tuning = self.tasks(seeds)
        n_flips = min(N_FLIPS, self.steps * (self.n_hidden + self.n_outputs))
        each = [self.trained(name, METHODS[name], judged, tuning) for name in self.estimators]
        norms = [squared_norms(judged, one.found.weights[:, -1], n_flips) for one in each]
        first = squared_norms(judged, each[0].found.weights[:, 0], n_flips)
        columns = {"loss": stacked(each, "loss"), "moved": _moved(stacked(each, "weights"))}
        columns |= {name: stacked(each, name)[:, :, [0, -1]] for name in ("spikes", "undecided")}
        columns["squared_norm"] = np.stack([[first] * len(norms), norms], axis=2).swapaxes(0, 1)
        n_observed = columns["loss"].shape[-1]
        updates = np.minimum(np.arange(n_observed) * self.chunk, self.n_updates)
        runs = np.array([METHODS[name].runs(self.budget) for name in self.estimators])
        shared = {
            "methods": np.array(self.estimators),
            "update": updates,
            "evaluations": updates * runs[:, None],
            "tuned_on": np.asarray(tuning.seeds),
            **rates(each),
        }
        return [
            shared
            | {name: values[i] for name, values in columns.items()}
            | {"final": final(columns["loss"][i]), "first_spikes": columns["spikes"][i, 0, 0]}
            for i in range(len(seeds))
        ]

    def pooled(self, data: Data) -> Data:
        """Silent tasks, and final losses: quartiles, and ratios in pairs with intervals."""
        relative = data["final"] / data["loss"][:, :, 0]
        spikes = data["first_spikes"][:, -1]
        silent = spikes < MIN_SPIKES
        fire = [spikes >= limit for limit in LIMITS]
        curves = data["loss"] / data["loss"][:, :, :1]
        return {
            "silent": silent,
            "n_compared": np.array((~silent).sum()),
            "unchanged": (np.abs(relative - 1) < UNCHANGED).sum(axis=0),
            "curve_quartiles": quartiles(curves[~silent]),
            "final_quartiles": quartiles(relative[~silent]),
            "paired": paired_ratios(relative[~silent]),
            "paired_p": paired_p_values(relative[~silent]),
            "paired_all": paired_ratios(relative),
            "limits": np.array(LIMITS),
            "n_by_limit": np.array([tasks.sum() for tasks in fire]),
            "paired_by_limit": np.stack([paired_ratios(relative[tasks]) for tasks in fire]),
            "frozen": frozen(data["loss"]),
        }

    def compared(self, panel: str, panels: Mapping[str, Data]) -> Data:
        """Which final losses are told from that of stochastic AD, of those of all trainings."""
        family = {
            name: data | self.pooled(data)
            for name, data in panels.items()
            if {"methods", "evaluations", "final"} <= data.keys()
        }
        return {"decided": decided(family)[panel]}

    @classmethod
    def conclusions(cls, panels: Mapping[str, Data]) -> dict[str, Quantity]:
        """Return final losses over that of unbiased training, and frozen trainings."""
        return trainings(panels)

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Loss before training, and at the end relative to it; medians over tasks."""
        quantities = {"first_loss": band(np.median(data["loss"][:, 0, 0]), 0.2, 8.0, "untrained")}
        relative = np.median(data["final"] / data["loss"][:, :, 0], axis=0)
        for name, value in zip(listed(data, "methods"), relative, strict=True):
            quantities[f"{name}_final_over_first"] = band(
                value, 0.0, 1.0, "training must not do harm"
            )
        return quantities


def _moved(weights: np.ndarray) -> np.ndarray:
    """Relative length of the last steps between observations, the last but one axis; their mean."""
    last = weights[..., -LAST - 1 :, :]
    steps = np.linalg.norm(np.diff(last, axis=-2), axis=-1)
    return (steps / np.linalg.norm(last[..., :-1, :], axis=-1)).mean(axis=-1)
