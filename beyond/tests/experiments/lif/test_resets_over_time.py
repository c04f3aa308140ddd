"""Statements on training through the reset or detached."""

import pytest

from beyond.experiments.lif.tuned_training import TunedTraining
from beyond.experiments.predictions import ROWS
from experiments.engine.config import Project
from experiments.engine.experiment import listed
from experiments.replication.goldens import committed_arrays


@pytest.mark.parametrize("panel", ["resets_high_noise", "resets_low_noise"])
def test_the_committed_statements_are_those_of_the_committed_trainings(panel):
    panels = committed_arrays(Project(), "fig9")
    made = TunedTraining(seeds=[0], tuning_seeds=[1]).compared(panel, panels)["decided"]
    names = listed(panels[panel], "methods")
    first = [row.pairs[0][0] for row in ROWS if row.panels == (panel,) and not row.measure]
    assert {name for name, clear in zip(names, made, strict=True) if clear} < set(first)
    assert made.any() and panels[panel]["decided"].tolist() == made.tolist()
