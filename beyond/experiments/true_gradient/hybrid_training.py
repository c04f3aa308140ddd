r"""Over time, sampled: is it silence, smoothness or variance that makes a broad surrogate better?

Spiking networks are trained by *broad* surrogate gradients, by *unbiased* ones, and by mixtures of
both (`hybrids`). With :math:`\ell` the log of final over first loss of a task, and
:math:`d_m = \ell_\text{unbiased} - \ell_m`, a method closes the share
:math:`\overline{d_m} / \overline{d_\text{broad}}` of the gap.

Rules, which were committed before any of these trainings (beyond/docs/hypotheses.md):

- **Learning rate, silence, freezing**: as in `unbiased_training`; freezing at every observation.
- **Statements** (`STATEMENTS`): a share is above, or below, a margin c. Student's t-test of the
  mean of :math:`d_m - c\, d_\text{broad}` over tasks that are not silent; Holm's correction for the
  statements of all panels. Undecided where there is no gap.
- **Schedules** (`PARTS`): one helps where its final loss is below that of each of its parts alone;
  Student's t-test of log ratios in pairs, Holm's correction for all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy

from beyond.experiments.statistics import paired_p_values, paired_ratios, ratio_of_means
from beyond.experiments.true_gradient.descent import final
from beyond.experiments.true_gradient.frozen import LAST, frozen
from beyond.experiments.true_gradient.hybrids import BROAD, FOLLOWED, MATCHED, REPEATED, UNBIASED
from beyond.experiments.true_gradient.tuned_descent import (
    MIN_SPIKES,
    TUNING,
    TunedDescent,
    rates,
    stacked,
)
from experiments.engine.base import Data, Quantity, array, band, listed, param
from experiments.statistics import holm, mean_interval, quartiles


class Statement(NamedTuple):
    """The share of the gap that a method closes is on a side of a margin."""

    method: str
    margin: float


STATEMENTS = {
    "revival": Statement("broad_at_silent", 0.8),
    "reverse": Statement("unbiased_at_silent", 0.2),
    "smoothing": Statement("unbiased_in_broader_noise", 0.8),
    "variance": Statement(REPEATED.name, 0.5),
    "noise": Statement("broad_jittered", 0.5),
}
"""What was stated: at least the margin, but of "reverse" and "noise" at most."""
PARTS = {"first_broad": (BROAD, UNBIASED), "annealed": (BROAD, MATCHED)}
"""Schedules, and what they are made of."""


@dataclass
class HybridTraining(TunedDescent):
    """Trains the same spiking networks by broad, unbiased and mixed gradients."""

    methods: list[str] = param(
        list(FOLLOWED), "what updates follow", choices=FOLLOWED, distinct=True
    )

    ARRAYS = {
        "methods": array("seed, method", "names"),
        "update": array("seed, observation", "updates so far"),
        "runs": array("seed, method", "runs of the network per update"),
        **TUNING,
        "loss": array("seed, method, observation", "mean over test trials"),
        "final": array("seed, method", "final loss"),
        "first_spikes": array("seed, layer", "spikes per trial before training"),
        "quiet": array("seed, method, observation, layer", "neurons that spike in no test trial"),
        "silent": array("task", "whether nothing spikes there"),
        "n_compared": array("", "tasks that are not silent"),
        "curve_quartiles": array("method, quartile, observation", "loss over that before training"),
        "final_quartiles": array("method, quartile", "the same at the end"),
        "frozen": array("task, method, observation", "whether the loss has stood still until then"),
        "gap": array("statistic", "log of final loss, unbiased minus broad; 95 % interval"),
        "closed": array("method, statistic", "share of the gap closed, Fieller's 95 % interval"),
        "statements": array("statement", "names"),
        "margins": array("statement", "of the shares"),
        "statement_p": array("statement", "that the share is the margin; not corrected"),
        "paired": array(
            "method, method, statistic", "ratio of final losses in pairs, with 95 % interval"
        ),
        "paired_p": array("method, method", "its two-sided p-value, not corrected"),
    }

    def validate(self, path: str) -> None:
        """Refuse methods without the two that the gap lies between, and budgets without a flip."""
        super().validate(path)
        missing = [name for name in (UNBIASED, BROAD) if name not in self.methods]
        if missing:
            what = f"there is no gap to close without {' and '.join(missing)}"
            fix = [*missing, *self.methods]
            raise self.refusal(path, what, "methods", "both ends of the gap", methods=fix)
        sites = self.steps * (self.n_hidden + self.n_outputs)
        if not 2 <= self.budget <= 1 + sites:
            fix = min(max(2, self.budget), 1 + sites)
            raise self.refusal(
                path, "a budget is a trial and flips", "budget", f"2 to {1 + sites}", budget=fix
            )

    def compute_many(self, seeds: list[int]) -> list[Data]:
        """Choose learning rates on the tuning tasks, and train with them on those of the seeds."""
        judged, tuning = self.tasks(seeds)
        each = [self.trained(name, FOLLOWED[name], judged, tuning) for name in self.methods]
        loss, quiet = stacked(each, "loss"), stacked(each, "quiet")
        first = each[0].found.spikes[:, 0].astype(np.float32)
        shared = {
            "methods": np.array(self.methods),
            "update": np.minimum(np.arange(loss.shape[-1]) * self.chunk, self.n_updates),
            "runs": np.array([FOLLOWED[name].runs(self.budget) for name in self.methods]),
            "tuned_on": np.asarray(tuning.seeds),
            **rates(each),
        }
        return [
            shared
            | {"loss": loss[i], "quiet": quiet[i].astype(np.int32)}
            | {"final": final(loss[i]), "first_spikes": first[i]}
            for i in range(len(seeds))
        ]

    def pooled(self, data: Data) -> Data:
        """Silent tasks, shares of the gap closed, and final losses in pairs."""
        silent = data["first_spikes"][:, -1] < MIN_SPIKES
        curves = data["loss"] / data["loss"][:, :, :1]
        relative = (data["final"] / data["loss"][:, :, 0])[~silent].astype(float)
        names = listed(data, "methods")
        logs = np.log(relative)
        gains = logs[:, [names.index(UNBIASED)]] - logs
        gap = gains[:, names.index(BROAD)]
        stated = {name: of for name, of in STATEMENTS.items() if of.method in names}
        off = [gains[:, names.index(of.method)] - of.margin * gap for of in stated.values()]
        return {
            "silent": silent,
            "n_compared": np.array((~silent).sum()),
            "curve_quartiles": quartiles(curves[~silent]),
            "final_quartiles": quartiles(relative),
            "frozen": _frozen_until(data["loss"]),
            "gap": mean_interval(gap),
            "closed": np.array([ratio_of_means(gain, gap) for gain in gains.T]),
            "statements": np.array(list(stated), dtype=str),
            "margins": np.array([of.margin for of in stated.values()]),
            "statement_p": np.array([_p_value(each) for each in off]),
            "paired": paired_ratios(relative),
            "paired_p": paired_p_values(relative),
        }

    @classmethod
    def conclusions(cls, panels: Mapping[str, Data]) -> dict[str, Quantity]:
        """Shares of the gap closed, and schedules beside their parts, by regime."""
        return _shares(panels) | _schedules(panels)

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Loss before training, and at the end relative to it; medians over tasks."""
        found = {"first_loss": band(np.median(data["loss"][:, 0, 0]), 0.2, 8.0, "untrained")}
        relative = np.median(data["final"] / data["loss"][:, :, 0], axis=0)
        for name, value in zip(listed(data, "methods"), relative, strict=True):
            why = "training must not do harm"
            found[f"{name}_final_over_first"] = band(float(value), 0.0, 1.0, why)
        return found


def _p_value(values: np.ndarray) -> float:
    """Two-sided, of Student's test that the mean is 0; NaN of fewer than two."""
    return float(np.asarray(scipy.stats.ttest_1samp(values, 0))[1]) if len(values) > 1 else np.nan


def _frozen_until(loss: np.ndarray) -> np.ndarray:
    """Return which trainings stand still, ``(task, method, observation)``."""
    n = loss.shape[-1]
    still = [frozen(loss[..., end - LAST : end]) for end in range(LAST, n + 1)]
    before = np.zeros((*loss.shape[:-1], min(LAST - 1, n)), bool)
    return np.concatenate([before, *(one[..., None] for one in still)], axis=-1)


def _shares(panels: Mapping[str, Data]) -> dict[str, Quantity]:
    """Return the share that each statement is about; of all panels, the largest corrected p."""
    found, p_values = {}, {}
    for panel, data in panels.items():
        names = listed(data, "methods")
        found[f"{panel}.gap"] = _interval(data, data["gap"])
        has_gap = data["gap"][1] > 0
        for name, p in zip(data["statements"], data["statement_p"], strict=True):
            closed = data["closed"][names.index(STATEMENTS[str(name)].method)]
            found[f"{panel}.{name}_closed"] = _interval(data, closed)
            p_values[panel, str(name)] = p if has_gap else 1.0
    return found | _corrected(p_values)


def _schedules(panels: Mapping[str, Data]) -> dict[str, Quantity]:
    """Return final losses of schedules over those of their parts."""
    found, p_values = {}, {}
    for panel, data in panels.items():
        names = listed(data, "methods")
        for schedule, parts in PARTS.items():
            if not {schedule, *parts} <= set(names):
                continue
            for part in parts:
                i, j = names.index(schedule), names.index(part)
                name = f"{schedule}_over_{part}"
                found[f"{panel}.{name}"] = _interval(data, data["paired"][i, j])
                p_values[panel, name] = data["paired_p"][i, j]
    return found | _corrected(p_values)


def _corrected(p_values: dict[tuple[str, str], float]) -> dict[str, Quantity]:
    """Holm's p-values, by "panel.name_p"."""
    corrected = holm(np.array(list(p_values.values())))
    why = f"Holm, of {len(p_values)}"
    return {
        f"{panel}.{name}_p": band(float(p), 0, 1, why)
        for (panel, name), p in zip(p_values, corrected, strict=True)
    }


def _interval(data: Data, row: np.ndarray) -> Quantity:
    value, low, high = map(float, row)
    tasks = f"{data['n_compared']} tasks"
    return Quantity(value, "statistical", ci_low=low, ci_high=high, why=tasks)
