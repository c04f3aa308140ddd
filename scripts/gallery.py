"""Draw figures/gallery from figures/reference, and write the captions into pages.

Each picture is drawn in the colours of the figure itself, and compressed without loss. If the
module of a figure draws a teaser, which README shows, the teaser is drawn, too. With figure 5 come
README's impossible staircase and its still.
"""

import argparse
import importlib
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from experiments.engine.cache import new_file, write_text
from experiments.engine.errors import run_command
from figures import staircase, style
from figures.drawing import draw, pictures
from figures.panels import Data
from figures.style import FULL_WIDTH
from scripts import captions
from scripts.redraw import PROJECT, committed

WIDTH = 1400
"""Width of a picture in the gallery, in pixels."""
FINER = 2
"""Factor by which a picture is first drawn too large, and then reduced by averaging.

The average keeps all spikes of a raster visible.
"""
DPI = FINER * WIDTH / FULL_WIDTH
STILL_DPI = 150
COLORS = 64
"""Colours of the animation: greys, gold, salmon, and their edges."""
WHITE = 251
"""Greys from here on are the paper's."""


def main(arguments: Sequence[str]) -> None:
    """Draw the pictures of some figures, or of all, and write the captions into pages."""
    parser = argparse.ArgumentParser("python -m scripts.gallery", description=__doc__)
    parser.add_argument("figures", nargs="*", metavar="figN", help="all by default")
    named = parser.parse_args(arguments).figures
    for figure in named:
        PROJECT.refuse_unknown(figure)
    for name in named or [x for x in PROJECT.presets() if PROJECT.reference(x).is_file()]:
        data, stamp = committed(name)
        place = PROJECT.place(name)
        drawings = {x: drawn(x, data, stamp)[1] for x in pictures(name, place.figures)}
        if has_teaser(name):
            drawings[f"{name}_teaser"] = drawn(name, data, stamp, teaser=True)[1]
        for picture, dots in drawings.items():
            write_png(dots, place.gallery / f"{picture}.png")
        if name == "fig5":
            write_png(still(), place.gallery / "staircase.png")
            animate(place.gallery / "staircase.gif")
    for place in PROJECT.places:
        write_text(place.folder / captions.PAGE, captions.page(place))


def has_teaser(name: str) -> bool:
    """Return whether a figure has a teaser, a small picture for the README."""
    return hasattr(importlib.import_module(f"{PROJECT.place(name).figures}.{name}"), "teaser")


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
    place = PROJECT.place(name.partition("_")[0])
    with TemporaryDirectory() as folder:
        # Raw colours: compressing and reading a PNG would add a tenth of the time.
        path = Path(folder) / "picture.rgba"
        figure = draw(name, data, stamp, [path], place.figures, DPI, teaser)
        content = path.read_bytes()
    width = round(figure.get_figwidth() * DPI)
    image = Image.frombytes("RGBA", (width, len(content) // (4 * width)), content)
    # An opaque picture needs no fourth channel.
    return figure, np.asarray(image.convert("RGB").reduce(FINER))


def still() -> np.ndarray:
    """Return the colours of the staircase's still, ``(height, width, 3)``."""
    with style.applied():
        return _dots(staircase.still(committed("fig5")[0]), STILL_DPI)


def animate(target: Path) -> None:
    """Write the animated staircase, whose frames share the colours of the last one."""
    data, moments = committed("fig5")[0], staircase.moments()
    with style.applied():
        frames = [_dots(staircase.frame(data, each), STILL_DPI) for each in moments]
    images = [Image.fromarray(frame) for frame in frames]
    shared = images[-1].quantize(COLORS, dither=Image.Dither.NONE)
    colors = np.array(shared.getpalette()).reshape(-1, 3)
    # Paper stays white.
    white = np.where(colors.min(axis=1, keepdims=True) >= WHITE, 255, colors).ravel().tolist()
    images = [each.quantize(palette=shared, dither=Image.Dither.NONE) for each in images]
    for each in images:
        each.putpalette(white)
    durations = [each.duration for each in moments]
    how = {"save_all": True, "append_images": images[1:], "duration": durations, "loop": 0}
    with new_file(target) as temporary:
        images[0].save(temporary, "gif", optimize=True, **how)
    print(target)


def _dots(figure: Figure, dpi: float) -> np.ndarray:
    import matplotlib.pyplot as plt

    figure.set_dpi(dpi)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    plt.close(figure)
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def write_png(dots: np.ndarray, path: Path) -> None:
    """Write colours of 8 bits, ``(height, width, 3)``, as a PNG: compressed without loss."""
    with new_file(path) as temporary:
        Image.fromarray(dots).save(temporary, "png", optimize=True)
    print(path)


if __name__ == "__main__":
    run_command(main)
