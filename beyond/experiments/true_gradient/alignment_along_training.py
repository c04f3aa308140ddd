r"""Alignment of methods with the true gradient, measured along training, and its link to learning.

Every method trains the tasks of figure 9. At some points of each trajectory, all methods are
compared with the true gradient h at these weights, the mean of unbiased stochastic AD over other
trials. The results are cosine and norm ratio of a method's mean, as in
`snn.stats.batch_means.alignment`, and the mean cosine of one update's estimate :math:`\hat g`,
which uses the budget of forward passes:

.. math::
    a = E \Big[ \frac{\hat g \cdot h}{|\hat g| |h|} \Big] ,

which includes both bias and variance, and exists even if a mean is lost in noise.

Rules: silent tasks are left out, as in `unbiased_training`. A cosine counts as known if the
standard error is below `KNOWN_SE`. *Does alignment predict learning?* Within a task, Spearman's
rank correlation over methods between alignment and what is learned, log first over final loss; its
mean over tasks. The unit is the method: a permutation test over methods gives the p-value, and
leaving out one method after another a range (`rank_test`). Six methods are too few for more than a
description; `exact_flows` has 31. Predictors are the a of all methods, before training and along
each method's own trajectory (mean of the points after the first), and the cosine of surrogates'
means before training.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from beyond.experiments.families import estimate
from beyond.experiments.statistics import rank_test
from beyond.experiments.true_gradient.alignment import (
    N_BATCHES,
    declared,
    known_means,
    measure_alignment,
)
from beyond.experiments.true_gradient.budgets import METHODS
from beyond.experiments.true_gradient.descent import Descent, descend, final, tasks_of
from beyond.experiments.true_gradient.tuned_training import MIN_SPIKES
from experiments.engine.declare.experiment import Data, Quantity, array, listed, param, statistical
from experiments.estimators import is_unbiased
from experiments.statistics import mean_interval, pooled_mean
from snn.stats.batch_means import KNOWN_SE


@dataclass
class AlignmentAlongTraining(Descent):
    """Cosine and norm of every method against the true gradient, on all trajectories."""

    methods: list[str] = param(
        [name for name, one in METHODS.items() if one.method.runs == 1],
        "methods that train, and that are measured",
        choices=METHODS,
        distinct=True,
    )
    learning_rates: list[float] = param(
        [0.03] * 6,
        "learning rate of Adam for each method: the rates chosen in the trainings",
        above=0,
    )
    points: list[int] = param(
        [0, 20, 100, 300, 600],
        "numbers of updates after which alignment is measured",
        low=0,
        rising=True,
    )
    n_flips: int = param(64, "flips per trial of the true gradient", low=1)
    n_trials: int = param(1024, "trials of the true gradient", low=2 * N_BATCHES, high=1_000_000)

    ARRAYS = declared("trajectory, point, method") | {
        "methods": array("seed, method", "names"),
        "points": array("seed, point", "updates after which alignment is measured"),
        "loss": array("seed, method, observation", "loss, mean over test trials"),
        "final": array("seed, method", "final loss"),
        "first_spikes": array("seed, layer", "spikes per trial before training"),
        "silent": array("task", "whether the task is silent before training"),
        "n_compared": array("", "number of tasks that are not silent"),
        "cosine_change": array(
            "method, statistic", "cosine along a method's own trajectory; mean, 95 % interval"
        ),
        "predictors": array("predictor", "names"),
        "rank_correlations": array(
            "predictor, statistic",
            "rank correlation with what is learned; mean, range with a method left out",
        ),
        "p_values": array("predictor", "two-sided p-value by permuted methods, not corrected"),
        "task_rank_correlations": array(
            "predictor, task",
            "rank correlation with what is learned in each task",
        ),
    }

    def validate(self, path: str) -> None:
        """Refuse rates without a method, points without an observation, and too many flips.

        Raises:
            UserError: For rates without a method, points without an observation, and too many
                flips.
        """
        if len(self.learning_rates) != len(self.methods):
            what, fix = "as many learning rates as methods are needed", [0.03] * len(self.methods)
            names = "learning_rates methods"
            raise self.parameter_error(path, what, names, "one rate for each", learning_rates=fix)
        observed = {*range(0, self.n_updates, self.chunk), self.n_updates}
        if not set(self.points) <= observed or self.points[0] != 0:
            what = "not before training and where the loss is observed"
            allowed = f"0 first, then multiples of chunk, {self.n_updates} at most"
            raise self.parameter_error(
                path, what, "points chunk", allowed, points=[0, self.n_updates]
            )
        self.refuse_flips(path, "n_flips")

    def compute_many(self, seeds: list[int]) -> list[Data]:
        """Train with every method, and measure all methods at points of each trajectory."""
        tasks = tasks_of(self, seeds)
        trainings = [
            descend(self, METHODS[name], rate, tasks, name)
            for name, rate in zip(self.methods, self.learning_rates, strict=True)
        ]
        loss = np.stack([training.loss for training in trainings], axis=1)
        at = -(-np.array(self.points) // self.chunk)
        # All trajectories begin at the same point, which is measured once.
        weights = [trainings[0].weights[:, :1], *(x.weights[:, at[1:]] for x in trainings)]
        methods = [METHODS[name].within(self.budget, self.beta) for name in self.methods]
        measured = measure_alignment(
            tasks, np.concatenate(weights, axis=1), methods, (self.n_flips, self.n_trials)
        )
        shared = {"methods": np.array(self.methods), "points": np.array(self.points)}
        shape = (len(methods), len(self.points) - 1)
        return [
            shared
            | {"loss": loss[i], "final": final(loss[i]), "first_spikes": trainings[0].spikes[i, 0]}
            | {name: _by_trajectory(x.astype(np.float32), shape) for name, x in arrays.items()}
            for i, arrays in enumerate(measured)
        ]

    def pooled(self, data: Data) -> Data:
        """Return means over tasks that are not silent, and how alignment predicts learning."""
        silent = data["first_spikes"][:, -1] < MIN_SPIKES
        on = ~silent
        cosine, update = (_known(data, name) for name in ("cosine", "update_cosine"))
        learned = np.log(data["loss"][:, :, 0] / data["final"])
        means = cosine.diagonal(axis1=1, axis2=3)
        own = np.moveaxis(update.diagonal(axis1=1, axis2=3)[:, 1:], 1, 0)
        surrogates = [not is_unbiased(METHODS[name].name) for name in listed(data, "methods")]
        predictors = {
            "update_before": update[:, 0, 0],
            "update_along": mean_interval(own)[..., 0],
            "mean_before": np.where(surrogates, cosine[:, 0, 0], np.nan),
        }
        tests = [rank_test(values[on], learned[on]) for values in predictors.values()]
        return {
            "silent": silent,
            "n_compared": np.array(on.sum()),
            **known_means(*(data[name][on] for name in ("cosine", "cosine_se", "ratio"))),
            "update_mean": mean_interval(update[on]),
            "cosine_change": mean_interval((means[:, -1] - means[:, 0])[on]),
            "predictors": np.array(list(predictors)),
            "rank_correlations": np.array([test[:3] for test in tests]),
            "p_values": np.array([test.p for test in tests]),
            "task_rank_correlations": np.array([test.each for test in tests]),
        }

    @classmethod
    def conclusions(cls, panels: Mapping[str, Data]) -> dict[str, Quantity]:
        """Return the change of each method's cosine along its own training."""
        return {
            f"{panel}.{name}_cosine_change": estimate(
                row, f"{data['n_compared']} of {len(data['silent'])} tasks"
            )
            for panel, data in panels.items()
            for name, row in zip(listed(data, "methods"), data["cosine_change"], strict=True)
        }

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return the mean cosine of every method before training and at the end of its training."""
        quantities = {}
        for i, name in enumerate(listed(data, "methods")):
            for where, j in (("first", 0), ("last", -1)):
                pooled = pooled_mean(*(data[n][:, i, j, i] for n in ("cosine", "cosine_se")))
                if np.isfinite(pooled).all():
                    quantities[f"{name}_cosine_{where}"] = statistical(*pooled)
        return quantities


def _known(data: Data, name: str) -> np.ndarray:
    """Return known cosines, and NaN for others."""
    values = data[name]
    return np.where(np.isfinite(values) & (data[f"{name}_se"] < KNOWN_SE), values, np.nan)


def _by_trajectory(values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return an array ``(trajectory, point, ...)`` from distinct points; the first is shared."""
    first = np.broadcast_to(values[:1], (shape[0], 1, *values.shape[1:]))
    return np.concatenate([first, values[1:].reshape(*shape, *values.shape[1:])], axis=1)
