"""Boolean tasks trained along several directions: which are solved, at rates that are chosen."""

import numpy as np

from beyond.experiments.boolean.boolean_tasks import SOLVED
from beyond.experiments.boolean.boolean_training import BooleanTraining
from beyond.experiments.study import SHARES, Outcomes, Study, choose, shares
from beyond.experiments.tuning import JUDGED, TUNING, tuned
from experiments.engine.experiment import Data, Quantity, array, band, listed

ARRAYS = {
    "methods": array("seed, method", "names of the directions"),
    "rates": array("seed, rate", "learning rates"),
    "tuning": array("seed, method, rate, tuning task", "wrong patterns at the end"),
    "wrong": array(
        "seed, method, rate, task", "wrong patterns at the end; NaN at rates that no draw chooses"
    ),
} | SHARES
"""Declarations of the arrays of every such experiment."""


class SolvedTasks(Study, BooleanTraining):
    """Boolean tasks trained along several directions."""

    def wrong_patterns(self, seed: int, names: list[str]) -> Data:
        """Train tuning tasks at every rate, and judged tasks at rates that tuning may choose.

        Args:
            seed: seed of the tasks.
            names: names of the directions.

        Returns:
            Names, rates and wrong patterns, as `ARRAYS` declares.
        """
        judged, tuning_tasks = self.tasks(seed)
        tasks = {TUNING: tuning_tasks, JUDGED: judged}

        def train(name: str, role: str, some: list[int]) -> np.ndarray:
            # Rounded to three digits, so that the committed file stays small.
            rates = [self.rates[i] for i in some]
            return self.last_wrong(name, tasks[role], rates).round(3).astype(np.float32)[None]

        # Several seeds pool their tuning tasks, which may choose any rate.
        n = self.n_tasks if len(self.seeds) == 1 else 0
        arms = dict.fromkeys(names, [range(len(self.rates))])
        (tuning,), (wrong,) = tuned(arms, train, n)
        arrays = {"tuning": tuning, "wrong": wrong}
        return {"methods": np.array(names), "rates": np.array(self.rates)} | arrays

    @classmethod
    def outcomes(cls, data: Data, measure: str = "") -> Outcomes:
        """Return which tasks are solved; the rate with the fewest wrong patterns is chosen."""
        tuning, wrong = (np.concatenate(data[name], axis=-1) for name in ("tuning", "wrong"))
        solved = np.where(np.isnan(wrong), np.nan, wrong < SOLVED)
        return Outcomes(listed(data, "methods"), tuning, solved, better="more")

    def pooled(self, data: Data) -> Data:
        """Return shares at chosen rates, and their differences."""
        return shares(choose(self.outcomes(data)), data["rates"][0])

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return shares of solved tasks, at the best rate of each direction on these tasks."""
        best = (data["wrong"] < SOLVED).mean(axis=(0, 3)).max(axis=1)
        return {
            f"{name}_solved": band(float(share), 0, 1, "a share")
            for name, share in zip(listed(data, "methods"), best, strict=True)
        }
