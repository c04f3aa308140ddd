r"""Gradients through the reset and detached, in tasks whose true gradient can be estimated.

Readers of the paper compare surrogate derivatives (matched, scaled sigmoid, SuperSpike) through the
reset and detached. Here they train the tasks of figure 9: direction and length against the true
gradient before training, final losses, frozen trainings. Three changes of the matched surrogate
through the reset show the cause of harm (`partial_resets`): length, sign or variance.

Rules, which were committed before any of these numbers (beyond/docs/hypotheses.md):

- **Learning rate**: as in `tuned_training`. **Silence, freezing**: as in `unbiased_training`.
- **Statements** (`STATEMENTS`, and `DIRECTION`): Student's t-test of the mean log ratio of final
  losses in pairs, or of the difference of cosines; Holm's correction for those of all panels.
  Intervals of log ratios include the choice of the rate.
- **Equivalence** (`EQUIVALENT`): within `MARGIN`; the p-value is twice the lesser of two p-values,
  that of two one-sided tests and that of a mean beyond the margin.
"""

from collections.abc import Mapping
from typing import Annotated

import numpy as np
import scipy
from pydantic import Field

from beyond.experiments import chosen_rates
from beyond.experiments.families import corrected, decided, estimate
from beyond.experiments.lif.alignment import (
    N_BATCHES,
    declared,
    known_means,
    measure_alignment,
)
from beyond.experiments.lif.frozen import frozen
from beyond.experiments.lif.partial_resets import FOLLOWED, NEURON, THROUGH
from beyond.experiments.lif.tuned_training import (
    TRAINED,
    TunedTraining,
    at_chosen,
    over_unbiased,
)
from beyond.experiments.statistics import t_test
from experiments.engine.experiment import (
    Count,
    Data,
    Distinct,
    OneOf,
    Quantity,
    array,
    exact,
    listed,
    param,
)
from experiments.statistics import mean_interval

STATEMENTS = {
    "scaled": ("scaled_sigmoid_through", "scaled_sigmoid"),
    "super_spike": ("super_spike_through", "super_spike"),
    "matched": (THROUGH, "surrogate"),
    "length": (f"{THROUGH}_bounded", THROUGH),
    "sign": (f"{THROUGH}_unsigned", THROUGH),
    "variance": (f"{THROUGH}_more", THROUGH),
}
"""Pairs of methods whose final losses are compared, by statement."""
DIRECTION = "direction"
"""Name of the statement on cosines, for the pair "matched"."""
EQUIVALENT = ("scaled", "super_spike")
MARGIN = 0.22
"""Largest log ratio that counts as equal: factors of 0.80 and 1.25."""


class ResetsOverTime(TunedTraining):
    """Training of spiking networks through the reset and detached, and their first updates."""

    methods: Distinct[Annotated[str, OneOf(FOLLOWED)]] = param(
        list(FOLLOWED), "methods whose estimates updates follow"
    )
    n_flips: Count = param(64, "flips per trial of the true gradient")
    n_trials: Annotated[int, Field(ge=2 * N_BATCHES, le=1_000_000)] = param(
        512, "trials of the true gradient"
    )

    ARRAYS = {
        **TRAINED,
        **declared("method"),
        "runs": array("seed, method", "forward passes per update"),
        "frozen": array("task, method", "whether training is frozen at the end"),
        "statements": array("statement", "names"),
        "stated": array(
            "statement, statistic",
            "log ratio of losses or difference of cosines; mean, 95 % interval",
        ),
        "statement_p": array("statement", "two-sided p-value, not corrected"),
        "decided": array("statement", "whether it is decided, by interval and Holm's procedure"),
    }

    def check(self) -> None:
        """Refuse neurons other than LIF, statements without their methods, and too many flips.

        Raises:
            ValueError: For neurons other than LIF, statements without their methods, and too many
                flips.
        """
        super().check()
        if self.neuron != NEURON:
            what = "changes of the reset are defined for one neuron"
            raise ValueError(f"{what}: {self.given('neuron')}; expected {NEURON}")
        self.refuse_flips("n_flips", "budget")

    def compute_many(self, seeds: list[int]) -> list[Data]:
        """Choose learning rates, train with them, and measure gradients before training."""
        followed = {name: FOLLOWED[name] for name in self.methods}
        tasks, trainings, by_task = self.trained(followed, seeds)
        runs = np.array([one.runs(self.budget) for one in followed.values()])
        methods = [one.within(self.budget, self.beta) for one in followed.values()]
        measured = measure_alignment(
            tasks, trainings[0].weights[:, :1], methods, (self.n_flips, self.n_trials)
        )
        for data, first in zip(by_task, measured, strict=True):
            arrays = {name: values[0].astype(np.float32) for name, values in first.items()}
            data.update(runs=runs, **arrays)
        return by_task

    def pooled(self, data: Data) -> Data:
        """Return final losses in pairs, means over tasks, and the values of statements."""
        tasks = super().pooled(data)
        judged = ~tasks["silent"]
        cosine, se, ratio, update = (
            data[name][judged].astype(float)
            for name in ("cosine", "cosine_se", "ratio", "update_cosine")
        )
        values, intervals = _stated(data, update)
        return tasks | {
            "frozen": frozen(data["loss"]),
            **known_means(cosine, se, ratio),
            "update_mean": mean_interval(update),
            "statements": np.array(list(values), dtype=str),
            "stated": np.array(list(intervals.values())),
            "statement_p": np.array([_p_value(*one) for one in values.items()]),
        }

    def compared(self, panel: str, panels: Mapping[str, Data]) -> Data:
        """Return which statements are decided, corrected over all panels."""
        family = {
            name: data | self.pooled(data)
            for name, data in panels.items()
            if {"methods", "update_cosine", "tuned_on"} <= data.keys()
        }
        own = family[panel]
        names = (f"{panel}.{name}" for name in own["statements"])
        clear = [_is_clear(*one) for one in zip(own["statements"], own["stated"], strict=True)]
        return {"decided": decided(_corrected(family), names) & np.array(clear, bool)}

    @classmethod
    def conclusions(cls, panels: Mapping[str, Data]) -> dict[str, Quantity]:
        """Return statements with corrected p-values, frozen trainings, and ratios of E18 to E20."""
        quantities = _corrected(panels)
        for panel, data in panels.items():
            for name, row in zip(data["statements"], data["stated"], strict=True):
                quantities[f"{panel}.{name}"] = estimate(row, f"{data['n_compared']} tasks")
            for name, still in zip(listed(data, "methods"), data["frozen"].T, strict=True):
                quantities[f"{panel}.{name}_frozen"] = exact(float(still[~data["silent"]].sum()))
            quantities |= over_unbiased(panel, data)
        return quantities


def _stated(data: Data, update: np.ndarray) -> tuple[Data, Data]:
    """Return the values of each statement by task, and their means with intervals.

    Statements whose methods were not trained are left out.

    Args:
        data: arrays of a panel.
        update: mean cosine of one update, ``(task, method)``.
    """
    names = listed(data, "methods")
    _, logs, samples = at_chosen(data)
    values, intervals = {}, {}
    for name, pair in STATEMENTS.items():
        if not set(pair) <= set(names):
            continue
        i, j = map(names.index, pair)
        values[name] = logs[i] - logs[j]
        off = samples[:, i] - samples[:, j]
        intervals[name] = chosen_rates.with_interval(values[name].mean(), off)
    if "matched" in values:
        i, j = map(names.index, STATEMENTS["matched"])
        values[DIRECTION] = update[:, i] - update[:, j]
        intervals[DIRECTION] = mean_interval(values[DIRECTION])
    return values, intervals


def _p_value(name: str, values: np.ndarray) -> float:
    """Return a statement's two-sided p-value; the mean is 0, or as far from 0 as the margin."""
    n = len(values)
    if n < 2 or name not in EQUIVALENT:
        return float(t_test(values))
    mean, error = values.mean(), values.std(ddof=1) / n**0.5
    # Small if the mean is clearly above -MARGIN and clearly below MARGIN.
    with np.errstate(divide="ignore"):
        sides = scipy.special.stdtr(n - 1, np.array([-MARGIN - mean, mean - MARGIN]) / error)
    return float(min(1.0, 2 * min(sides.max(), (1 - sides).min())))


def _is_clear(name: str, row: np.ndarray) -> bool:
    """Return whether a statement's interval is on one side of 0, or of the ends of the margin."""
    _, low, high = row
    ends = (-MARGIN, MARGIN) if name in EQUIVALENT else (0.0,)
    return all(end < low or high < end for end in ends)


def _corrected(panels: Mapping[str, Data]) -> dict[str, Quantity]:
    """Return the p-values of all panels, corrected for their number."""
    return corrected(
        {
            f"{panel}.{name}": float(p)
            for panel, data in panels.items()
            for name, p in zip(data["statements"], data["statement_p"], strict=True)
        }
    )
