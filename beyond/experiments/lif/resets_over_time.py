r"""Gradients through the reset and detached, in tasks whose true gradient can be estimated.

Readers of the paper compare surrogate derivatives (matched, scaled sigmoid, SuperSpike) through the
reset and detached. Here they train the tasks of figure 9: direction and length against the true
gradient before training, and final losses. Three changes of the matched surrogate
through the reset show the cause of harm (`partial_resets`): length, sign or variance.

Rules, which were committed before any of these numbers (beyond/docs/hypotheses.md):

- **Learning rate**: as in `tuned_training`. **Silence**: as in `unbiased_training`.
- **Statements**: the family "resets" of `predictions`.
"""

from collections.abc import Mapping
from typing import Annotated

import numpy as np
from pydantic import Field

from beyond.experiments import predictions
from beyond.experiments.lif.alignment import (
    N_BATCHES,
    declared,
    measure_alignment,
)
from beyond.experiments.lif.partial_resets import NEURON
from beyond.experiments.lif.tuned_training import TRAINED, TunedTraining, silent
from beyond.experiments.methods import LIF, MATCHED, THROUGH_OR_NOT
from beyond.experiments.study import Outcomes, choose, conclude, verdict
from experiments.engine.experiment import Count, Data, Distinct, OneOf, array, listed, param

UPDATE = "update_cosine"
"""Measured quantity: the mean cosine of an update before training."""
STATEMENTS = {
    "scaled": ("scaled_sigmoid_through", "scaled_sigmoid"),
    "super_spike": ("super_spike_through", "super_spike"),
    "matched": (MATCHED, "surrogate"),
    "length": (f"{MATCHED}_bounded", MATCHED),
    "sign": (f"{MATCHED}_unsigned", MATCHED),
    "variance": (f"{MATCHED}_more", MATCHED),
}
"""Pairs of methods whose final losses are drawn, by statement."""


class ResetsOverTime(TunedTraining):
    """Training of spiking networks through the reset and detached, and their first updates."""

    methods: Distinct[Annotated[str, OneOf(THROUGH_OR_NOT)]] = param(
        list(THROUGH_OR_NOT), "methods whose estimates updates follow"
    )
    n_flips: Count = param(64, "flips per trial of the true gradient")
    n_trials: Annotated[int, Field(ge=2 * N_BATCHES, le=1_000_000)] = param(
        512, "trials of the true gradient"
    )

    ARRAYS = {
        **TRAINED,
        **declared("method"),
        "statements": array("statement", "names"),
        "stated": array(
            "statement, statistic",
            "log ratio of losses; mean, 95 % interval",
        ),
        "decided": array("statement", "whether it is decided"),
    }

    def check(self) -> None:
        """Refuse neurons other than LIF, statements without their methods, and too many flips.

        Raises:
            ValueError: For neurons other than LIF, statements without their methods, and too many
                flips.
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

    def compared(self, panel: str, panels: Mapping[str, Data]) -> Data:
        """Return the ratios of statements, and which are decided in the family of all panels."""
        measured = {
            name: data
            for name, data in panels.items()
            if {"methods", UPDATE, "tuned_on"} <= data.keys()
        }
        rows = [row for row in predictions.ROWS if row.family == "resets"]
        quantities = conclude(rows, measured, self.outcomes)
        chosen = choose(self.outcomes(panels[panel]))
        arms = chosen.outcomes.arms
        pairs = {name: pair for name, pair in STATEMENTS.items() if set(pair) <= set(arms)}
        clear = {
            row.pairs[0]: verdict(row, quantities) is not None
            for row in rows
            if row.panels == (panel,) and not row.measure
        }
        stated = [chosen.difference(*map(arms.index, pair)) for pair in pairs.values()]
        return {
            "statements": np.array(list(pairs), dtype=str),
            "stated": np.array(stated).reshape(-1, 3),
            "decided": np.array([clear.get(pair, False) for pair in pairs.values()], bool),
        }
