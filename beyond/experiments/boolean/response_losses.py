r"""Boolean tasks trained along gradients of several losses: is it the gradient, or the loss?

Every arm of `loss_directions` starts from the same networks. Rates are chosen as in `chosen_rates`;
judged tasks are trained only at rates that a bootstrap sample of the tuning tasks chooses. Rules,
which were committed before any of these numbers: beyond/docs/hypotheses.md.
"""

from collections.abc import Mapping
from typing import Annotated

import jax
import numpy as np
from pydantic import Field

from beyond.experiments import chosen_rates
from beyond.experiments.boolean import loss_statements, solved_shares
from beyond.experiments.boolean.boolean_tasks import SOLVED, Task
from beyond.experiments.boolean.boolean_training import BooleanTraining
from beyond.experiments.boolean.loss_directions import ARMS, LossDirection, loss_direction
from beyond.experiments.boolean.loss_statements import LOGIC, MORE
from beyond.experiments.boolean.three_literals import LITERALS, draw_three_literals
from experiments.engine.experiment import (
    Data,
    Distinct,
    OneOf,
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

FUNCTIONS = ("random", "three_literals")


class ResponseLosses(BooleanTraining):
    """Trains Boolean tasks along exact gradients and surrogates' means, of several losses."""

    methods: Distinct[Annotated[str, OneOf(ARMS)]] = param(
        list(ARMS), "directions that are followed"
    )
    function: Annotated[str, OneOf(FUNCTIONS)] = param(
        "random", "functions to learn: 1 for a random set of patterns, or of three literals"
    )
    rates: Rising[Positive] = param(
        [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0], "learning rates to choose from"
    )
    n_tasks: Annotated[int, Field(ge=2, le=10_000)] = param(800, "tasks per seed")
    n_tuning: Size = param(64, "other tasks, which choose the learning rates")

    ARRAYS = {
        "methods": array("seed, method", "names of the directions"),
        "rates": array("seed, rate", "learning rates"),
        "tuning": array("seed, method, rate, tuning task", "wrong patterns at the end"),
        "wrong": array(
            "seed, method, rate, task", "wrong patterns at the end; NaN at rates not chosen"
        ),
    } | solved_shares.ARRAYS

    def check(self) -> None:
        """Refuse fewer bits than literals, besides what every training refuses.

        Raises:
            ValueError: For fewer bits than literals.
        """
        super().check()
        if self.function == "three_literals" and self.bits < LITERALS:
            what = "a function of three literals needs three bits"
            raise ValueError(f"{what}: {self.given('bits')}; expected {LITERALS} or more")

    def along(self, name: str) -> LossDirection:
        """Return the direction of a name."""
        return loss_direction(name, self.beta)

    def tasks(self, seed: int) -> tuple[Task, Task]:
        """Return the tasks of a seed, and the tuning tasks for the learning rates."""
        if self.function == "random":
            return super().tasks(seed)
        keys = jax.random.split(jax.random.key(seed), self.n_tasks + self.n_tuning)
        tasks = draw_three_literals(self.family, keys)
        parts = slice(self.n_tasks), slice(self.n_tasks, None)
        judged, tuning = (jax.tree.map(lambda leaf, p=p: leaf[p], tasks) for p in parts)
        return judged, tuning

    def compute(self, seed: int) -> Data:
        """Train tuning tasks at every rate, and judged tasks at rates that tuning may choose."""
        judged, tuning_tasks = self.tasks(seed)
        # Rounded to three digits, so that the committed file stays small.
        tuning = np.stack(
            [self.last_wrong(m, tuning_tasks).round(3) for m in track(self.methods, "tuning")]
        ).astype(np.float32)
        every = [np.arange(len(self.rates))] * len(self.methods)
        # Several seeds pool their tuning tasks, which may choose any rate.
        some = chosen_rates.candidates(tuning, self.n_tasks) if len(self.seeds) == 1 else every
        wrong = np.full((*tuning.shape[:2], self.n_tasks), np.nan, np.float32)
        for i, name in enumerate(track(self.methods, "directions")):
            rates = [self.rates[j] for j in some[i]]
            wrong[i, some[i]] = self.last_wrong(name, judged, rates).round(3)
        return {
            "methods": np.array(self.methods),
            "rates": np.array(self.rates),
            "tuning": tuning,
            "wrong": wrong,
        }

    def pooled(self, data: Data) -> Data:
        """Return shares at chosen rates and directions in pairs; intervals include the choice."""
        return solved_shares.solved_shares(data)

    @classmethod
    def conclusions(cls, panels: Mapping[str, Data]) -> dict[str, Quantity]:
        """Return the predictions on the loss, on breadth and on curvature."""
        return loss_statements.predictions(cls._joined(panels))

    @classmethod
    def _joined(cls, panels: Mapping[str, Data]) -> Mapping[str, Data]:
        """Return the panels, with the directions of `MORE` added to those on the same tasks."""
        if not {LOGIC, MORE} <= set(panels):
            return panels
        first, second = panels[LOGIC], panels[MORE]
        axes = {"methods": 1, "tuning": 1, "wrong": 1}
        data = {n: np.concatenate([first[n], second[n]], axis=axis) for n, axis in axes.items()}
        data["rates"] = first["rates"]
        return {**panels, LOGIC: data | cls().pooled(data)}

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return shares of solved tasks, at the best rate of each direction on these tasks."""
        best = (data["wrong"] < SOLVED).mean(axis=(0, 3)).max(axis=1)
        return {
            f"{name}_solved": band(float(share), 0, 1, "a share")
            for name, share in zip(listed(data, "methods"), best, strict=True)
        }
