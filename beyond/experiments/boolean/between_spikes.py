r"""Boolean tasks trained by surrogate gradients of one loss with several values between spikes.

With `snn.losses.Between` the mean of a surrogate gradient is :math:`g_\lambda = g_0 + \lambda g_c`.
The exact gradient h is the same for all :math:`\lambda`. The map shows the share of tasks solved,
over the surrogate's slope and :math:`\lambda`. To find the part of g that matters, networks are
also trained along h plus a part that is orthogonal to h, as in `directions`.

Every arm is trained at every rate; see `chosen_rates`. Rules: beyond/docs/hypotheses.md.
"""

from collections.abc import Mapping
from typing import Annotated

import numpy as np
from pydantic import Field

from beyond.experiments.boolean import solved_shares, statements
from beyond.experiments.boolean.boolean_tasks import SOLVED, Task
from beyond.experiments.boolean.boolean_training import BooleanTraining
from beyond.experiments.boolean.directions import EXACT
from experiments.engine.experiment import (
    Data,
    Distinct,
    Positive,
    Quantity,
    Rising,
    Size,
    array,
    band,
    listed,
    param,
)
from experiments.engine.progress import track

MAX_LAMBDA = 10.0
PARTS = ("plus_orthogonal", "plus_between", "plus_linear")
"""Directions h plus the orthogonal part of g, of g_c or of g_0; all added parts have one length."""


class BetweenSpikes(BooleanTraining):
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
    apart: bool = param(False, "train along h plus orthogonal parts of a surrogate's mean, too")

    ARRAYS = {
        "methods": array("seed, method", "names: h, surrogates by slope and lambda, and parts"),
        "ratios": array("seed, ratio", "slopes of the surrogate over that of the noise"),
        "lams": array("seed, lambda", "lambda, for the loss between spikes"),
        "rates": array("seed, rate", "learning rates"),
        "tuning": array("seed, method, rate, tuning task", "wrong patterns at the end"),
        "wrong": array("seed, method, rate, task", "wrong patterns at the end"),
    } | solved_shares.ARRAYS

    @property
    def methods(self) -> list[str]:
        """Names of all directions."""
        surrogates = [statements.arm(r, lam) for r in self.ratios for lam in self.lams]
        return [EXACT, *surrogates, *PARTS * self.apart]

    def compute(self, seed: int) -> Data:
        tasks, tuning = self.tasks(seed)

        def wrong(name: str, batch: Task) -> np.ndarray:
            # Rounded to three digits, so that the committed file stays small.
            return self.last_wrong(name, batch).round(3).astype(np.float32)

        each = [
            [wrong(m, batch) for batch in (tasks, tuning)]
            for m in track(self.methods, "directions")
        ]
        judged, choosing = zip(*each, strict=True)
        return {
            "methods": np.array(self.methods),
            "ratios": np.array(self.ratios),
            "lams": np.array(self.lams),
            "rates": np.array(self.rates),
            "tuning": np.stack(choosing),
            "wrong": np.stack(judged),
        }

    def pooled(self, data: Data) -> Data:
        """Return shares at chosen rates, and pairs of directions; intervals include the choice."""
        return solved_shares.solved_shares(data)

    @classmethod
    def conclusions(cls, panels: Mapping[str, Data]) -> dict[str, Quantity]:
        """Return the predictions on the map, and on the parts of a surrogate gradient."""
        return statements.predictions(panels)

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return shares of solved tasks, at the best rate of each direction on these tasks."""
        best = (data["wrong"] < SOLVED).mean(axis=(0, 3)).max(axis=1)
        return {
            f"{name}_solved": band(float(share), 0, 1, "a share")
            for name, share in zip(listed(data, "methods"), best, strict=True)
        }
