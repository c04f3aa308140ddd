r"""LIF tasks trained from initial weights of several scales: scale and rate are chosen together.

Figure 9's networks start with fluctuation-driven weights, for a free potential of standard
deviation 1. Here every gradient has its own standard deviation, which tuning tasks choose with the
learning rate. An *option* is a scale and a rate. Tuning tasks are trained at every option, judged
tasks at the options that a bootstrap sample of the tuning tasks may choose. Losses are final losses
over the loss before training *at scale 1*, so that arms are compared by their final losses.

Rules and predictions: beyond/docs/bias_or_variance.md.
"""

from typing import Annotated

import jax
import numpy as np

from beyond.experiments.lif.descent import before, descend, final
from beyond.experiments.lif.lif_task import Tasks
from beyond.experiments.lif.rate_grids import RateGrid, log_ratio
from beyond.experiments.methods import AT_ONE, LIF
from beyond.experiments.study import Outcomes
from beyond.experiments.tuning import JUDGED, TUNING, tuned
from experiments.engine.experiment import (
    Data,
    Distinct,
    OneOf,
    Positive,
    Quantity,
    Rising,
    array,
    band,
    listed,
    param,
)

UNIT = 1.0
"""Scale of figure 9."""
ARMS = ["stochastic_ad_systematic", "surrogate_through_x0.25", "surrogate_through"]
"""Unbiased, broad and matched gradients."""


class InitialScales(RateGrid):
    """Trains LIF tasks from initial weights of several scales, at several rates."""

    arms: Distinct[Annotated[str, OneOf(LIF)]] = param(ARMS, "gradients that are followed")
    scales: Rising[Positive] = param(
        [0.5, 1.0, 2.0, 4.0], "standard deviations of the free potential before training"
    )

    ARRAYS = {
        "arms": array("seed, arm", "names of the gradients"),
        "scales": array("seed, scale", "scales of the initial weights"),
        "rates": array("seed, rate", "learning rates"),
        "tuning": array(
            "seed, arm, scale, rate, tuning task",
            "log of the final loss over the loss before training at scale 1",
        ),
        "log_loss": array(
            "seed, arm, scale, rate",
            "the same of judged tasks; NaN at options that no bootstrap sample chooses",
        ),
    }

    def check(self) -> None:
        """Refuse what a rate grid refuses, and scales without scale 1.

        Raises:
            ValueError: if scale 1 is missing, relative to which losses are given.
        """
        super().check()
        if UNIT not in self.scales:
            what = "losses are relative to the loss before training at scale 1"
            raise ValueError(f"{what}: {self.given('scales')}; expected 1 among them")

    def compute_many(self, seeds: list[int]) -> list[Data]:
        """Train tuning tasks at every option, and judged tasks at options that may be chosen."""
        tasks = {JUDGED: self.tasks(seeds), TUNING: self.tasks(self.tuning_seeds)}
        first = {role: before(self, each).loss[:, 0] for role, each in tasks.items()}
        grid = len(self.scales), len(self.rates)

        def train(arm: str, role: str, some: list[int]) -> np.ndarray:
            ends = [self._end(arm, option, tasks[role], role) for option in some]
            logs = [log_ratio(end, first[role]) for end in ends]
            return np.stack(logs)[None].astype(np.float32)

        arms = dict.fromkeys(self.arms, [range(grid[0] * grid[1])])
        (tuning,), (logs,) = tuned(arms, train)
        shared = {
            "arms": np.array(self.arms),
            "scales": np.array(self.scales),
            "rates": np.array(self.rates),
            "tuning": tuning.reshape(len(self.arms), *grid, -1),
        }
        return [
            shared | {"log_loss": logs[..., task].reshape(len(self.arms), *grid)}
            for task in range(len(seeds))
        ]

    def _end(self, arm: str, option: int, tasks: Tasks, role: str) -> np.ndarray:
        """Train with an option, a scale and a rate, and return final losses, ``(task,)``."""
        scale, rate = divmod(option, len(self.rates))
        begun = scaled(tasks, self.scales[scale])
        label = f"{arm}-{role}-{self.scales[scale]:g}"
        return final(descend(self, LIF[arm], self.rates[rate], begun, label).loss)

    @classmethod
    def outcomes(cls, data: Data, measure: str = "") -> Outcomes:
        """Return logs of final losses of all arms, with their own scale and at scale 1.

        An option is a scale and a rate. At scale 1 the other options are unknown.
        """
        arms, scales = listed(data, "arms"), data["scales"][0]
        tuning = data["tuning"][0].astype(float)
        judged = np.moveaxis(data["log_loss"].astype(float), 0, -1)
        other = (scales != UNIT)[:, None, None]
        both = [np.concatenate([x, np.where(other, np.nan, x)]) for x in (tuning, judged)]
        tuning, judged = (x.reshape(2 * len(arms), -1, x.shape[-1]) for x in both)
        names = arms + [f"{arm}{AT_ONE}" for arm in arms]
        return Outcomes(names, tuning, judged, digits=6)

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return final over first loss at the best option of each arm; medians over tasks."""
        each = np.exp(np.median(data["log_loss"], axis=0)).reshape(len(data["arms"][0]), -1)
        return {
            f"{name}_final_over_first": band(float(np.nanmin(loss)), 0, 1, "no harm")
            for name, loss in zip(listed(data, "arms"), each, strict=True)
        }


def scaled(tasks: Tasks, scale: float) -> Tasks:
    """Return tasks with initial weights times a scale."""
    return tasks._replace(params=jax.tree.map(lambda w: scale * w, tasks.params))
