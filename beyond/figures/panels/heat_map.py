"""A number for every estimator in every regime."""

from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.image import AxesImage

from beyond.figures.looks import UNKNOWN
from beyond.figures.panels.against_gradient import name_strips
from figures.looks import LOOKS
from figures.numerals import MINUS
from figures.panels import Data, Panel, names_of
from figures.style import INK, SMALL, on

AXES = (
    ("depth", 0, "hidden\nlayers"),
    ("width", 1, "layer\nwidth"),
    ("beta", 2, "slope of\nnoise $\\beta$"),
    ("curvature", 3, "curvature\nof loss"),
)
GAP = 0.5


@dataclass(frozen=True)
class Question:
    """Question that a heat map answers.

    Attributes:
        title: what is asked, and what the colour is.
        key: the array that answers.
        levels: where the colour changes.
        colormap: from matplotlib.
        per_run: whether to multiply by the runs that a trial costs.
        counts: an array of counts, which are written into the cells unless they are zero.
        blank: why the last estimators have no number.
    """

    title: str
    key: str
    levels: tuple[float, ...]
    colormap: str
    per_run: bool = False
    counts: str = ""
    blank: str = ""


def heat_map(axes: Axes, data: Data, question: Question, names: list[str]) -> AxesImage:
    """Draw estimators from top to bottom, regimes from left to right, a block for each axis.

    Cells without a finite number are grey.

    Args:
        axes: Where.
        data: Atlases by axis.
        question: What the colours are.
        names: The estimators.

    Returns:
        The image, for its key.
    """
    levels = np.array(question.levels)
    colors = plt.get_cmap(question.colormap)(np.linspace(0, 1, levels.size - 1))
    colormap = ListedColormap(colors).with_extremes(bad=UNKNOWN)
    norm = BoundaryNorm(levels, levels.size - 1)
    start, ticks, labels, blank = 0.0, [], [], np.full(len(names), True)
    for name, column, title in AXES:
        values = _rows(data[name], question.key, names)
        if question.per_run:
            values = values * _rows(data[name], "runs", names)
        blank &= np.isnan(values).all(axis=1)
        n = values.shape[1]
        clipped = np.clip(values, levels[0], levels[-1] * (1 - 1e-9))
        masked = np.ma.masked_where(~np.isfinite(values), clipped)
        image = axes.imshow(
            masked,
            cmap=colormap,
            norm=norm,
            extent=(start, start + n, len(names), 0),
            aspect="auto",
        )
        if question.counts:
            counted = np.nan_to_num(_rows(data[name], question.counts, names))
            for y, x in zip(*np.nonzero(counted), strict=True):
                text, at = f"{counted[y, x]:.0f}", (start + x + 0.5, y + 0.5)
                ink = on(image.to_rgba(masked)[y, x])
                axes.text(*at, text, ha="center", va="center_baseline", size=6, color=ink)
        above = -0.25 * min(1, len(names) / 15)
        axes.text(start + n / 2, above, title, ha="center", va="bottom", size=6)
        ticks += [start + i + 0.5 for i in range(n)]
        labels += [short_number(value) for value in data[name]["cells"][0][:, column]]
        start += n + GAP
    if question.blank and blank.any() and blank[blank.argmax() :].all():
        middle = ((start - GAP) / 2, (blank.argmax() + len(names)) / 2)
        axes.text(*middle, question.blank, size=SMALL, ha="center", va="center", color=INK)
    axes.set(xlim=(0, start - GAP), ylim=(len(names), 0))
    upright = len(labels) <= 16 and max(map(len, labels)) <= 2
    axes.set_xticks(ticks, labels, size=6, rotation=0 if upright else 90)
    name_rows(axes, names)
    axes.set_title(question.title, fontsize=7, pad=21)
    return image


def _rows(panel: Panel, key: str, names: list[str]) -> np.ndarray:
    """Return the rows of some estimators, NaN where a panel does not have them."""
    values = dict(zip(names_of(panel, "estimators"), panel[key], strict=True))
    nothing = np.full(panel[key].shape[1], np.nan)
    return np.array([values.get(name, nothing) for name in names])


def name_rows(axes: Axes, names: list[str]) -> None:
    """Name the estimators beside their rows, in the colours of their families."""
    name_strips(axes, names, 6, first=0.5)
    axes.tick_params(length=0, pad=1.5)
    families = [LOOKS[name].family for name in names]
    for y in range(1, len(names)):
        if families[y] != families[y - 1]:
            axes.axhline(y, color="white", lw=1)
    axes.spines[:].set_visible(False)


def key(axes: Axes, image: AxesImage, levels: tuple[float, ...]) -> None:
    """Explain the colours and where they change, in axes of their own."""
    bar = plt.colorbar(image, cax=axes, orientation="horizontal", spacing="uniform")
    inner = levels[1:-1]
    bar.set_ticks(inner, labels=[_tick(level) for level in inner])
    bar.ax.tick_params(labelsize=6, length=0, pad=1)
    bar.outline.set_visible(False)


def _tick(level: float) -> str:
    return f"$10^{{{round(np.log10(level))}}}$" if level >= 1e3 else short_number(level)


def short_number(value: float) -> str:
    """Return a number in a narrow place, as ".5", "−.5", "0" or "16"."""
    size = f"{abs(value):g}".removeprefix("0") or "0"
    return f"{MINUS}{size}" if value < 0 else size
