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

import jax
import numpy as np
import scipy

from beyond.experiments.statistics import paired_ratios
from beyond.experiments.true_gradient.alignment import N_BATCHES, Weights, measure_alignment
from beyond.experiments.true_gradient.descent import NOISE, final
from beyond.experiments.true_gradient.frozen import frozen
from beyond.experiments.true_gradient.partial_resets import FOLLOWED, NEURON, THROUGH
from beyond.experiments.true_gradient.tuned_descent import (
    MIN_SPIKES,
    TUNING,
    TunedDescent,
    rates,
    stacked,
)
from experiments.engine.base import Data, Quantity, array, band, exact, listed, param
from experiments.engine.progress import track
from experiments.statistics import holm, mean_interval
from snn.stats.batch_means import KNOWN_SE

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
"""Of a log ratio: factors of 0.80 and 1.25."""
ALPHA = 0.05


@dataclass
class ResetsOverTime(TunedDescent):
    """Trains spiking networks through the reset and detached, and measures the first updates."""

    methods: list[str] = param(
        list(FOLLOWED), "what updates follow", choices=FOLLOWED, distinct=True
    )
    n_flips: int = param(64, "flips per trial of the true gradient", low=1)
    n_trials: int = param(512, "trials of the true gradient", low=2 * N_BATCHES, high=1_000_000)

    ARRAYS = {
        "methods": array("seed, method", "names"),
        "update": array("seed, observation", "updates so far"),
        "runs": array("seed, method", "runs of the network per update"),
        **TUNING,
        "loss": array("seed, method, observation", "mean over test trials"),
        "final": array("seed, method", "final loss"),
        "first_spikes": array("seed, layer", "spikes per trial before training"),
        "cosine": array("seed, method", "of a method's mean and the true gradient, at first"),
        "ratio": array("seed, method", "of their norms"),
        "cosine_se": array("seed, method", "standard error of the cosine"),
        "ratio_se": array("seed, method", "standard error of the ratio"),
        "update_cosine": array("seed, method", "mean cosine of one update, at first"),
        "update_cosine_se": array("seed, method", "its standard error"),
        "silent": array("task", "whether nothing spikes there"),
        "n_compared": array("", "tasks that are not silent"),
        "frozen": array("task, method", "whether the loss stands still at the end"),
        "paired": array(
            "method, method, statistic", "ratio of final losses in pairs, with 95 % interval"
        ),
        "n_known": array("method", "tasks in which the cosine of the mean is known"),
        "cosine_mean": array("method, statistic", "known cosines; mean, 95 % interval"),
        "log10_ratio_mean": array("method, statistic", "their norms; mean, 95 % interval"),
        "update_mean": array("method, statistic", "cosine of one update; mean, 95 % interval"),
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
        sites = self.steps * (self.n_hidden + self.n_outputs)
        for name, value, low, most in (
            ("n_flips", self.n_flips, 1, sites),
            ("budget", self.budget, 2, 1 + sites),
        ):
            if not low <= value <= most:
                fix = {name: min(max(low, value), most)}
                what = "a budget is a trial and flips, of as many sites as there are"
                raise self.refusal(path, what, name, f"{low} to {most}", **fix)

    def compute_many(self, seeds: list[int]) -> list[Data]:
        """Choose learning rates, train with them, and measure gradients before training."""
        judged, tuning = self.tasks(seeds)
        each = [self.trained(name, FOLLOWED[name], judged, tuning) for name in self.methods]
        loss, weights = stacked(each, "loss"), each[0].found.weights[:, :1]
        methods = [FOLLOWED[name].within(self.budget, self.beta) for name in self.methods]
        shared = {
            "methods": np.array(self.methods),
            "update": np.minimum(np.arange(loss.shape[-1]) * self.chunk, self.n_updates),
            "runs": np.array([FOLLOWED[name].runs(self.budget) for name in self.methods]),
            "tuned_on": np.asarray(tuning.seeds),
            **rates(each),
        }
        results = []
        for i, seed in enumerate(track(seeds, "tasks")):
            task = jax.tree.map(lambda leaf, i=i: leaf[i], Weights(judged.programs, judged.params))
            # The task's own key is used up.
            key = jax.random.fold_in(jax.random.key(seed), NOISE)
            found = measure_alignment(task, weights[i], methods, (self.n_flips, self.n_trials), key)
            found.pop("true_noise")
            results.append(
                shared
                | {"loss": loss[i], "final": final(loss[i])}
                | {"first_spikes": each[0].found.spikes[i, 0].astype(np.float32)}
                | {name: values[0].astype(np.float32) for name, values in found.items()}
            )
        return results

    def pooled(self, data: Data) -> Data:
        """Compare final losses in pairs, and average over tasks; what is stated of both."""
        names = listed(data, "methods")
        silent = data["first_spikes"][:, -1] < MIN_SPIKES
        on = {name: data[name][~silent].astype(float) for name in ("cosine", "ratio")}
        known = data["cosine_se"][~silent] < KNOWN_SE
        relative = (data["final"] / data["loss"][:, :, 0])[~silent].astype(float)
        update = data["update_cosine"][~silent].astype(float)
        stated = _stated(names, np.log(relative), update)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(known, np.log10(on["ratio"]), np.nan)
        return {
            "silent": silent,
            "n_compared": np.array((~silent).sum()),
            "frozen": frozen(data["loss"]),
            "paired": paired_ratios(relative),
            "n_known": known.sum(axis=0),
            "cosine_mean": mean_interval(np.where(known, on["cosine"], np.nan)),
            "log10_ratio_mean": mean_interval(ratio),
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
        corrected = _corrected(family)
        names = map(str, family[panel]["statements"])
        return {"decided": np.array([corrected[panel, name] < ALPHA for name in names], bool)}

    @classmethod
    def conclusions(cls, panels: Mapping[str, Data]) -> dict[str, Quantity]:
        """Return what is stated with its corrected p-value, and frozen trainings."""
        found, corrected = {}, _corrected(panels)
        for panel, data in panels.items():
            tasks = f"{data['n_compared']} tasks"
            for name, row in zip(map(str, data["statements"]), data["stated"], strict=True):
                value, low, high = map(float, row)
                quantity = Quantity(value, "statistical", ci_low=low, ci_high=high, why=tasks)
                found[f"{panel}.{name}"] = quantity
                p = corrected[panel, name]
                found[f"{panel}.{name}_p"] = band(p, 0, 1, f"Holm, of {len(corrected)}")
            for name, still in zip(listed(data, "methods"), data["frozen"].T, strict=True):
                found[f"{panel}.{name}_frozen"] = exact(float(still[~data["silent"]].sum()))
        return found

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Loss before training, and at the end relative to it; medians over tasks."""
        found = {"first_loss": band(np.median(data["loss"][:, 0, 0]), 0.2, 8.0, "untrained")}
        relative = np.median(data["final"] / data["loss"][:, :, 0], axis=0)
        for name, value in zip(listed(data, "methods"), relative, strict=True):
            why = "training must not do harm"
            found[f"{name}_final_over_first"] = band(float(value), 0.0, 1.0, why)
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
    if n < 2:
        return np.nan
    if name not in EQUIVALENT:
        return float(np.asarray(scipy.stats.ttest_1samp(values, 0))[1])
    mean, error = values.mean(), values.std(ddof=1) / n**0.5
    # Small where the mean is surely above -MARGIN, and surely below MARGIN.
    with np.errstate(divide="ignore"):
        sides = scipy.special.stdtr(n - 1, np.array([-MARGIN - mean, mean - MARGIN]) / error)
    return float(min(1.0, 2 * min(sides.max(), (1 - sides).min())))


def _corrected(panels: Mapping[str, Data]) -> dict[tuple[str, str], float]:
    """Holm's p-values, by panel and statement."""
    p_values = {
        (panel, str(name)): float(p)
        for panel, data in panels.items()
        for name, p in zip(data["statements"], data["statement_p"], strict=True)
    }
    return dict(zip(p_values, holm(np.array(list(p_values.values()))), strict=True))
