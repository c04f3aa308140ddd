"""Redraw a figure from its numbers: no JAX, no computation.

Without a file of numbers, the committed numbers are drawn, as figures/reference/fig4.npz. Pictures
are written to results/redraw, as fig4.pdf and .png; pictures of a run are called
quick-fig4-beta=1.pdf and .png. A supplement is written beside its figure.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from experiments.compare import find
from experiments.engine import cache
from experiments.engine.config import Project
from experiments.engine.errors import UserError, no_such, readable_file, run_command
from figures.drawing import draw, pictures
from figures.panels import Data

PROJECT = Project()
REDRAWN = PROJECT.root / "results" / "redraw"


def main(arguments: Sequence[str]) -> None:
    """Draw a figure, and print the paths of its pictures.

    Raises:
        UserError: If the figure or its numbers do not exist, or a run's numbers were changed.
    """
    parser = argparse.ArgumentParser("python -m scripts.redraw", description=__doc__)
    parser.add_argument("figure", help="4 or fig4")
    parser.add_argument("numbers", nargs="?", type=Path, help="NUMBERS.npz")
    options = parser.parse_args(arguments)
    name = full_name(options.figure)
    source = options.numbers or PROJECT.reference(name)
    data, stamp = read_numbers(name, source)
    package, folder, stem = PROJECT.place(name).figures, source.resolve().parent, name
    if options.numbers:
        stem = folder.name if (folder / "meta.json").is_file() else source.stem
        stem = f"{folder.parent.name}-{stem}"
    for picture in pictures(name, package):
        for suffix in (".png", ".pdf"):
            target = REDRAWN / f"{stem}{picture.removeprefix(name)}{suffix}"
            with cache.new_file(target) as temporary:
                draw(picture, data, stamp, [temporary], package)
            print(target)


def full_name(figure: str) -> str:
    """Return the full name of a figure, given as "fig4" or "4"; refuse others."""
    name = figure if figure.startswith("fig") else f"fig{figure}"
    if name not in (figures := PROJECT.presets()):
        raise no_such("no such figure", figure, name, figures, "{}")
    return name


def read_numbers(name: str, source: Path) -> tuple[Data, str]:
    """Read the numbers of a figure, and the stamp printed below it.

    Args:
        name: Full name of the figure, as "fig4".
        source: The file of numbers (.npz). If a run wrote it, it must be unchanged since.

    Returns:
        The arrays by panel, and the stamp.

    Raises:
        UserError: If the file does not exist, belongs to another figure, or was changed.
    """
    make = f"make figure-{name.removeprefix('fig')}"
    if not source.is_file():
        fix = f"{make}; of committed numbers, then make references ARGS={name}"
        what, expected = f"the numbers of {name} are not there", "a figure's .npz"
        raise UserError(what, f"no file {source}", expected, fix)
    if (source.parent / "meta.json").is_file():
        find(PROJECT, str(source), "another file of numbers")
    with readable_file(f"the file of {name}'s numbers", source, f"{make}, or another file"):
        data, stamp = cache.read_numbers(source)
    if source.stem in PROJECT.presets() and source.stem != name:
        what, expected = f"these are not the numbers of {name}", f"a file {name}.npz"
        raise UserError(what, source, expected, f"{make}, or redraw {source.stem}")
    return data, stamp


if __name__ == "__main__":
    run_command(main)
