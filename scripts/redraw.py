"""Redraw a figure from its numbers: no JAX, no computation.

If you name no file of numbers, the committed numbers are drawn, as figures/reference/fig4.npz. If
you name no picture, results/redraw/fig4.pdf and .png are written; pictures of a run are called
results/redraw/quick-fig4-beta=1.pdf and .png. A supplement is written beside its figure.
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
SUFFIXES = (".png", ".pdf")


def main(arguments: Sequence[str]) -> None:
    """Draw a figure, and print the paths of its pictures."""
    parser = argparse.ArgumentParser("python -m scripts.redraw", description=__doc__)
    parser.add_argument("figure", help="4 or fig4")
    parser.add_argument("files", nargs="*", help="[NUMBERS.npz] [PICTURE.pdf or .png ...]")
    options = parser.parse_args(arguments)
    print(*redraw(options.figure, *options.files), sep="\n")


def redraw(figure: str, *files: str) -> list[Path]:
    """Draw a figure, and return the paths of its pictures.

    Args:
        figure: Name of the figure, as "fig4" or "4".
        *files: A file of numbers (.npz), and the pictures to write (.pdf or .png); both may be left
            out.

    Raises:
        UserError: If the figure or its numbers do not exist, or a picture has another suffix.
    """
    name = full_name(figure)
    sources = [Path(file) for file in files if Path(file).suffix == ".npz"]
    targets = [Path(file) for file in files if Path(file).suffix != ".npz"]
    if len(sources) > 1:
        raise UserError(
            "several files of numbers", " ".join(map(str, sources)), "at most one", "one call each"
        )
    for target in targets:
        if target.suffix not in SUFFIXES:
            raise UserError(
                "a picture of this kind is not written",
                target,
                "a name that ends in .pdf or .png",
                str(target.with_suffix(".pdf")),
            )
    source = sources[0] if sources else PROJECT.reference(name)
    data, stamp = read_numbers(name, source)
    targets = targets or [REDRAWN / f"{_stem(name, source)}{suffix}" for suffix in SUFFIXES]
    paths = []
    for picture in pictures(name, PROJECT.room(name).figures):
        for target in targets:
            paths.append(target.with_stem(target.stem + picture.removeprefix(name)))
            write(picture, data, stamp, paths[-1])
    return paths


def _stem(name: str, source: Path) -> str:
    """Return the name of a redrawn picture without its suffix.

    The name is "fig4" for committed numbers, and "quick-fig4-beta=1" for numbers of a run.
    """
    if source == PROJECT.reference(name):
        return name
    folder = source.resolve().parent
    if (folder / "meta.json").is_file():
        return f"{folder.parent.name}-{folder.name}"
    return f"{folder.name}-{source.stem}"


def full_name(figure: str) -> str:
    """Return the figure's full name.

    Args:
        figure: Name of the figure, as "fig4" or "4".

    Raises:
        UserError: If there is no such figure.
    """
    name = figure if figure.startswith("fig") else f"fig{figure}"
    if name not in (figures := PROJECT.presets()):
        raise no_such("no such figure", figure, name, figures, "{}")
    return name


def read_numbers(name: str, source: Path) -> tuple[Data, str]:
    """Read the numbers of a figure, and the stamp printed below it.

    If a run wrote the file, the file must be unchanged since.

    Args:
        name: Full name of the figure, as "fig4".
        source: The file of numbers (.npz).

    Returns:
        The arrays by panel, and the stamp.

    Raises:
        UserError: If the file does not exist, belongs to another figure, or was changed.
    """
    if not source.is_file():
        raise UserError(
            f"the numbers of {name} are not there",
            f"no file {source}",
            "a figure's .npz, which its run wrote",
            f"make figure-{name.removeprefix('fig')}"
            + f" PRESET=paper, then make references ARGS={name}"
            * (source == PROJECT.reference(name)),
        )
    if (source.parent / "meta.json").is_file():
        find(PROJECT, str(source), "another file of numbers")
    fix = f"make figure-{name[3:]}, or another file"
    with readable_file(f"the file of {name}'s numbers", source, fix):
        data, stamp = cache.read_numbers(source)
    panels = committed_panels(name) or data.keys()
    if others := data.keys() - panels:
        raise UserError(
            f"these are not the numbers of {name}",
            f"panels {', '.join(sorted(others))}",
            f"panels of {name}: {', '.join(sorted(panels))}",
            f"make redraw-{name.removeprefix('fig')}",
        )
    return data, stamp


def committed_panels(name: str) -> set[str]:
    """Return the panels of a figure's committed numbers; empty without committed numbers."""
    path = PROJECT.reference(name)
    return set(cache.read_numbers(path)[0]) if path.is_file() else set()


def write(name: str, data: Data, stamp: str, target: Path) -> None:
    """Draw a picture into a temporary file, and rename the complete file."""
    room = PROJECT.room(name.partition("_")[0])
    with cache.new_file(target) as temporary:
        draw(name, data, stamp, [temporary], room.figures)


if __name__ == "__main__":
    run_command(main)
