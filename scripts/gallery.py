"""Draw figures/gallery from figures/reference, and write the captions into pages.

Each picture is drawn in the colours of the figure itself, and compressed without loss. If the
module of a figure draws a teaser, which README shows, the teaser is drawn, too.
"""

import argparse
import importlib
import zlib
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from experiments.engine.cache import new_file
from experiments.engine.errors import run_command
from figures.drawing import draw, pictures
from figures.panels import Data
from figures.style import FULL_WIDTH
from scripts import captions
from scripts.redraw import PROJECT, full_name, read_numbers

WIDTH = 1400
"""Width of a picture in the gallery, in pixels."""
FINER = 2
"""Factor by which a picture is first drawn too large, and then reduced by averaging.

The average keeps all spikes of a raster visible.
"""
DPI = FINER * WIDTH / FULL_WIDTH


def main(arguments: Sequence[str]) -> None:
    """Draw the pictures of some figures, or of all, and write the captions into pages."""
    parser = argparse.ArgumentParser("python -m scripts.gallery", description=__doc__)
    parser.add_argument("figures", nargs="*", metavar="figN", help="all by default")
    named = [full_name(figure) for figure in parser.parse_args(arguments).figures]
    total = 0
    for name in named or [x for x in PROJECT.presets() if PROJECT.reference(x).is_file()]:
        data, stamp = read_numbers(name, PROJECT.reference(name))
        room = PROJECT.room(name)
        drawings = {x: drawn(x, data, stamp)[1] for x in pictures(name, room.figures)}
        if has_teaser(name):
            drawings[f"{name}_teaser"] = drawn(name, data, stamp, teaser=True)[1]
        for picture, dots in drawings.items():
            total += write_png(dots, room.gallery / f"{picture}.png")
    print(f"together: {total / 1024:.0f} KiB")
    for path in captions.write(PROJECT):
        print(path.relative_to(PROJECT.root))


def has_teaser(name: str) -> bool:
    """Return whether a figure has a teaser, a small picture for the README."""
    return hasattr(importlib.import_module(f"{PROJECT.room(name).figures}.{name}"), "teaser")


def drawn(name: str, data: Data, stamp: str, teaser: bool = False) -> tuple[Figure, np.ndarray]:
    """Draw a picture in the gallery's size and colours.

    Args:
        name: The picture, as "fig4_supplement".
        data: Arrays by panel and name.
        stamp: Preset and changed parameters, printed below.
        teaser: The small picture of a figure, which has no headline.

    Returns:
        The drawn figure, and its colours of 8 bits, ``(height, width, 3)``: means over squares of
        the pixels that were drawn, so that areas keep their colour.
    """
    room = PROJECT.room(name.partition("_")[0])
    with TemporaryDirectory() as folder:
        # Raw colours: compressing and reading a PNG would add a tenth of the time.
        path = Path(folder) / "picture.rgba"
        figure = draw(name, data, stamp, [path], room.figures, DPI, teaser)
        content = path.read_bytes()
    width = round(figure.get_figwidth() * DPI)
    image = Image.frombytes("RGBA", (width, len(content) // (4 * width)), content)
    # An opaque picture needs no fourth channel.
    return figure, np.asarray(image.convert("RGB").reduce(FINER))


def write_png(dots: np.ndarray, path: Path) -> int:
    """Write a PNG, compressed without loss, and return its size in bytes.

    Args:
        dots: Colours of 8 bits, ``(height, width, 3)``.
        path: The file to write.
    """
    with new_file(path) as temporary:
        # On these pictures, the default strategy is 5 % better than the one that `optimize` picks.
        how = {"compress_level": zlib.Z_BEST_COMPRESSION, "compress_type": zlib.Z_DEFAULT_STRATEGY}
        Image.fromarray(dots).save(temporary, "png", **how)
    size = path.stat().st_size
    print(f"{path}: {size / 1024:.0f} KiB")
    return size


if __name__ == "__main__":
    run_command(main)
