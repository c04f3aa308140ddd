r"""Training of small LIF networks by several methods, at a given cost per update.

All methods descend on the same tasks, each at the learning rate that separate tuning tasks choose:
the rate with the lowest geometric mean of final over first loss. See `study`. In addition to final
losses, the first updates may be compared with the true gradient (`aligned`): three changes of the
matched surrogate through the reset then show the cause of harm (`partial_resets`): length, sign or
variance.

Rules, which were committed before any of these numbers (beyond/docs/hypotheses.md):

- **Silence.** A task is silent if, before training, all outputs together fire less than once per
  trial (`MIN_SPIKES`). Silent tasks are reported, and left out of comparisons and of the choice of
  rates: gradients that need a spike have nothing to learn from.
- **Frozen trainings** stay in, and are counted: see `frozen`.
- **Pairs.** As in `study`, by Student's test: methods are compared with stochastic AD in the same
  tasks, or as the family "resets" of `predictions` states.
"""

from collections.abc import Iterator
from typing import Annotated

import numpy as np
from pydantic import Field

from beyond.experiments import chosen_rates
from beyond.experiments.lif.alignment import N_BATCHES, declared, measure_alignment
from beyond.experiments.lif.descent import Descended, before, final
from beyond.experiments.lif.lif_task import Tasks
from beyond.experiments.lif.partial_resets import NEURON
from beyond.experiments.lif.rate_grids import RateGrid, log_losses
from beyond.experiments.methods import CHANGED_RESETS, LIF, TRAINED, UNBIASED
from beyond.experiments.predictions import ROWS, Prediction
from beyond.experiments.study import DECIDED, LOSSES, Outcomes, choose, losses
from beyond.experiments.tuning import JUDGED, TUNING, tuned
from experiments.engine.errors import UserError
from experiments.engine.experiment import (
    Count,
    Data,
    Distinct,
    OneOf,
    Quantity,
    array,
    band,
    listed,
    param,
)
from experiments.statistics import quartiles

MIN_SPIKES = 1.0
"""Spikes per trial of all outputs together before training, below which a task is silent."""
UPDATE = "update_cosine"
"""Measured quantity: the mean cosine of an update before training."""
FROZEN, LAST = 1e-3, 6
"""Relative spread of a frozen training's last losses, and their number."""


class TunedTraining(RateGrid):
    """Training on the van Rossum distance to Poisson targets by several methods; a seed is a task.

    The tuning seeds choose each learning rate; the other seeds judge.
    """

    methods: Distinct[Annotated[str, OneOf(LIF)]] = param(
        list(TRAINED),
        "methods whose estimates updates follow; _one: one forward pass per update, _more: four "
        "budgets",
    )
    n_judged: Count = param(
        chosen_rates.JUDGED, "judged tasks, for which a bootstrap sample may choose a rate"
    )
    aligned: bool = param(False, "compare the first update with the true gradient, too")
    n_flips: Count = param(64, "flips per trial of the true gradient")
    n_trials: Annotated[int, Field(ge=2 * N_BATCHES, le=1_000_000)] = param(
        512, "trials of the true gradient"
    )

    REFERENCE = UNBIASED
    DRAWN_BY = "by_student"
    OWN = frozenset({"tuned_on"})
    ARRAYS = {
        "methods": array("seed, method", "names"),
        "update": array("seed, observation", "updates so far"),
        "rates": array("seed, rate", "learning rates"),
        "tuning": array("seed, method, rate, tuning task", "log of final over first loss"),
        "tuned_on": array("seed, tuning task", "seeds of the tasks that chose the learning rate"),
        "log_loss": array(
            "seed, method, rate", "the same of judged tasks; NaN at rates that no draw chooses"
        ),
        "loss": array(
            "seed, method, observation", "loss at the chosen rate, mean over test trials"
        ),
        "first_spikes": array("seed, layer", "spikes per trial before training"),
        **declared("method"),
        **LOSSES,
        "silent": array("task", "whether the task is silent before training"),
        "curve_quartiles": array("method, quartile, observation", "loss over that before training"),
        "frozen": array("task, method", "whether training is frozen at the end"),
        "decided": DECIDED,
    }

    def check(self) -> None:
        """Refuse what a rate grid refuses, and numbers of flips and neurons that do not fit.

        Raises:
            ValueError: For more flips than spike sites, and for a neuron whose changed reset is not
                defined.
        """
        super().check()
        if self.neuron != NEURON and {*CHANGED_RESETS} & {*self.methods}:
            what = "changes of the reset are defined for one neuron"
            raise ValueError(f"{what}: {self.given('neuron')}; expected {NEURON}")
        if self.aligned:
            self.refuse_flips("n_flips")

    def compute_many(self, seeds: list[int]) -> list[Data]:
        """Train tuning tasks at every rate, and judged tasks at rates that tuning may choose."""
        judged, tuning_tasks = self.tasks(seeds), self._tuning_tasks()
        tasks = {TUNING: tuning_tasks, JUDGED: judged}
        runs: dict[str, dict[int, Descended]] = {}

        def train(name: str, role: str, some: list[int]) -> np.ndarray:
            if role == TUNING and len(self.rates) == 1:
                # Nothing to choose.
                return np.full((1, 1, len(tuning_tasks.seeds)), np.nan)
            trainings = self.train(LIF[name], tasks[role], some, f"{name}-{role}")
            runs[name] = dict(zip(some, trainings, strict=True))
            return log_losses(trainings)[None]

        arms = dict.fromkeys(self.methods, [range(len(self.rates))])
        (tuning,), (logs,) = tuned(arms, train, self.n_judged)
        which = chosen_rates.chosen(tuning)
        trainings = [runs[name][i] for name, i in zip(self.methods, which, strict=True)]
        loss = np.stack([one.loss for one in trainings], axis=1).astype(np.float32)
        first = trainings[0].spikes[:, 0].astype(np.float32)
        shared = {
            "methods": np.array(self.methods),
            "update": np.minimum(np.arange(loss.shape[-1]) * self.chunk, self.n_updates),
            "rates": np.array(self.rates),
            "tuning": tuning,
            "tuned_on": np.asarray(tuning_tasks.seeds),
        }
        first_updates = [{}] * len(seeds)
        if self.aligned:
            first_updates = self._alignment(judged, trainings[0].weights[:, :1])
        return [
            shared
            | {"log_loss": logs[:, :, i].astype(np.float32), "loss": loss[i]}
            | {"first_spikes": first[i]}
            | {name: values[0].astype(np.float32) for name, values in first_updates[i].items()}
            for i in range(len(seeds))
        ]

    def _alignment(self, tasks: Tasks, weights: np.ndarray) -> list[Data]:
        methods = [LIF[name](self.budget, self.beta) for name in self.methods]
        return measure_alignment(tasks, weights, methods, (self.n_flips, self.n_trials))

    @classmethod
    def outcomes(cls, data: Data, measure: str = "") -> Outcomes:
        """Return logs of losses, or cosines of an update, of the tasks that are not silent.

        If all tasks are silent, the result has one task with unknown losses.
        """
        judged, tuning = ~silent(data), data["tuning"][0].astype(float)
        if measure == UPDATE:
            cosines = data[UPDATE][judged].astype(float).T[:, None]
            # Cosines before training do not depend on a rate: there is nothing to choose.
            return Outcomes(listed(data, "methods"), np.zeros((len(cosines), 1, 3)), cosines)
        values = np.moveaxis(data["log_loss"][judged].astype(float), 0, -1)
        if not judged.any():
            values = np.full((*tuning.shape[:2], 1), np.nan)
        return Outcomes(listed(data, "methods"), tuning, values)

    @classmethod
    def rows(cls, panel: str, data: Data) -> Iterator[Prediction]:
        """Yield the predictions on resets if the panel has some, else comparisons as usual."""
        predicted = [row for row in ROWS if row.family == "resets" and row.panels == (panel,)]
        yield from predicted or super().rows(panel, data)

    def pooled(self, data: Data) -> Data:
        """Return silent tasks, quartiles of losses, and final losses in pairs with intervals."""
        compared = losses(choose(self.outcomes(data)), data["rates"][0])
        curves = data["loss"] / data["loss"][:, :, :1]
        return compared | {
            "silent": silent(data),
            "curve_quartiles": quartiles(curves[~silent(data)]),
            "frozen": frozen(data["loss"]),
        }

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return the loss before training, and final over first loss; medians over tasks."""
        loss = data["loss"]
        quantities = {"first_loss": band(np.median(loss[:, 0, 0]), 0.2, 8.0, "untrained")}
        relative = final(loss) / loss[:, :, 0]
        for name, value in zip(listed(data, "methods"), np.median(relative, axis=0), strict=True):
            quantities[f"{name}_final_over_first"] = band(value, 0, 1, "training must not do harm")
        return quantities

    def _tuning_tasks(self) -> Tasks:
        """Return the tuning tasks that are not silent; all if there is nothing to choose."""
        tasks = self.tasks(self.tuning_seeds)
        if len(self.rates) == 1:
            return tasks
        fire = before(self, tasks).spikes[:, 0, -1] >= MIN_SPIKES
        if not fire.any():
            raise UserError(
                "every task by which the learning rate would be chosen is silent before training",
                f"tuning_seeds {self.tuning_seeds}, beta {self.beta:g}",
                f"one whose outputs fire {MIN_SPIKES:g} times a trial",
                f"all.tuning_seeds={list(range(1000, 1008))}".replace(" ", ""),
            )
        return tasks.subset(np.flatnonzero(fire))


def silent(data: Data) -> np.ndarray:
    """Return which tasks are silent before training, ``(task,)``."""
    return data["first_spikes"][:, -1] < MIN_SPIKES


def frozen(loss: np.ndarray) -> np.ndarray:
    """Return which trainings are frozen, from losses ``(..., observation)``.

    A training is *frozen* if the relative standard deviation of its last observed losses (`LAST`)
    is below `FROZEN`. Test noise is the same at every observation, so that a loss can only stay the
    same if hardly a spike of the test trials changes.
    """
    last = loss[..., -LAST:].astype(float)
    return last.std(axis=-1, ddof=1) < FROZEN * np.abs(last.mean(axis=-1))
