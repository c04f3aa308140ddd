r"""Boolean tasks trained by surrogate gradients of one loss with several values between spikes.

With `snn.losses.Between` the mean of a surrogate gradient is :math:`g_\lambda = g_0 + \lambda g_c`.
The exact gradient h is the same for all :math:`\lambda`. The map shows the share of tasks solved,
over the surrogate's slope and :math:`\lambda`. To find the part of g that matters, networks are
also trained along h plus a part that is orthogonal to h, as in `directions`.

Rules: `study`, and beyond/docs/hypotheses.md.
"""

from itertools import product
from typing import Annotated

import numpy as np
from pydantic import Field

from beyond.experiments.boolean.directions import PARTS
from beyond.experiments.boolean.solved_tasks import ARRAYS, SolvedTasks
from beyond.experiments.methods import BROAD_SLOPE, Arm, between
from beyond.experiments.study import DECIDED
from experiments.engine.experiment import (
    Data,
    Distinct,
    Positive,
    Rising,
    Size,
    array,
    listed,
    param,
)

MAX_LAMBDA = 10.0
EXACT = "exact"
"""Name of the exact gradient of the expected loss."""


class BetweenSpikes(SolvedTasks):
    """Trains Boolean tasks along h, along surrogates of many breadths and losses, and by parts."""

    rates: Rising[Positive] = param(
        [0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0], "learning rates to choose from"
    )
    n_tuning: Size = param(32, "other tasks, which choose the learning rates")
    ratios: Distinct[Positive] = param(
        [1.0, 0.5, 0.25, 0.125, 0.0625], "slopes of the surrogate over that of the noise"
    )
    lams: Rising[Annotated[float, Field(ge=-MAX_LAMBDA, le=MAX_LAMBDA)]] = param(
        [-0.5, 0.0, 0.25, 0.5, 0.75, 1.0, 1.1],
        "lambda, for the loss between spikes; 1: the squared loss, 0: its multilinear extension",
    )
    apart: bool = param(False, "train along h plus orthogonal parts of the broad mean, too")

    REFERENCE = EXACT
    OWN = frozenset({"lams", "wrong"})
    ARRAYS = ARRAYS | {
        "decided": DECIDED,
        "ratios": array("seed, ratio", "slopes of the surrogate over that of the noise"),
        "lams": array("seed, lambda", "lambda, for the loss between spikes"),
    }

    @property
    def arms(self) -> dict[str, Arm]:
        """All directions by name."""
        pairs = product(self.ratios, self.lams)
        means = {between(r, lam): Arm("usual", slope=r, lam=lam) for r, lam in pairs}
        parts = {name: Arm(name, slope=BROAD_SLOPE) for name in PARTS if self.apart}
        return {EXACT: Arm("exact")} | means | parts

    def arm(self, name: str) -> Arm:
        """Return the direction of a name."""
        return self.arms[name]

    @classmethod
    def drawn(cls, data: Data) -> list[str]:
        """Return the directions if there is one mean; maps of means compare nothing."""
        one = data["ratios"].shape[1] * data["lams"].shape[1] == 1
        return listed(data, "methods") if one else []

    def compute(self, seed: int) -> Data:
        """Train along all directions."""
        grid = {"ratios": np.array(self.ratios), "lams": np.array(self.lams)}
        return grid | self.wrong_patterns(seed, list(self.arms))
