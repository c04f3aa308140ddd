"""Write the tables of docs/which_gradient.md, and README's on training, from figures 8 and 10.

Nothing is computed: the numbers are those of figures/reference, in this folder.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from beyond.scripts.advice import decision_table, training_table
from beyond.scripts.atlas_tables import negative_table, property_table
from experiments.engine.atomic import write_text
from experiments.engine.errors import run_command
from experiments.engine.registry import Project
from experiments.replication.goldens import numbers
from experiments.tables import filled

BEYOND = Path(__file__).parents[1]
PAGE = BEYOND / "docs" / "which_gradient.md"
README = BEYOND.parent / "README.md"


def main(arguments: Sequence[str]) -> None:
    """Write the tables."""
    parser = argparse.ArgumentParser("python -m beyond.scripts.which_gradient", description=__doc__)
    parser.parse_args(arguments)
    for path, text in written().items():
        write_text(path, text)


def written() -> dict[Path, str]:
    """Return both pages as they should be."""
    data = numbers(Project(), "fig8")
    regimes = data["regimes"]
    training = training_table(numbers(Project(), "fig10"))
    blocks = {
        "decisions": decision_table(regimes),
        "training": training,
        "against the gradient": negative_table(regimes),
        "side by side": property_table(data["depth"]),
    }
    return {
        PAGE: filled(PAGE.read_text(), blocks),
        README: filled(README.read_text(), {"training": training}),
    }


if __name__ == "__main__":
    run_command(main)
