r"""Gradients through the reset and detached, in tasks whose true gradient can be estimated.

Readers of the paper compare surrogate derivatives (matched, scaled sigmoid, SuperSpike) through the
reset and detached. Here they train the tasks of figure 9: direction and length against the true
gradient before training, and final losses. Three changes of the matched surrogate
through the reset show the cause of harm (`partial_resets`): length, sign or variance.

Rules, which were committed before any of these numbers (beyond/docs/hypotheses.md):

- **Learning rate**: as in `tuned_training`. **Silence**: as in `unbiased_training`.
- **Statements**: the family "resets" of `predictions`.
"""

from collections.abc import Iterator
from typing import Annotated

import numpy as np
from pydantic import Field

from beyond.experiments.lif.alignment import (
    N_BATCHES,
    declared,
    measure_alignment,
)
from beyond.experiments.lif.partial_resets import NEURON
from beyond.experiments.lif.tuned_training import TRAINED, TunedTraining, silent
from beyond.experiments.methods import LIF, THROUGH_OR_NOT
from beyond.experiments.predictions import ROWS, Prediction
from beyond.experiments.study import DECIDED, Outcomes
from experiments.engine.experiment import Count, Data, Distinct, OneOf, listed, param

UPDATE = "update_cosine"
"""Measured quantity: the mean cosine of an update before training."""


class ResetsOverTime(TunedTraining):
    """Training of spiking networks through the reset and detached, and their first updates."""

    methods: Distinct[Annotated[str, OneOf(THROUGH_OR_NOT)]] = param(
        list(THROUGH_OR_NOT), "methods whose estimates updates follow"
    )
    n_flips: Count = param(64, "flips per trial of the true gradient")
    n_trials: Annotated[int, Field(ge=2 * N_BATCHES, le=1_000_000)] = param(
        512, "trials of the true gradient"
    )

    OWN = frozenset({UPDATE, "tuned_on"})
    ARRAYS = {
        **TRAINED,
        **declared("method"),
        "decided": DECIDED,
    }

    def check(self) -> None:
        """Refuse neurons other than LIF, and more flips than spike sites.

        Raises:
            ValueError: For neurons other than LIF, and for more flips than spike sites.
        """
        super().check()
        if self.neuron != NEURON:
            what = "changes of the reset are defined for one neuron"
            raise ValueError(f"{what}: {self.given('neuron')}; expected {NEURON}")
        self.refuse_flips("n_flips", "budget")

    def compute_many(self, seeds: list[int]) -> list[Data]:
        """Choose learning rates, train with them, and measure gradients before training."""
        followed = {name: LIF[name] for name in self.methods}
        tasks, trainings, by_task = self.trained(followed, seeds)
        methods = [one.within(self.budget, self.beta) for one in followed.values()]
        measured = measure_alignment(
            tasks, trainings[0].weights[:, :1], methods, (self.n_flips, self.n_trials)
        )
        for data, first in zip(by_task, measured, strict=True):
            arrays = {name: values[0].astype(np.float32) for name, values in first.items()}
            data.update(arrays)
        return by_task

    @classmethod
    def outcomes(cls, data: Data, measure: str = "") -> Outcomes:
        """Return logs of losses, or cosines of an update, of the tasks that are not silent."""
        if measure != UPDATE:
            return super().outcomes(data)
        cosines = data[UPDATE][~silent(data)].astype(float).T[:, None]
        # Cosines before training do not depend on a rate: there is nothing to choose.
        return Outcomes(listed(data, "methods"), np.zeros((len(cosines), 1, 3)), cosines)

    @classmethod
    def rows(cls, panel: str, data: Data) -> Iterator[Prediction]:
        """Yield the predictions on the panel, the first arm of each against the second."""
        return (row for row in ROWS if row.family == "resets" and row.panels == (panel,))
