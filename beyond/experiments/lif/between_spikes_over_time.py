r"""Spiking networks trained by broad surrogate gradients of losses that differ only between spikes.

The loss is the van Rossum distance with a course :math:`\lambda` between spikes
(`snn.losses.Between`), which does not change the loss of any spike train. *Broad* is the surrogate
gradient of a quarter of the noise's slope, through the reset; *unbiased* is stochastic AD.

With :math:`\ell` the log of final over first loss, the *lead* of an arm is :math:`\ell` of the
reference minus :math:`\ell` of the arm. The reference is unbiased, or the broad surrogate of the
distance itself if nothing unbiased is trained.

Tuning tasks are trained at every rate, judged tasks at the rates that a bootstrap sample of tuning
tasks may choose; see `chosen_rates`. Rules: beyond/docs/hypotheses.md.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from beyond.experiments import chosen_rates
from beyond.experiments.families import Compared, family
from beyond.experiments.lif import budgets
from beyond.experiments.lif.budgets import METHODS
from beyond.experiments.lif.loss_variants import between
from beyond.experiments.lif.rate_grids import JUDGED, TUNING, RateGrid
from beyond.experiments.statistics import t_test
from experiments.engine.experiment import Data, Quantity, Rising, array, band, listed, param

BROAD, SYSTEMATIC = budgets.BROAD.name, budgets.SYSTEMATIC.name
MAX_LAMBDA = 10.0

REGIMES = ("lambda_easy", "lambda_steep")
PAINTED = ("lambda_picture",)
RISES = (("lambda0", "lambda-0.5"), ("lambda0.5", "lambda0"), ("lambda1", "lambda0.5"))
"""Prediction L2: the first has the lower loss."""
PICTURE = (("lambda1", "lambda0"), ("lambda0.5", "lambda0"), ("lambda1", "lambda0.5"))
LOST = "lost_at_0"


class BetweenSpikesOverTime(RateGrid):
    """Trains spiking networks by broad surrogates of several losses that agree on spike trains."""

    lams: Rising[Annotated[float, Field(ge=-MAX_LAMBDA, le=MAX_LAMBDA)]] = param(
        [-0.5, 0.0, 0.5, 1.0],
        "lambda, for the distance between spikes; 1: unchanged, 0: its multilinear extension",
    )
    unbiased: bool = param(True, "train by stochastic AD, too")

    ARRAYS = {
        "methods": array("seed, method", "names of the arms"),
        "lams": array("seed, lambda", "lambda, for the distance between spikes"),
        "rates": array("seed, rate", "learning rates"),
        "tuning": array("seed, method, rate, tuning task", "log of final over first loss"),
        "log_loss": array(
            "seed, method, rate", "the same of judged tasks; NaN at rates that no draw chooses"
        ),
        "chosen_rate": array("method", "learning rate"),
        "at_end": array("method", "whether it is an end of the grid"),
        "lead": array("method, statistic", "mean log of reference's loss over its own; bootstrap"),
        "ratio": array("method, statistic", "its final loss over that of the reference"),
        "paired": array("method, method, statistic", "ratio of final losses; bootstrap interval"),
        "lower": array("method, method", "tasks in which the first one's final loss is lower"),
        "lost": array("statistic", "share of the lead that lambda 0 loses; bootstrap interval"),
        "lost_p": array("", "that it is a half: Student's t, two-sided, not corrected"),
    }

    def check(self) -> None:
        """Refuse a task for both tuning and judging, and an arm without its reference.

        Raises:
            ValueError: For a task for both tuning and judging, and an arm without its reference.
        """
        super().check()
        if 1.0 not in self.lams:
            raise ValueError(
                f"nothing to compare with: {self.given('lams')}; expected 1 among them"
            )
        if self.unbiased:
            self.refuse_flips("budget")

    @property
    def arms(self) -> dict[str, tuple[str, float]]:
        """Arms by name: the followed method, and lambda."""
        unbiased = {SYSTEMATIC: (SYSTEMATIC, 1.0)} if self.unbiased else {}
        return unbiased | {f"lambda{lam:g}": (BROAD, lam) for lam in self.lams}

    def compute_many(self, seeds: list[int]) -> list[Data]:
        """Train tuning tasks at every rate, and judged tasks at rates that tuning might choose."""
        tasks = {TUNING: self.tasks(self.tuning_seeds), JUDGED: self.tasks(seeds)}

        def train(name: str, role: str, some: Iterable[int]) -> np.ndarray:
            follows, lam = self.arms[name]
            within = between(tasks[role], lam)
            return self.trained_at(METHODS[follows], within, some, f"{name}-{role}")[0]

        tuning, logs = self.tuned(self.arms, train, len(seeds))
        shared = {
            "methods": np.array(list(self.arms)),
            "lams": np.array(self.lams),
            "rates": np.array(self.rates),
            "tuning": tuning,
        }
        return [shared | {"log_loss": logs[:, :, i]} for i in range(len(seeds))]

    def pooled(self, data: Data) -> Data:
        """Return leads over the reference at chosen rates; intervals include the choice."""
        names, tuning = listed(data, "methods"), data["tuning"][0]
        values = np.moveaxis(data["log_loss"], 0, -1)
        which = chosen_rates.chosen(tuning)
        logs = chosen_rates.at_chosen(values, which)
        samples, mean = chosen_rates.resampled(tuning, values), logs.mean(axis=1)
        reference = names.index(SYSTEMATIC) if SYSTEMATIC in names else names.index("lambda1")
        lead = chosen_rates.with_interval(mean[reference] - mean, samples[:, [reference]] - samples)
        off = chosen_rates.differences(logs, samples)
        lost, lost_p = np.full(3, np.nan), np.nan
        if {SYSTEMATIC, "lambda0", "lambda1"} <= set(names):
            three = [reference, *map(names.index, ("lambda0", "lambda1"))]
            lost = chosen_rates.with_interval(_lost(*mean[three]), _lost(*samples.T[three]))
            unbiased, first, full = logs[three]
            lost_p = t_test(unbiased - first - (unbiased - full) / 2)
        return {
            "chosen_rate": data["rates"][0][which],
            "at_end": chosen_rates.at_end(which, values.shape[1]),
            "lead": lead,
            "ratio": np.exp(-lead)[:, [0, 2, 1]],
            "paired": np.exp(off),
            "lower": np.sum(logs[:, None].round(9) < logs[None].round(9), axis=-1),
            "lost": lost,
            "lost_p": np.array(lost_p),
        }

    @classmethod
    def conclusions(cls, panels: Mapping[str, Data]) -> dict[str, Quantity]:
        """Return the predictions over time, and in figure 6's task."""
        lost = Compared(LOST, "lambda0", "lambda1", REGIMES, "lost")
        over_time = family(panels, [*_losses(RISES, REGIMES), lost])
        return over_time | family(panels, _losses(PICTURE, PAINTED))

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Summarise final over first loss, at each arm's best rate on these tasks."""
        best = np.exp(np.nanmin(np.median(data["log_loss"], axis=0), axis=1))
        why = "training must not do harm"
        return {
            f"{name}_final_over_first": band(float(value), 0.0, 1.0, why)
            for name, value in zip(listed(data, "methods"), best, strict=True)
        }


def _lost(unbiased: Any, first: Any, full: Any) -> Any:
    """Return the share of the full arm's lead over unbiased gradients that the first arm lacks."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return 1 - (unbiased - first) / (unbiased - full)


def _losses(pairs: tuple[tuple[str, str], ...], panels: tuple[str, ...]) -> list[Compared]:
    return [Compared("_over_".join(pair), *pair, panels, "loss") for pair in pairs]
