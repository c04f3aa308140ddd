r"""Training without sampling: directions that solve Boolean tasks, and the parts that matter.

Rules:

- **Tasks.** As in `boolean_tasks`. All directions train the same networks, from the same weights.
- **Learning rate.** The rate with the fewest wrong patterns on tuning tasks, which are not judged;
  if several rates are equal, the lowest. ``at_end`` is true if this rate is an end of the grid.
- **Pairs.** Two directions are compared by the tasks that only one of them solves. If both were
  equally good, each of these tasks would be of either kind with probability 1/2. The test is the
  exact two-sided sign test (McNemar's).
- **Alignment.** Rank correlation over all directions except the exact gradient: the mean cosine
  with the exact gradient, against the number of right answers at the end. Directions are permuted
  for the p-value (`rank_test`).

Reference: McNemar, Psychometrika 12(2), 1947.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from beyond.experiments.exact_flows import statements
from beyond.experiments.exact_flows.boolean_tasks import SOLVED, Task
from beyond.experiments.exact_flows.boolean_training import BooleanTraining
from beyond.experiments.statistics import clopper_pearson, rank_test
from experiments.engine.compute.progress import track
from experiments.engine.declare.experiment import (
    Data,
    Quantity,
    array,
    band,
    exact,
    listed,
    param,
    stacked,
)
from experiments.statistics import mean_interval

REFERENCE = "exact"
PREDICTORS = ("cosine_before", "cosine_along")


@dataclass
class ExactFlow(BooleanTraining):
    """Trains the same tasks along several directions, all of them free of sampling noise."""

    methods: list[str] = param(
        [
            REFERENCE,
            "surrogate_x4",
            "surrogate",
            "surrogate_x0.5",
            "surrogate_x0.25",
            "surrogate_x0.0625",
            "surrogate_super_spike",
            "plus_orthogonal",
            "minus_orthogonal",
            "plus_random_fixed",
            "plus_random_new",
            "plus_other_task",
        ],
        "directions that are followed; the first is what the others are compared with",
        distinct=True,
    )

    ARRAYS = {
        "methods": array("seed, method", "names"),
        "rates": array("seed, rate", "learning rates tried"),
        "tuning": array("seed, method, rate", "mean number of wrong patterns they led to"),
        "chosen_rate": array("seed, method", "learning rate"),
        "at_end": array("seed, method", "whether it is an end of the grid"),
        "update": array("seed, observation", "updates so far"),
        "solved": array("seed, method, task, observation", "whether a task is solved"),
        "wrong": array("seed, method, task", "wrong patterns expected at the end"),
        "cosine_before": array("seed, method, task", "with the exact gradient, before training"),
        "cosine_along": array("seed, method, task", "the same, mean over its own training"),
        "n_tasks": array("", "tasks of all seeds"),
        "share": array("method, statistic", "solved at the end, with exact 95 % interval"),
        "only": array("method, method", "tasks that the first solves and the second does not"),
        "difference": array("method, method, statistic", "of shares; paired 95 % interval"),
        "right": array("method", "patterns expected to be answered right at the end, mean"),
        "predictors": array("predictor", "names: the cosine before training, and along the own"),
        "aligned": array("predictor, method", "that cosine, mean"),
        "rank_correlation": array(
            "predictor, statistic", "with right answers; its range with a direction left out"
        ),
        "rank_p": array("predictor", "of permuted directions, two-sided, not corrected"),
    }

    def compute(self, seed: int) -> Data:
        tasks, tuning = self.tasks(seed)
        rows = [self._row(name, tasks, tuning) for name in track(self.methods, "directions")]
        return {
            "methods": np.array(self.methods),
            "rates": np.array(self.rates),
            "update": np.arange(0, self.n_updates + 1, self.observe_every),
            **stacked(rows),
        }

    def _row(self, name: str, tasks: Task, tuning: Task) -> Data:
        flow, rate, tried = self.trained(name, tasks, tuning)
        wrong = np.where(np.isfinite(flow.wrong), flow.wrong, 2.0**self.bits)
        solved = wrong < SOLVED
        return {
            "tuning": tried.astype(np.float32),
            "chosen_rate": np.array(rate),
            "at_end": np.array(len(self.rates) > 1 and rate in (self.rates[0], self.rates[-1])),
            "solved": solved,
            "wrong": wrong[:, -1].astype(np.float32),
            "cosine_before": flow.cosine[:, 0].astype(np.float32),
            "cosine_along": flow.cosine.mean(axis=1).astype(np.float32),
        }

    def pooled(self, data: Data) -> Data:
        """Return shares of solved tasks, and comparisons of directions in pairs."""
        end = np.concatenate(data["solved"], axis=1)[:, :, -1]
        n = end.shape[1]
        only = np.sum(end[:, None] & ~end[None], axis=-1)
        differences = end[:, None].astype(float) - end[None]
        right = 2**self.bits - np.concatenate(data["wrong"], axis=1).mean(axis=1)
        aligned = [np.concatenate(data[name], axis=1).mean(axis=1) for name in PREDICTORS]
        others = data["methods"][0] != REFERENCE
        ranked = [rank_test(cosine[None, others], right[None, others]) for cosine in aligned]
        share = np.vstack([end.mean(axis=1), *clopper_pearson(end.sum(axis=1), n)])
        return {
            "n_tasks": np.array(n),
            "share": share.T,
            "only": only,
            "difference": mean_interval(differences, axis=-1),
            "right": right,
            "predictors": np.array(PREDICTORS),
            "aligned": np.array(aligned),
            "rank_correlation": np.array([r[:3] for r in ranked]),
            "rank_p": np.array([r.p for r in ranked]),
        }

    @classmethod
    def conclusions(cls, panels: Mapping[str, Data]) -> dict[str, Quantity]:
        """Return comparisons in pairs, for both slopes and other cells, and tests of alignment."""
        return (
            statements.comparisons(panels)
            | statements.generality(panels)
            | (statements.alignment(panels["surrogates"]) if "surrogates" in panels else {})
        )

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return shares of solved tasks, and cosines before training."""
        end = np.concatenate(data["solved"], axis=1)[:, :, -1].mean(axis=1)
        before = np.concatenate(data["cosine_before"], axis=1).mean(axis=1)
        quantities = {}
        for name, share, cosine in zip(listed(data, "methods"), end, before, strict=True):
            quantities[f"{name}_solved"] = band(float(share), 0, 1, "a share")
            quantities[f"{name}_cosine_before"] = exact(cosine, rtol=1e-4, atol=1e-6)
        return quantities
