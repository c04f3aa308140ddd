"""Draw a figure from its committed numbers, as PDF and PNG: no JAX, no computation.

Pictures are written to results/redraw; a supplement is written beside its figure. `make figure-N`
draws the numbers of a run.
"""

import argparse
from collections.abc import Sequence
from functools import partial

from experiments.engine import cache
from experiments.engine.config import Project
from experiments.engine.errors import run_command
from experiments.replication import goldens
from figures.drawing import draw, pictures

PROJECT = Project()
REDRAWN = PROJECT.root / "results" / "redraw"
committed = partial(goldens.committed, PROJECT)
"""Committed arrays of a figure by panel, and the stamp printed below it."""


def main(arguments: Sequence[str]) -> None:
    """Draw a figure, and print the paths of its pictures.

    Raises:
        UserError: If the figure or its committed numbers do not exist.
    """
    parser = argparse.ArgumentParser("python -m scripts.redraw", description=__doc__)
    parser.add_argument("figure", metavar="figN")
    name = parser.parse_args(arguments).figure
    PROJECT.refuse_unknown(name)
    data, stamp = committed(name)
    package = PROJECT.place(name).figures
    for picture in pictures(name, package):
        for suffix in (".png", ".pdf"):
            target = REDRAWN / f"{picture}{suffix}"
            with cache.new_file(target) as temporary:
                draw(picture, data, stamp, [temporary], package)
            print(target)


if __name__ == "__main__":
    run_command(main)
