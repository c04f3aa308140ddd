"""Redraw a figure from its numbers: no JAX, no computation.

Without numbers the committed ones are drawn, figures/reference/fig4.npz; without pictures
results/redraw/fig4.pdf and .png are written. A supplement goes beside its figure.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.engine.atomic import new_file
from experiments.engine.errors import UserError, no_such, reading, run_command
from experiments.engine.registry import Project
from figures.drawing import Words, draw, pictures, unpack
from figures.panels import Data

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PROJECT = Project()
REDRAWN = PROJECT.root / "results" / "redraw"
SUFFIXES = (".png", ".pdf")


def main(arguments: Sequence[str]) -> None:
    """Draw a figure's numbers, and print where the pictures are."""
    parser = argparse.ArgumentParser("python -m scripts.redraw", description=__doc__)
    parser.add_argument("figure", help="4 or fig4")
    parser.add_argument("files", nargs="*", help="[NUMBERS.npz] [PICTURE.pdf or .png ...]")
    options = parser.parse_args(arguments)
    for path in redraw(options.figure, *options.files):
        print(path)


def redraw(figure: str, *files: str) -> list[Path]:
    """Draw a figure, as "fig4" or "4", and return its pictures.

    Files are its numbers, and the pictures to write; both may be left out.

    Raises:
        UserError: For a figure, numbers or pictures that cannot be.
    """
    name = known(figure)
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
    data, words = numbers(name, sources[0] if sources else PROJECT.reference(name))
    targets = targets or [REDRAWN / f"{name}{suffix}" for suffix in SUFFIXES]
    drawn = []
    for picture in pictures(name, PROJECT.room(name).figures):
        for target in targets:
            drawn.append(target.with_stem(target.stem + picture.removeprefix(name)))
            write(picture, data, words, drawn[-1])
    return drawn


def known(figure: str) -> str:
    """Return the figure's full name."""
    name = figure if figure.startswith("fig") else f"fig{figure}"
    if name not in (figures := PROJECT.presets()):
        raise no_such("no such figure", figure, name, figures, "{}")
    return name


def numbers(name: str, source: Path) -> tuple[Data, Words]:
    """Read a figure's numbers and the words it must carry; those of a run only as it wrote them."""
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
        # Needs more packages than drawing does; where a run has been, they are.
        from experiments.engine.registry import Project
        from experiments.runs.published import find

        find(Project(), str(source), "another file of numbers")
    # NumPy would leave a damaged file open that it had opened itself.
    with (
        reading(
            f"the file of {name}'s numbers", source, f"make figure-{name[3:]}, or another file"
        ),
        source.open("rb") as file,
        np.load(file, allow_pickle=False) as arrays,
    ):
        data, words = unpack(arrays)
    presets = [f"{name}/{preset}" for preset in PROJECT.presets()[name]]
    panels = {panel for preset in presets for panel in PROJECT.experiments_by_panel(preset)}
    if others := data.keys() - panels:
        raise UserError(
            f"these are not the numbers of {name}",
            f"panels {', '.join(sorted(others))}",
            f"panels of {name}: {', '.join(sorted(panels))}",
            f"make redraw-{name.removeprefix('fig')}",
        )
    return data, words


def write(name: str, data: Data, words: Words, target: Path, dpi: float | None = None) -> "Figure":
    """Draw a picture into a file beside the target, put it in place when it is complete."""
    room = PROJECT.room(name.partition("_")[0])
    with new_file(target) as temporary:
        return draw(name, data, words, [temporary], room.figures, dpi)


if __name__ == "__main__":
    run_command(main)
