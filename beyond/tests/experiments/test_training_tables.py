"""Tables on trainings of figure 10: from the arms that their rows name."""

import pytest

from beyond.scripts.training_tables import slopes_table
from experiments.engine.config import Project
from experiments.replication.goldens import committed_arrays
from figures.panels import names_of


@pytest.fixture(scope="module")
def panels():
    return committed_arrays(Project(), "fig10")


def test_a_cell_has_the_number_of_its_arm(panels):
    low = panels["slopes_low_noise"]
    value = low["relative"][0, names_of(low).index("broad_detached_usual"), 0]
    rows = [line.split(" | ") for line in slopes_table(panels).splitlines()]
    broad = next(row for row in rows if "(broad)" in row[0])
    assert broad[4].startswith(f"{value:.2f} ["), broad
    assert rows[0][4].startswith("low noise, detached")
