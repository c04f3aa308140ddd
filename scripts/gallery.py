"""Draw the gallery from the committed numbers.

figures/reference/figN.npz gives figures/gallery/figN.png, its supplement, and the teaser that
README shows: the part of the figure that its module names as `TEASER`, legible in half a column.
All in the colours of the figure itself, compressed without loss. tests/drawn gets the record of
what is drawn, as text.
"""

import argparse
import importlib
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from experiments.engine.atomic import new_file
from experiments.engine.errors import run_command
from figures.drawing import pictures
from figures.style import FULL_WIDTH
from scripts import drawn
from scripts.redraw import PROJECT, known, numbers, write

WIDTH = 1400
"""Dots across a page."""
FINER = 2
"""So many times finer it is drawn first, so that no spike of a raster falls between dots."""
DPI = FINER * WIDTH / FULL_WIDTH

# Of the PNG format.
SIGNATURE = b"\x89PNG\r\n\x1a\n"
TRUECOLOUR = 2


def main(arguments: Sequence[str]) -> None:
    """Draw the figures named, or all, and print what they weigh."""
    parser = argparse.ArgumentParser("python -m scripts.gallery", description=__doc__)
    parser.add_argument("figures", nargs="*", metavar="figN", help="all by default")
    every = [name for name in PROJECT.presets() if PROJECT.reference(name).is_file()]
    names = parser.parse_args(arguments).figures or every
    sizes = [size for name in names for size in draw_small(known(name))]
    print(f"together: {sum(sizes) / 1024:.0f} KiB")


def draw_small(name: str) -> list[int]:
    """Draw a figure's pictures and its teaser, print paths and sizes, and return the sizes."""
    data, words = numbers(name, PROJECT.reference(name))
    room, sizes = PROJECT.room(name), []
    for picture in pictures(name, room.figures):
        target = room.gallery / f"{picture}.png"
        drawn.write(picture, write(picture, data, words, target, dpi=DPI), data)
        with Image.open(target) as image:
            dots = reduced(image)
        sizes.append(_packed(dots, target))
        if box := getattr(importlib.import_module(f"{room.figures}.{picture}"), "TEASER", None):
            sizes.append(_packed(part(dots, box), room.gallery / f"{picture}_teaser.png"))
    return sizes


def _packed(dots: np.ndarray, target: Path) -> int:
    pack(dots, target)
    size = target.stat().st_size
    print(f"{target}: {size / 1024:.0f} KiB")
    return size


def part(dots: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    """Return the part of a picture between left, bottom, right and top, as shares of its sides."""
    height, width, _ = dots.shape
    left, bottom, right, top = box
    rows = slice(round((1 - top) * height), round((1 - bottom) * height))
    return dots[rows, round(left * width) : round(right * width)]


def reduced(image: Image.Image) -> np.ndarray:
    """Means over squares of dots, ``(height, width, 3)``: areas keep their colour exactly."""
    # An opaque picture needs no fourth channel.
    return np.asarray(image.convert("RGB").reduce(FINER))


def pack(dots: np.ndarray, path: Path) -> None:
    """Write colours ``(height, width, 3)`` of 8 bits as a PNG, as small as it goes without loss.

    Rows go unfiltered, which suits drawings: a fifth smaller than with the filters of Pillow.
    """
    height, width, _ = dots.shape
    unfiltered = np.zeros((height, 1), np.uint8)
    rows = np.concatenate([unfiltered, dots.reshape(height, -1)], axis=1)
    chunks = (
        (b"IHDR", struct.pack(">2I5B", width, height, 8, TRUECOLOUR, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows.tobytes(), 9)),
        (b"IEND", b""),
    )
    packed = [
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    ]
    with new_file(path) as temporary:
        temporary.write_bytes(SIGNATURE + b"".join(packed))


if __name__ == "__main__":
    run_command(main)
