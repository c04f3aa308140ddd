r"""Training of a small network of LIF neurons by several estimators, at a given cost per update.

Rules, laid down before any outcome was looked at:

- **Learning rate.** Every estimator is trained on the tuning tasks at every rate of the grid. The
  best rate has the lowest geometric mean of final over first loss. While it is the lowest or the
  highest one tried, the grid is widened on that side by a factor of 3 (`WIDENING`).
- **Silence.** A task is silent if, before training, all outputs together fire less than once per
  trial (`MIN_SPIKES`). Silent tasks are reported, and left out of what is compared: gradients that
  need a spike have none to learn from there. What all tasks give stands beside it.
- **Pairs.** Estimators are compared on the same tasks: the mean of the log ratio of final losses,
  with Student's 95 % interval over tasks. It is better or worse where that excludes 0, else
  undecided.
"""

import sys
from dataclasses import dataclass

import numpy as np

from experiments.engine.base import Data, Quantity, band, param
from experiments.engine.errors import UserError
from experiments.true_gradient.budgets import METHODS
from experiments.true_gradient.descent import Descent, descend, final, tasks_of
from experiments.true_gradient.intervals import paired_ratios, quartiles

WIDENING = 3.0
MIN_SPIKES = 1.0
UNCHANGED = 5e-5
"""A final loss that is the first one up to this is the same to four digits."""


@dataclass
class UnbiasedTraining(Descent):
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
    learning_rates: list[float] = param(
        [0.01, 0.03, 0.1], "of Adam, to choose from", above=0, rising=True
    )
    widenings: int = param(
        5, "rates that are added, at most, until the best is at no end of the grid", low=0
    )
    tuning_seeds: list[int] = param(
        [1000, 1001], "tasks by which the learning rate is chosen", low=0, high=2**32 - 1
    )

    def work(self) -> float:
        """Every estimator's training, and its share of the tuning."""
        tuned = len(self.learning_rates) * len(self.tuning_seeds) / len(self.seeds)
        return (1 + tuned) * len(self.estimators) * super().work()

    def validate(self, path: str) -> None:
        """Refuses a task for both tuning and judging, and budgets that an estimator cannot use."""
        both = sorted(set(self.seeds) & set(self.tuning_seeds))
        if both:
            raise UserError(
                f"{path}: a task would both choose the learning rate and judge it",
                f"{both} in seeds and in tuning_seeds",
                "different seeds",
                f"{path}.tuning_seeds=[{max(self.seeds) + 1}]",
            )
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

    def pooled(self, data: Data) -> Data:
        """Silent tasks, and final losses: quartiles, and ratios in pairs with intervals.

        Returns:
            ``silent``, ``(task,)``, and ``n_compared``, how many tasks are not; ``unchanged``, how
            many tasks each estimator leaves at their first loss, to four digits, ``(estimator,)``;
            ``curve_quartiles`` of the loss over that before training, ``(estimator, quartile,
            observation)``, and ``final_quartiles``, ``(estimator, quartile)``, of compared tasks;
            ``paired``, final loss of the first estimator over that of the second: geometric mean
            and ends of the 95 % interval, ``(estimator, estimator, 3)``, of compared tasks, and
            ``paired_all`` of all.
        """
        relative = data["final"] / data["loss"][:, :, 0]
        silent = data["first_spikes"][:, -1] < MIN_SPIKES
        curves = data["loss"] / data["loss"][:, :, :1]
        return {
            "silent": silent,
            "n_compared": np.array((~silent).sum()),
            "unchanged": (np.abs(relative - 1) < UNCHANGED).sum(axis=0),
            "curve_quartiles": quartiles(curves[~silent]),
            "final_quartiles": quartiles(relative[~silent]),
            "paired": paired_ratios(relative[~silent]),
            "paired_all": paired_ratios(relative),
        }

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Loss before training, and at the end relative to it; medians over tasks."""
        quantities = {"first_loss": band(np.median(data["loss"][:, 0, 0]), 0.2, 8.0, "untrained")}
        relative = np.median(data["final"] / data["loss"][:, :, 0], axis=0)
        for name, value in zip(self.estimators, relative, strict=True):
            quantities[f"{name}_final_over_first"] = band(
                value, 0.0, 1.0, "training must not do harm"
            )
        return quantities


def compute(config: UnbiasedTraining, seed: int) -> dict[str, np.ndarray]:
    """One seed; see `compute_many`."""
    return compute_many(config, [seed])[0]


def compute_many(config: UnbiasedTraining, seeds: list[int]) -> list[dict[str, np.ndarray]]:
    """Chooses learning rates on the tuning tasks, and trains with them on those of the seeds.

    Returns:
        For each seed the names of the ``methods``, and for each of these ``loss``, the mean over
        test trials, ``(estimator, observation)``, and the ``final`` loss, ``(estimator,)``;
        ``first_spikes`` per trial of each layer before training, ``(layer,)``; ``evaluations``,
        runs of the network so far, ``(estimator, observation)``; ``update`` of each observation.
        The same for all seeds: ``chosen_rate``, and whether it is ``at_end`` of the rates tried,
        ``(estimator,)``; the ``rates`` tried, ``(estimator, rate)``, and ``tuning``, final over
        first loss with them, ``(estimator, rate, task)``, NaN where fewer were tried.
    """
    judged = tasks_of(config, seeds)
    columns: dict[str, list] = {name: [] for name in ("loss", "chosen_rate", "at_end", "tried")}
    for name in config.estimators:
        tried = _tune(config, name)
        best = _best(tried)
        columns["tried"].append(tried)
        columns["chosen_rate"].append(best)
        columns["at_end"].append(best in (min(tried), max(tried)))
        found = descend(config, METHODS[name], best, judged, name)
        columns["loss"].append(found.loss)
    loss = np.stack(columns["loss"], axis=1).astype(np.float32)
    updates = np.minimum(np.arange(loss.shape[-1]) * config.chunk, config.n_updates)
    runs = np.array([METHODS[name].runs(config.budget) for name in config.estimators])
    shared = {
        "methods": np.array(config.estimators),
        "update": updates,
        "evaluations": updates * runs[:, None],
        "chosen_rate": np.array(columns["chosen_rate"]),
        "at_end": np.array(columns["at_end"]),
        **_table(columns["tried"], len(config.tuning_seeds)),
    }
    return [
        shared | {"loss": loss[i], "final": final(loss[i]), "first_spikes": found.spikes[i, 0]}
        for i in range(len(seeds))
    ]


Tried = dict[float, np.ndarray]


def _tune(config: UnbiasedTraining, name: str) -> Tried:
    """Final over first loss of the tuning tasks, by learning rate."""
    if len(config.learning_rates) == 1 and not config.widenings:
        # There is nothing to choose.
        return {config.learning_rates[0]: np.full(len(config.tuning_seeds), np.nan)}

    tasks = tasks_of(config, config.tuning_seeds)

    def tried(rate: float) -> np.ndarray:
        loss = descend(config, METHODS[name], rate, tasks, f"{name}-tuning").loss
        return final(loss) / loss[:, 0]

    found = {rate: tried(rate) for rate in config.learning_rates}
    for _ in range(config.widenings):
        best, low, high = _best(found), min(found), max(found)
        if low < best < high:
            break
        # A grid of a single rate is widened upwards first.
        rate = high * WIDENING if best == high else low / WIDENING
        found[rate] = tried(rate)
    return found


def _best(tried: Tried) -> float:
    """The rate with the lowest score; the lowest rate where all have diverged."""
    return min(tried, key=lambda rate: (_score(tried[rate]), rate))


def _score(relative: np.ndarray) -> float:
    """Mean log of final over first loss; infinite where training has diverged."""
    score = float(np.log(relative).mean())
    return score if np.isfinite(score) else np.inf


def _table(tried: list[Tried], n_tasks: int) -> dict[str, np.ndarray]:
    """The rates tried and what they led to, rising, NaN where fewer were tried."""
    most = max(map(len, tried))
    rates = np.full((len(tried), most), np.nan)
    relative = np.full((len(tried), most, n_tasks), np.nan, np.float32)
    for i, found in enumerate(tried):
        for j, rate in enumerate(sorted(found)):
            rates[i, j], relative[i, j] = rate, found[rate]
    return {"rates": rates, "tuning": relative}
