"""Style of all figures: width of a page, colours, panel letters, stamp."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.style as mpl_style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb
from matplotlib.figure import Figure, SubFigure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.transforms import Bbox

# Spike modes of a neuron or network. Estimators have looks of their own: figures/looks.py.
DETERMINISTIC, STOCHASTIC = "#00667a", "#5aa9b5"
MODES = {"deterministic": DETERMINISTIC, "stochastic": STOCHASTIC}
"""Two tones of one hue: yellow, in the paper the colour of stochastic spikes, is the SG here."""

INK = "#333333"
NEUTRAL = "#555555"
"""Inputs, guides and what belongs to no spike mode and no estimator."""
BRANCH = "#b5b5b5"
"""Connections, and paths that were not taken."""
DASHES = ("-", (0, (4, 1.5)), (0, (1, 1.2)))
"""Values of a parameter where colours mean something else."""

LAYERS = (*DASHES, (0, (5, 1, 1, 1)))
"""Dashes of hidden layers, from the first on; four at most."""
GREYS = ("#949494", "#1f1f1f")
"""First and last grey of a ramp of values."""
OUTPUT = LinearSegmentedColormap.from_list("output", ("#f6f6f6", "#707070"))
"""Greys of a network's output, from low to high: yellow is taken."""

SHADE = {"color": NEUTRAL, "alpha": 0.13, "lw": 0}
"""Noise and errors of a number, as areas."""
WRONG = {"color": "#c62828", "alpha": 0.12, "lw": 0}
"""Where an estimate has the wrong sign, as areas."""
SMALL = 6.5

FULL_WIDTH = 7.0
"""Width of a page, inches."""
TEASER = (FULL_WIDTH / 2, 2.2)
"""Inches, of what README shows half a column wide; 6 points are more than 9 dots there."""

HEADLINE_SIZE, STAMP_SIZE = 9, 6
"""Points; nothing that is printed is smaller."""
READABLE = 5.0
"""Contrast of text, WCAG's 4.5 with a reserve for tinted grounds."""
MARGIN = 0.02
"""Inches, between letters and the edge of a page."""
LETTER = 0.64
"""Width of a letter over its size, on the safe side."""


def contrast(one: Any, other: Any = "white") -> float:
    """Return the contrast of two colours, from 1 to 21, as WCAG 2 defines it."""
    rgb = np.array([to_rgb(one), to_rgb(other)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    dark, light = sorted(linear @ (0.2126, 0.7152, 0.0722))
    return float((light + 0.05) / (dark + 0.05))


def ink(color: str) -> str:
    """Return a colour for text, darkened until it can be read on white."""
    while contrast(color) < READABLE:
        red, green, blue = to_rgb(color)
        color = to_hex((0.97 * red, 0.97 * green, 0.97 * blue))
    return color


def greys(n: int) -> list[str]:
    """Return n greys for the values of a parameter, not of a method; the last is the darkest."""
    tones = LinearSegmentedColormap.from_list("greys", GREYS, max(n, 2))
    return [to_hex(tones(i)) for i in range(n)]


def on(ground: Any) -> str:
    """Return the colour of text on a ground, whichever of two can be read better."""
    return max(("#000000", "#ffffff"), key=lambda color: contrast(color, ground))


@contextmanager
def applied() -> Iterator[None]:
    """Use the style while a figure is drawn and saved, whatever the user's own settings."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl_style.use(Path(__file__).with_name("style.mplstyle"))
        yield


def rows(figure: Figure | SubFigure, heights: Sequence[float]) -> list[SubFigure]:
    """Return parts of a figure below each other, with layouts of their own."""
    return list(figure.subfigures(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0])


def columns(figure: Figure | SubFigure, widths: Sequence[float]) -> list[SubFigure]:
    """Return parts of a figure beside each other, with layouts of their own."""
    return list(figure.subfigures(1, len(widths), squeeze=False, width_ratios=widths)[0])


def name_panels(letters: Iterable[str], panels: Iterable[Axes]) -> None:
    """Give axes the letters of their panels, as `subplot_mosaic` does with its keys."""
    for letter, axes in zip(letters, panels, strict=True):
        axes.set_label(letter)


def name_looks(where: Any, looks: Mapping[str, Mapping[str, Any]], **key: Any) -> Legend:
    """Give axes or a figure a key of looks by name; one with `lw=0` is of an area.

    Args:
        where: What gets the key.
        looks: Keyword arguments of Matplotlib's lines or patches.
        key: Those of its legend.
    """
    handles = [
        Patch(label=name, **look) if look.get("lw") == 0 else Line2D([], [], label=name, **look)
        for name, look in looks.items()
    ]
    return where.legend(handles=handles, **({"fontsize": SMALL} | key))


def apart(places: Sequence[float], sizes: Sequence[float]) -> list[float]:
    """Move rising shares of an axes so far that things of these sizes do not overlap."""
    moved = list(places)
    for i in range(1, len(moved)):
        moved[i] = max(moved[i], moved[i - 1] + (sizes[i - 1] + sizes[i]) / 2)
    room = 1.05
    for i in reversed(range(len(moved))):
        moved[i] = min(moved[i], room - sizes[i] / 2)
        room = moved[i] - sizes[i] / 2
    return moved


def frame(figure: Figure, headline: str, stamp: str) -> Bbox:
    """Write the headline above a figure, and the stamp of a modified run below.

    Args:
        figure: The panels.
        headline: The claim, or what is shown; nothing for an empty text.
        stamp: Preset and changed parameters; nothing for an empty text.

    Returns:
        The part of the plane to save, in inches: the figure with what was written around it.
    """
    width, height = figure.get_size_inches()
    above = _beside(figure, headline, HEADLINE_SIZE, y=1, x=0.008, ha="left", weight="bold")
    below = _beside(figure, stamp, STAMP_SIZE, y=0, x=0.995, ha="right", color=NEUTRAL)
    return Bbox.from_extents(0, -below, width, height + above)


def _beside(figure: Figure, text: str, size: float, *, y: int, **place: Any) -> float:
    """Write above (y 1) or below (y 0) a figure, and return the height of the text, inches."""
    if not text:
        return 0.0
    width, height = figure.get_size_inches()
    lines = wrapped(text, int(width * 72 / (size * LETTER)))
    room = (1.2 * len(lines) + 0.6) * size / 72
    outside = y + (room if y else -room) / 2 / height
    figure.text(y=outside, s="\n".join(lines), fontsize=size, va="center", **place).set_in_layout(
        False
    )
    return room


def wrapped(text: str, width: int) -> list[str]:
    """Return lines of a text, no wider than so many letters; none is left with an orphan."""
    lines = textwrap.wrap(text, width)
    n = len(lines)
    while n > 1 and len(lines[-1]) < width / 4 and len(textwrap.wrap(text, width - 1)) == n:
        width -= 1
        lines = textwrap.wrap(text, width)
    return lines
