"""Redraw a figure from its numbers: no JAX, no computation.

Without numbers the committed ones are drawn, figures/reference/fig4.npz. Without pictures
results/redraw/fig4.pdf and .png are written, or, of a run, results/redraw/quick-fig4-beta=1.pdf and
.png. A supplement goes beside its figure.

`make gallery` draws what is in figures/gallery.
"""

import argparse
import importlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from experiments.engine.compute.atomic import new_file
from experiments.engine.compute.store import read_arrays
from experiments.engine.configure.compose import experiments_of
from experiments.engine.configure.registry import Project
from experiments.engine.errors import UserError, no_such, readable_file, run_command
from experiments.runs.published import find
from figures.drawing import Words, draw, pictures, unpack
from figures.panels import Data
from figures.style import FULL_WIDTH
from scripts import captions

PROJECT = Project()
REDRAWN = PROJECT.root / "results" / "redraw"
SUFFIXES = (".png", ".pdf")

WIDTH = 1400
"""Dots across a page."""
FINER = 2
"""Factor of the first drawing's resolution: all spikes of a raster are visible in the mean."""
DPI = FINER * WIDTH / FULL_WIDTH


def main(arguments: Sequence[str]) -> None:
    """Draw, and print where the pictures are."""
    parser = argparse.ArgumentParser("python -m scripts.redraw", description=__doc__)
    parser.add_argument("figure", help="4 or fig4")
    parser.add_argument("files", nargs="*", help="[NUMBERS.npz] [PICTURE.pdf or .png ...]")
    options = parser.parse_args(arguments)
    print(*redraw(options.figure, *options.files), sep="\n")


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
    source = sources[0] if sources else PROJECT.reference(name)
    data, words = numbers(name, source)
    targets = targets or [REDRAWN / f"{_stem(name, source)}{suffix}" for suffix in SUFFIXES]
    paths = []
    for picture in pictures(name, PROJECT.room(name).figures):
        for target in targets:
            paths.append(target.with_stem(target.stem + picture.removeprefix(name)))
            write(picture, data, words, paths[-1])
    return paths


def _stem(name: str, source: Path) -> str:
    """Return the name of a redrawn picture: "fig4" if committed, "quick-fig4-beta=1" of a run."""
    if source == PROJECT.reference(name):
        return name
    folder = source.resolve().parent
    if (folder / "meta.json").is_file():
        return f"{folder.parent.name}-{folder.name}"
    return f"{folder.name}-{source.stem}"


def known(figure: str) -> str:
    """Return the figure's full name."""
    name = figure if figure.startswith("fig") else f"fig{figure}"
    if name not in (figures := PROJECT.presets()):
        raise no_such("no such figure", figure, name, figures, "{}")
    return name


def numbers(name: str, source: Path) -> tuple[Data, Words]:
    """Read a figure's numbers and the words printed around it. A run's file must be unchanged."""
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
        data, words = unpack(read_arrays(source))
    presets = [f"{name}/{preset}" for preset in PROJECT.presets()[name]]
    panels = {panel for preset in presets for panel in experiments_of(PROJECT, preset)}
    if others := data.keys() - panels:
        raise UserError(
            f"these are not the numbers of {name}",
            f"panels {', '.join(sorted(others))}",
            f"panels of {name}: {', '.join(sorted(panels))}",
            f"make redraw-{name.removeprefix('fig')}",
        )
    return data, words


def write(name: str, data: Data, words: Words, target: Path, **how: Any) -> Figure:
    """Draw a picture into a temporary file, and rename the complete file."""
    room = PROJECT.room(name.partition("_")[0])
    with new_file(target) as temporary:
        return draw(name, data, words, [temporary], room.figures, **how)


def gallery(names: Sequence[str]) -> Iterator[tuple[str, Figure]]:
    """Draw the gallery of some figures, or all, and write the captions into pages.

    Each is drawn from its committed numbers in the colours of the figure itself, compressed without
    loss; where its module draws one, with the teaser that README shows. Captions are written after
    the last.

    Yields:
        Each picture's name, as "fig4_supplement", and what was drawn.
    """
    every = [x for x in PROJECT.presets() if PROJECT.reference(x).is_file()]
    sizes = []
    for name in map(known, names or every):
        data, words = numbers(name, PROJECT.reference(name))
        room = PROJECT.room(name)
        for picture in pictures(name, room.figures):
            target = room.gallery / f"{picture}.png"
            figure = write(picture, data, words, target, dpi=DPI)
            sizes.append(_packed(target))
            yield picture, figure
        if has_teaser(name):
            target = room.gallery / f"{name}_teaser.png"
            write(name, data, words, target, dpi=DPI, teaser=True)
            sizes.append(_packed(target))
    print(f"together: {sum(sizes) / 1024:.0f} KiB")
    for path in captions.write(PROJECT):
        print(path.relative_to(PROJECT.root))


def has_teaser(name: str) -> bool:
    """Return whether a figure has a small picture of its own."""
    return hasattr(importlib.import_module(f"{PROJECT.room(name).figures}.{name}"), "teaser")


def _packed(target: Path) -> int:
    """Reduce and pack a picture, and return its size."""
    with Image.open(target) as image:
        dots = reduced(image)
    pack(dots, target)
    size = target.stat().st_size
    print(f"{target}: {size / 1024:.0f} KiB")
    return size


def reduced(image: Image.Image) -> np.ndarray:
    """Means over squares of dots, ``(height, width, 3)``: areas keep their colour exactly."""
    # An opaque picture needs no fourth channel.
    return np.asarray(image.convert("RGB").reduce(FINER))


def pack(dots: np.ndarray, path: Path) -> None:
    """Write colours ``(height, width, 3)`` of 8 bits as a PNG, compressed without loss."""
    with new_file(path) as temporary:
        Image.fromarray(dots).save(temporary, "png", optimize=True)


if __name__ == "__main__":
    run_command(main)
