"""The direction of every estimator in every regime."""

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
from figures.style import INK, SMALL

AXES = (("depth", 0, "hidden layers"), ("beta", 2, "slope of noise $\\beta$"))
GAP = 0.5
LEVELS = (-1, 0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 1.0001)
"""Cosines at which the colour changes."""


def heat_map(axes: Axes, data: Data, names: list[str]) -> AxesImage:
    """Draw the cosine of mean and gradient, a row for each estimator, a block for each axis.

    Cells without a finite number are grey.

    Args:
        axes: Where.
        data: Atlases by axis.
        names: The estimators.

    Returns:
        The image, for its key.
    """
    levels = np.array(LEVELS)
    colors = plt.get_cmap("viridis")(np.linspace(0, 1, levels.size - 1))
    colormap = ListedColormap(colors).with_extremes(bad=UNKNOWN)
    norm = BoundaryNorm(levels, levels.size - 1)
    start, ticks, labels, blank = 0.0, [], [], np.full(len(names), True)
    for name, column, title in AXES:
        values = _rows(data[name], "median_cosine", names)
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
        above = -0.25 * min(1, len(names) / 15)
        axes.text(start + n / 2, above, title, ha="center", va="bottom", size=7)
        ticks += [start + i + 0.5 for i in range(n)]
        labels += [short_number(value) for value in data[name]["cells"][0][:, column]]
        start += n + GAP
    if blank.any() and blank[blank.argmax() :].all():
        middle = ((start - GAP) / 2, (blank.argmax() + len(names)) / 2)
        words = "unbiased:\nthe mean is the gradient"
        axes.text(*middle, words, size=SMALL, ha="center", va="center", color=INK)
    axes.set(xlim=(0, start - GAP), ylim=(len(names), 0))
    axes.set_xticks(ticks, labels, size=7)
    name_rows(axes, names)
    axes.set_title("cosine of mean and gradient, median network", fontsize=7, pad=14)
    return image


def _rows(panel: Panel, key: str, names: list[str]) -> np.ndarray:
    """Return the rows of some estimators, NaN where a panel does not have them."""
    values = dict(zip(names_of(panel, "estimators"), panel[key], strict=True))
    nothing = np.full(panel[key].shape[1], np.nan)
    return np.array([values.get(name, nothing) for name in names])


def name_rows(axes: Axes, names: list[str]) -> None:
    """Name the estimators beside their rows, in the colours of their families."""
    name_strips(axes, names, 6.5, first=0.5)
    axes.tick_params(length=0, pad=1.5)
    families = [LOOKS[name].family for name in names]
    for y in range(1, len(names)):
        if families[y] != families[y - 1]:
            axes.axhline(y, color="white", lw=1)
    axes.spines[:].set_visible(False)


def key(axes: Axes, image: AxesImage) -> None:
    """Explain the colours and where they change, in axes of their own."""
    bar = plt.colorbar(image, cax=axes, orientation="horizontal", spacing="uniform")
    inner = LEVELS[1:-1]
    bar.set_ticks(inner, labels=[short_number(level) for level in inner])
    bar.ax.tick_params(labelsize=6.5, length=0, pad=1)
    bar.outline.set_visible(False)


def short_number(value: float) -> str:
    """Return a number in a narrow place, as ".5", "−.5", "0" or "16"."""
    size = f"{abs(value):g}".removeprefix("0") or "0"
    return f"{MINUS}{size}" if value < 0 else size
