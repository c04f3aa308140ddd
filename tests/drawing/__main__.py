"""Draw figures/gallery from figures/reference, and write down in tests/drawn what is drawn."""

import argparse
from collections.abc import Sequence

from experiments.engine.compute.atomic import write_text
from experiments.engine.errors import run_command
from scripts.redraw import PROJECT, gallery
from tests.drawing.record import record, settled


def main(arguments: Sequence[str]) -> None:
    """Draw each picture once; a number of its record stays where it differs by rounding."""
    parser = argparse.ArgumentParser("python -m tests.drawing", description=__doc__)
    parser.add_argument("figures", nargs="*", metavar="figN", help="all by default")
    for picture, figure in gallery(parser.parse_args(arguments).figures):
        room = PROJECT.room(picture.partition("_")[0])
        target = room.folder / "tests" / "drawn" / f"{picture}.txt"
        old = target.read_text() if target.is_file() else ""
        write_text(target, settled(record(figure), old))


if __name__ == "__main__":
    run_command(main)
