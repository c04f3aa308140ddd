r"""Does it matter whether gradients flow through the reset? Where the true gradient is known.

The surrogate derivatives that readers of the paper compare, matched, scaled and SuperSpike, each
through the reset and detached, in the tasks of figure 9: direction and length beside the true
gradient before training, final losses, frozen trainings. Three changes of the matched one through
the reset tell what harms it (`partial_resets`): its length, its sign or its variance.

Rules, which were committed before any of these numbers (beyond/docs/hypotheses.md):

- **Learning rate, silence, freezing**: as in `unbiased_training`.
- **Statements** (`STATEMENTS`, and `DIRECTION`): Student's t-test of the mean log ratio of final
  losses in pairs, or of the difference of cosines; Holm's correction for those of all panels.
- **Equivalence** (`EQUIVALENT`): within `MARGIN`; its p-value is twice the lesser of that of two
  one-sided tests, and of a mean beyond the margin.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy

from beyond.experiments.families import corrected, decided, estimate
from beyond.experiments.statistics import paired_ratios, t_test
from beyond.experiments.true_gradient.alignment import (
    N_BATCHES,
    declared,
    known_means,
    measure_alignment,
)
from beyond.experiments.true_gradient.frozen import frozen
from beyond.experiments.true_gradient.partial_resets import FOLLOWED, NEURON, THROUGH
from beyond.experiments.true_gradient.tuned_descent import TRAINED, TunedDescent, relative
from experiments.engine.declare.experiment import Data, Quantity, array, exact, listed, param
from experiments.statistics import mean_interval

STATEMENTS = {
    "scaled": ("scaled_sigmoid_through", "scaled_sigmoid"),
    "super_spike": ("super_spike_through", "super_spike"),
    "matched": (THROUGH, "surrogate"),
    "length": (f"{THROUGH}_bounded", THROUGH),
    "sign": (f"{THROUGH}_unsigned", THROUGH),
    "variance": (f"{THROUGH}_more", THROUGH),
}
"""Whose final loss is set against whose."""
DIRECTION = "direction"
"""The statement on cosines, of the pair "matched"."""
EQUIVALENT = ("scaled", "super_spike")
MARGIN = 0.22
"""Largest log ratio of what counts as equal: factors of 0.80 and 1.25."""


@dataclass
class ResetsOverTime(TunedDescent):
    """Trains spiking networks through the reset and detached, and measures the first updates."""

    methods: list[str] = param(
        list(FOLLOWED), "what updates follow", choices=FOLLOWED, distinct=True
    )
    n_flips: int = param(64, "flips per trial of the true gradient", low=1)
    n_trials: int = param(512, "trials of the true gradient", low=2 * N_BATCHES, high=1_000_000)

    ARRAYS = {
        **TRAINED,
        **declared("method"),
        "runs": array("seed, method", "runs of the network per update"),
        "frozen": array("task, method", "whether the loss stands still at the end"),
        "paired": array(
            "method, method, statistic", "ratio of final losses in pairs, with 95 % interval"
        ),
        "statements": array("statement", "names"),
        "stated": array("statement, statistic", "log ratio or difference; mean, 95 % interval"),
        "statement_p": array("statement", "two-sided p-value, not corrected"),
        "decided": array("statement", "whether Holm's correction leaves it below 0.05"),
    }

    def validate(self, path: str) -> None:
        """Refuse other neurons, statements without their methods, and more flips than sites."""
        super().validate(path)
        if self.neuron != NEURON:
            what = "changes of the reset are those of one neuron"
            raise self.refusal(path, what, "neuron", NEURON, neuron=NEURON)
        self.refuse_flips(path, "n_flips", "budget")

    def compute_many(self, seeds: list[int]) -> list[Data]:
        """Choose learning rates, train with them, and measure gradients before training."""
        followed = {name: FOLLOWED[name] for name in self.methods}
        tasks, found, each = self.trained(followed, seeds)
        runs = np.array([one.runs(self.budget) for one in followed.values()])
        methods = [one.within(self.budget, self.beta) for one in followed.values()]
        measured = measure_alignment(
            tasks, found[0].weights[:, :1], methods, (self.n_flips, self.n_trials)
        )
        for data, first in zip(each, measured, strict=True):
            numbers = {name: values[0].astype(np.float32) for name, values in first.items()}
            data.update(runs=runs, **numbers)
        return each

    def pooled(self, data: Data) -> Data:
        """Compare final losses in pairs, and average over tasks; what is stated of both."""
        tasks = super().pooled(data)
        judged = ~tasks["silent"]
        cosine, se, ratio, update = (
            data[name][judged].astype(float)
            for name in ("cosine", "cosine_se", "ratio", "update_cosine")
        )
        losses = relative(data)[judged].astype(float)
        stated = _stated(listed(data, "methods"), np.log(losses), update)
        return tasks | {
            "frozen": frozen(data["loss"]),
            "paired": paired_ratios(losses),
            **known_means(cosine, se, ratio),
            "update_mean": mean_interval(update),
            "statements": np.array(list(stated), dtype=str),
            "stated": np.array([mean_interval(values) for values in stated.values()]),
            "statement_p": np.array([_p_value(*one) for one in stated.items()]),
        }

    def compared(self, panel: str, panels: Mapping[str, Data]) -> Data:
        """Which statements are decided, of those of all panels."""
        family = {
            name: data | self.pooled(data)
            for name, data in panels.items()
            if {"methods", "update_cosine", "tuned_on"} <= data.keys()
        }
        names = (f"{panel}.{name}" for name in family[panel]["statements"])
        return {"decided": decided(_corrected(family), names)}

    @classmethod
    def conclusions(cls, panels: Mapping[str, Data]) -> dict[str, Quantity]:
        """Return what is stated with its corrected p-value, and frozen trainings."""
        found = _corrected(panels)
        for panel, data in panels.items():
            for name, row in zip(data["statements"], data["stated"], strict=True):
                found[f"{panel}.{name}"] = estimate(row, f"{data['n_compared']} tasks")
            for name, still in zip(listed(data, "methods"), data["frozen"].T, strict=True):
                found[f"{panel}.{name}_frozen"] = exact(float(still[~data["silent"]].sum()))
        return found


def _stated(names: list[str], logs: np.ndarray, update: np.ndarray) -> dict[str, np.ndarray]:
    """Return what each statement is about, by task, where its methods were trained."""
    pairs = {name: pair for name, pair in STATEMENTS.items() if set(pair) <= set(names)}
    first, second = ([names.index(pair[i]) for pair in pairs.values()] for i in (0, 1))
    found = dict(zip(pairs, (logs[:, first] - logs[:, second]).T, strict=True))
    if "matched" in pairs:
        i, j = map(names.index, pairs["matched"])
        found[DIRECTION] = update[:, i] - update[:, j]
    return found


def _p_value(name: str, values: np.ndarray) -> float:
    """Two-sided p-value of a statement: that the mean is 0, or as far from 0 as the margin."""
    n = len(values)
    if n < 2 or name not in EQUIVALENT:
        return float(t_test(values))
    mean, error = values.mean(), values.std(ddof=1) / n**0.5
    # Small where the mean is surely above -MARGIN, and surely below MARGIN.
    with np.errstate(divide="ignore"):
        sides = scipy.special.stdtr(n - 1, np.array([-MARGIN - mean, mean - MARGIN]) / error)
    return float(min(1.0, 2 * min(sides.max(), (1 - sides).min())))


def _corrected(panels: Mapping[str, Data]) -> dict[str, Quantity]:
    """Return the p-values of all panels, corrected for their number."""
    return corrected(
        {
            f"{panel}.{name}": float(p)
            for panel, data in panels.items()
            for name, p in zip(data["statements"], data["statement_p"], strict=True)
        }
    )
