"""Statements on training through the reset or detached."""

import numpy as np
import pytest

from beyond.experiments.lif.resets_over_time import ResetsOverTime
from experiments.engine.config import Project
from experiments.replication.goldens import committed_arrays


@pytest.mark.parametrize("panel", ["resets_high_noise", "resets_low_noise"])
def test_the_committed_statements_are_those_of_the_committed_trainings(panel):
    panels = committed_arrays(Project(), "fig9")
    made = ResetsOverTime(seeds=[0], tuning_seeds=[1]).compared(panel, panels)
    assert made["decided"].any() and not made["decided"].all()
    for name, values in made.items():
        if name == "stated":
            np.testing.assert_allclose(panels[panel][name], values, atol=1e-5)
        else:
            assert panels[panel][name].tolist() == values.tolist(), name
