"""Tables on the term on firing rates with the numbers of their arms."""

import numpy as np

from beyond.experiments.predictions import TERM_ON_SPIKE_TIMES
from beyond.scripts import term_tables
from experiments.engine.config import Project
from experiments.replication.goldens import committed_arrays


def test_a_cell_has_the_geometric_mean_of_its_arm_at_the_chosen_option():
    panels = committed_arrays(Project(), "fig11")
    data = panels[TERM_ON_SPIKE_TIMES[1]]
    arm = data["methods"][0].tolist().index("broad")
    option = np.nanargmin(data["tuning"][0, arm, :, 1].mean(axis=-1))
    value = np.exp(data["log_loss"][:, arm, option, 1].astype(float).mean())
    rows = term_tables.by_task(panels, term_tables._loss).splitlines()
    cells = next(row for row in rows if row.startswith("| SG, broad |")).split(" | ")
    assert cells[4].startswith(f"{value:.2f} [")
