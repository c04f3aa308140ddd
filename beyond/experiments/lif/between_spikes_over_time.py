r"""Spiking networks trained by broad surrogate gradients of losses that differ only between spikes.

The loss is the van Rossum distance with a course :math:`\lambda` between spikes
(`snn.losses.Between`), which does not change the loss of any spike train. *Broad* is the surrogate
gradient of a quarter of the noise's slope, through the reset; *unbiased* is stochastic AD.

Rules: `study`, and beyond/docs/hypotheses.md.
"""

from typing import Annotated

import numpy as np
from pydantic import Field

from beyond.experiments.lif.loss_variants import between
from beyond.experiments.lif.rate_grids import RateGrid, log_losses
from beyond.experiments.methods import BROAD, LIF, UNBIASED
from beyond.experiments.study import DECIDED, LOSSES, Outcomes, choose, losses
from beyond.experiments.tuning import JUDGED, TUNING, tuned
from experiments.engine.experiment import Data, Quantity, Rising, array, band, listed, param

MAX_LAMBDA = 10.0


class BetweenSpikesOverTime(RateGrid):
    """Trains spiking networks by broad surrogates of several losses that agree on spike trains."""

    lams: Rising[Annotated[float, Field(ge=-MAX_LAMBDA, le=MAX_LAMBDA)]] = param(
        [-0.5, 0.0, 0.5, 1.0],
        "lambda, for the distance between spikes; 1: unchanged, 0: its multilinear extension",
    )
    unbiased: bool = param(True, "train by stochastic AD, too")

    OWN = frozenset({"lams", "log_loss"})
    ARRAYS = {
        "methods": array("seed, method", "names of the arms"),
        "lams": array("seed, lambda", "lambda, for the distance between spikes"),
        "rates": array("seed, rate", "learning rates"),
        "tuning": array("seed, method, rate, tuning task", "log of final over first loss"),
        "log_loss": array(
            "seed, method, rate", "the same of judged tasks; NaN at rates that no draw chooses"
        ),
        "decided": DECIDED,
    } | LOSSES

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

    @property
    def arms(self) -> dict[str, tuple[str, float]]:
        """Arms by name: the followed method, and lambda."""
        unbiased = {UNBIASED: (UNBIASED, 1.0)} if self.unbiased else {}
        return unbiased | {f"lambda{lam:g}": (BROAD, lam) for lam in self.lams}

    def compute_many(self, seeds: list[int]) -> list[Data]:
        """Train tuning tasks at every rate, and judged tasks at rates that tuning might choose."""
        tasks = {TUNING: self.tasks(self.tuning_seeds), JUDGED: self.tasks(seeds)}

        def train(name: str, role: str, some: list[int]) -> np.ndarray:
            follows, lam = self.arms[name]
            within = between(tasks[role], lam)
            return log_losses(self.train(LIF[follows], within, some, f"{name}-{role}"))[None]

        (tuning,), (logs,) = tuned(dict.fromkeys(self.arms, [range(len(self.rates))]), train)
        shared = {
            "methods": np.array(list(self.arms)),
            "lams": np.array(self.lams),
            "rates": np.array(self.rates),
            "tuning": tuning,
        }
        return [shared | {"log_loss": logs[:, :, i]} for i in range(len(seeds))]

    @classmethod
    def reference(cls, data: Data) -> str:
        """Return unbiased gradients, or the usual loss if they are not trained."""
        return UNBIASED if UNBIASED in listed(data, "methods") else "lambda1"

    @classmethod
    def outcomes(cls, data: Data, measure: str = "") -> Outcomes:
        """Return logs of final over first losses; leads are measured from unbiased gradients."""
        judged = np.moveaxis(data["log_loss"], 0, -1)
        names = listed(data, "methods")
        return Outcomes(names, data["tuning"][0], judged, reference=UNBIASED)

    def pooled(self, data: Data) -> Data:
        """Return final losses at chosen rates, and their ratios."""
        return losses(choose(self.outcomes(data)), data["rates"][0])

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Summarise final over first loss, at each arm's best rate on these tasks."""
        best = np.exp(np.nanmin(np.median(data["log_loss"], axis=0), axis=1))
        why = "training must not do harm"
        return {
            f"{name}_final_over_first": band(float(value), 0.0, 1.0, why)
            for name, value in zip(listed(data, "methods"), best, strict=True)
        }
