r"""Causes of a broad surrogate's advantage over time: silence, smoothness or variance.

Spiking networks are trained by *broad* surrogate gradients, by *unbiased* ones, and by mixtures of
both (`hybrids`). With :math:`\ell` the log of final over first loss of a task, and
:math:`d_m = \ell_\text{unbiased} - \ell_m`, a method closes the share
:math:`\overline{d_m} / \overline{d_\text{broad}}` of the gap.

Rules, which were committed before any of these trainings (beyond/docs/hypotheses.md):

- **Learning rate**: as in `tuned_training`. **Silence**: as in `unbiased_training`.
- **Statements** (`STATEMENTS`): a share is above, or below, a margin c. Student's t-test of the
  mean of :math:`d_m - c\, d_\text{broad}` over tasks that are not silent; Holm's correction for the
  statements of all panels. Intervals of shares include the choice of the rate. Undecided without a
  gap.
- **Schedules** (`PARTS`): a schedule helps if its final loss is below that of each part alone;
  Student's t-test of log ratios in pairs, Holm's correction for all.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from beyond.experiments import chosen_rates
from beyond.experiments.families import corrected, estimate
from beyond.experiments.statistics import t_test
from beyond.experiments.true_gradient.hybrids import BROAD, FOLLOWED, MATCHED, REPEATED, SYSTEMATIC
from beyond.experiments.true_gradient.tuned_training import (
    TRAINED,
    TunedTraining,
    at_chosen,
    over_unbiased,
)
from experiments.engine.declare.experiment import Data, Quantity, array, listed, param

STATEMENTS = {
    "revival": ("broad_at_silent", 0.8),
    "reverse": ("unbiased_at_silent", 0.2),
    "smoothing": ("unbiased_in_broader_noise", 0.8),
    "variance": (REPEATED.name, 0.5),
    "noise": ("broad_jittered", 0.5),
}
"""Method and margin of each statement: the method closes at least this share of the gap, or at most
for "reverse" and "noise"."""
PARTS = {"first_broad": (BROAD, SYSTEMATIC), "annealed": (BROAD, MATCHED)}
"""Parts of each schedule."""


@dataclass
class HybridTraining(TunedTraining):
    """Training of the same spiking networks by broad, unbiased and mixed gradients."""

    methods: list[str] = param(
        list(FOLLOWED), "methods whose estimates updates follow", choices=FOLLOWED, distinct=True
    )

    ARRAYS = TRAINED | {
        "update": array("seed, observation", "updates before and after training"),
        "loss": array("seed, method, observation", "loss before and after training"),
        "runs": array("seed, method", "forward passes per update"),
        "gap": array("statistic", "log of final loss, unbiased minus broad; bootstrap interval"),
        "closed": array("method, statistic", "share of the gap closed; bootstrap interval"),
        "statements": array("statement", "names"),
        "margins": array("statement", "of the shares"),
        "statement_p": array("statement", "p-value of a share equal to the margin; not corrected"),
    }

    def validate(self, path: str) -> None:
        """Refuse methods without both ends of the gap, and budgets without a flip.

        Raises:
            UserError: For methods without both ends of the gap, and budgets without a flip.
        """
        super().validate(path)
        missing = [name for name in (SYSTEMATIC, BROAD) if name not in self.methods]
        if missing:
            what = f"there is no gap to close without {' and '.join(missing)}"
            fix = [*missing, *self.methods]
            raise self.parameter_error(path, what, "methods", "both ends of the gap", methods=fix)
        self.refuse_flips(path, "budget")

    def compute_many(self, seeds: list[int]) -> list[Data]:
        """Choose learning rates on the tuning tasks, then train on the tasks of the seeds."""
        followed = {name: FOLLOWED[name] for name in self.methods}
        *_, by_task = self.trained(followed, seeds)
        runs = np.array([one.runs(self.budget) for one in followed.values()])
        # No figure draws the losses between.
        ends = [0, -1]
        return [
            data | {"runs": runs, "loss": data["loss"][:, ends], "update": data["update"][ends]}
            for data in by_task
        ]

    def pooled(self, data: Data) -> Data:
        """Return silent tasks, shares of the gap closed, and final losses in pairs."""
        names = listed(data, "methods")
        unbiased, broad = names.index(SYSTEMATIC), names.index(BROAD)
        _, logs, samples = at_chosen(data)
        gains, drawn = logs[unbiased] - logs, samples[:, [unbiased]] - samples
        gap = chosen_rates.with_interval(gains[broad].mean(), drawn[:, broad])
        stated = {name: x for name, x in STATEMENTS.items() if x[0] in names}
        off = [gains[names.index(one)] - margin * gains[broad] for one, margin in stated.values()]
        return super().pooled(data) | {
            "gap": gap,
            "closed": _closed(gains.mean(axis=1), drawn, broad, bool(gap[1] > 0)),
            "statements": np.array(list(stated), dtype=str),
            "margins": np.array([margin for _, margin in stated.values()]),
            "statement_p": np.array([t_test(each) for each in off]),
        }

    @classmethod
    def conclusions(cls, panels: Mapping[str, Data]) -> dict[str, Quantity]:
        """Return shares of the gap closed, schedules beside parts, and ratios of E18 to E20."""
        quantities = _shares(panels) | _schedules(panels)
        for panel, data in panels.items():
            quantities |= over_unbiased(panel, data)
        return quantities


def _closed(gains: np.ndarray, drawn: np.ndarray, broad: int, has_gap: bool) -> np.ndarray:
    """Return the share of the gap that each method closes, with its interval, ``(method, 3)``.

    Without a gap, the ends of the interval are NaN.

    Args:
        gains: mean log of the final loss of unbiased gradients minus that of a method.
        drawn: bootstrap samples of these means, ``(sample, method)``.
        broad: index of the method that closes the gap.
        has_gap: whether the interval of the gap lies above 0.
    """
    shares = drawn / drawn[:, [broad]] if has_gap else np.full_like(drawn, np.nan)
    return chosen_rates.with_interval(gains / gains[broad], shares)


def _shares(panels: Mapping[str, Data]) -> dict[str, Quantity]:
    """Return the share of each statement, with p-values corrected over all panels."""
    quantities, p_values = {}, {}
    for panel, data in panels.items():
        names = listed(data, "methods")
        quantities[f"{panel}.gap"] = estimate(data["gap"], _tasks(data))
        has_gap = data["gap"][1] > 0
        for name, p in zip(data["statements"], data["statement_p"], strict=True):
            closed = data["closed"][names.index(STATEMENTS[str(name)][0])]
            quantities[f"{panel}.{name}_closed"] = estimate(closed, _tasks(data))
            p_values[f"{panel}.{name}"] = p if has_gap else 1.0
    return quantities | corrected(p_values)


def _schedules(panels: Mapping[str, Data]) -> dict[str, Quantity]:
    """Return final losses of schedules over those of their parts."""
    quantities, p_values = {}, {}
    for panel, data in panels.items():
        names = listed(data, "methods")
        complete = {name: parts for name, parts in PARTS.items() if {name, *parts} <= set(names)}
        for schedule, part in ((name, part) for name, parts in complete.items() for part in parts):
            i, j = names.index(schedule), names.index(part)
            name = f"{panel}.{schedule}_over_{part}"
            quantities[name] = estimate(data["paired"][i, j], _tasks(data))
            p_values[name] = data["paired_p"][i, j]
    return quantities | corrected(p_values)


def _tasks(data: Data) -> str:
    return f"{data['n_compared']} tasks"
