"""Write verdicts.csv and the tables of pages in docs/ from the committed numbers.

Nothing is computed. `make replication` runs this command, too.

The numbers are the committed ones, in figures/reference. A page with tables has a module of its
name here, with its path, `PAGE`, and a function `written` that returns the page with up-to-date
tables.
"""

import argparse
from collections.abc import Sequence

from beyond.scripts import (
    bias_or_variance,
    event_training,
    hypotheses,
    initial_weights,
    true_gradient,
    verdicts,
    which_gradient,
    why_bias_helps,
)
from experiments.engine.cache import write_text
from experiments.engine.errors import run_command

PAGES = (
    hypotheses,
    verdicts,
    bias_or_variance,
    initial_weights,
    event_training,
    true_gradient,
    why_bias_helps,
    which_gradient,
)
"""Modules, one a page."""


def main(arguments: Sequence[str]) -> None:
    """Write all pages."""
    parser = argparse.ArgumentParser("python -m beyond.scripts.tables", description=__doc__)
    parser.parse_args(arguments)
    for page in PAGES:
        write_text(page.PAGE, page.written())


if __name__ == "__main__":
    run_command(main)
