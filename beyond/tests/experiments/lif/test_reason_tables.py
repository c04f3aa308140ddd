"""Tables on bias, variance and start with the numbers of their arms."""

import numpy as np
import pytest

from beyond.experiments.predictions import ENUMERATED_LOW
from beyond.scripts import reason_tables
from experiments.engine.config import Project
from experiments.replication.goldens import committed_arrays


@pytest.fixture(scope="module")
def panels():
    return committed_arrays(Project(), "fig9")


def test_a_cell_has_the_geometric_mean_of_its_arm_at_the_chosen_option(panels):
    data = panels[ENUMERATED_LOW]
    arm = data["arms"][0].tolist().index("broad")
    tuning, judged = (data[name][0, 0, arm].reshape(16, -1) for name in ("tuning", "log_loss"))
    value = np.exp(judged[np.mean(tuning, axis=1).argmin()].mean())
    rows = [line.split(" | ") for line in reason_tables.losses_table(panels).splitlines()]
    row = next(row for row in rows if row[0] == "| broad SG")
    assert row[2].startswith(f"{value:.2f} [")


def test_an_option_at_an_end_of_its_grid_is_bold(panels):
    data = panels[ENUMERATED_LOW]
    assert reason_tables._option(data, 0) == ("**0.5**", "**0.01**")
    assert reason_tables._option(data, 6) == ("1", "0.1")
