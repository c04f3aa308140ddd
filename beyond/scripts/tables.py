"""Write the tables of pages in docs/ from the committed numbers. Nothing is computed.

A page with tables has a module here, with its path, `PAGE`, and a function `written` that returns
the page with up-to-date tables.
"""

import argparse
from collections.abc import Sequence

from beyond.scripts import (
    hypotheses,
    reason_tables,
    start_tables,
    term_tables,
    training_tables,
    which_gradient,
)
from experiments.engine.cache import write_text
from experiments.engine.errors import run_command

PAGES = (
    hypotheses,
    reason_tables,
    start_tables,
    term_tables,
    training_tables,
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
