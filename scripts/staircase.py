"""Draw the impossible staircase of the README and the site, from the committed numbers.

The animation, its still, and the card that other sites show for a link go to figures/gallery.
"""

import argparse
from collections.abc import Sequence

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from experiments.engine.cache import new_file
from experiments.engine.errors import run_command
from figures import staircase, style
from figures.panels import Data
from scripts.gallery import write_png
from scripts.redraw import PROJECT, read_numbers

DPI, CARD_DPI = 150, 100
COLORS = 64
"""Colours of the animation: greys, gold, salmon, and their edges."""
WHITE = 251
"""Greys from here on are the paper's."""
GALLERY = PROJECT.root / "figures" / "gallery"


def main(arguments: Sequence[str]) -> None:
    """Write the three pictures."""
    argparse.ArgumentParser("python -m scripts.staircase", description=__doc__).parse_args(
        arguments
    )
    write_png(still(), GALLERY / "staircase.png")
    write_png(card(), GALLERY / "staircase_card.png")
    animate()


def still() -> np.ndarray:
    """Return the colours of the still, ``(height, width, 3)``."""
    with style.applied():
        return _dots(staircase.still(numbers("fig5")), DPI)


def card() -> np.ndarray:
    """Return the colours of the card, ``(height, width, 3)``."""
    with style.applied():
        return _dots(staircase.card(*map(numbers, ("fig1", "fig5", "fig6"))), CARD_DPI)


def animate() -> None:
    """Write the animation, whose frames share the colours of the last one."""
    data, moments = numbers("fig5"), staircase.moments()
    with style.applied():
        frames = [Image.fromarray(_dots(staircase.frame(data, each), DPI)) for each in moments]
    shared = frames[-1].quantize(COLORS, dither=Image.Dither.NONE)
    colors = np.array(shared.getpalette()).reshape(-1, 3)
    # Paper stays white.
    white = np.where(colors.min(axis=1, keepdims=True) >= WHITE, 255, colors).ravel().tolist()
    first, *others = (each.quantize(palette=shared, dither=Image.Dither.NONE) for each in frames)
    for each in (first, *others):
        each.putpalette(white)
    target = GALLERY / "staircase.gif"
    with new_file(target) as temporary:
        durations = [each.duration for each in moments]
        how = {"save_all": True, "append_images": others, "duration": durations, "loop": 0}
        first.save(temporary, "gif", optimize=True, **how)
    print(f"{target}: {target.stat().st_size / 1024:.0f} KiB")


def numbers(figure: str) -> Data:
    """Return the committed numbers of a figure."""
    return read_numbers(figure, PROJECT.reference(figure))[0]


def _dots(figure: Figure, dpi: float) -> np.ndarray:
    import matplotlib.pyplot as plt

    figure.set_dpi(dpi)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    plt.close(figure)
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


if __name__ == "__main__":
    run_command(main)
