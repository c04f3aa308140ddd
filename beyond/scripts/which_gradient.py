"""Write the tables of docs/which_gradient.md from figure 8; that on training is by hand.

Nothing is computed: the numbers are those of figures/reference, in this folder.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from beyond.scripts.advice import decision_table
from beyond.scripts.atlas_tables import negative_table, property_table
from experiments.engine.atomic import write_text
from experiments.engine.errors import run_command
from experiments.engine.registry import Project
from experiments.replication.goldens import numbers
from experiments.tables import filled

PAGE = Path(__file__).parents[1] / "docs" / "which_gradient.md"


def main(arguments: Sequence[str]) -> None:
    """Write the tables."""
    parser = argparse.ArgumentParser("python -m beyond.scripts.which_gradient", description=__doc__)
    parser.parse_args(arguments)
    write_text(PAGE, written())


def written() -> str:
    """Return the page as it should be."""
    data = numbers(Project(), "fig8")
    regimes = data["regimes"]
    blocks = {
        "decisions": decision_table(regimes),
        "against the gradient": negative_table(regimes),
        "side by side": property_table(data["depth"]),
    }
    return filled(PAGE.read_text(), blocks)


if __name__ == "__main__":
    run_command(main)
