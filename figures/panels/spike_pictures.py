"""Rasters that are to become a picture, each of their bins a whole number of dots wide."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from figures.style import INK

DOTS = 400
"""Dots per inch; a bin takes a whole number: bins of unequal width look like grey stripes."""

SMALLEST = (189 * 2 / DOTS, 200 * 2 / DOTS)
"""Width and height, inches: a bin of the published size is then two dots wide."""


Place = tuple[float, float, float, float]
"""Left and lower end on a figure, inches, and how wide and high a raster may be there."""


def show(figure: Figure, raster: np.ndarray, place: Place, color: str, title: str = "") -> Axes:
    """Draw a raster, neurons from top to bottom, time from left to right."""
    n_neurons, n_steps = raster.shape
    x, bottom, width, height = place
    width, height = _whole(width, n_steps), _whole(height, n_neurons)
    across, up = (float(side) for side in figure.get_size_inches())
    axes = figure.add_axes((x / across, bottom / up, width / across, height / up))
    # In single precision: the same dots, in less than half the time for large rasters.
    colors = np.where(raster[..., None], np.asarray(to_rgb(color), np.float32), np.float32(1))
    axes.imshow(colors, aspect="auto", interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    axes.set_title(title, fontsize=7)
    axes.spines[:].set(visible=True, linewidth=0.4, color=INK)
    return axes


def _whole(most: float, n: int) -> float:
    """Return a length of n bins, each as many whole dots as fit; all of it if too many."""
    dots = int(most * DOTS / n + 1e-9)
    return dots * n / DOTS if dots else most


def same_target(data: dict[str, dict[str, np.ndarray]]) -> bool:
    """Return whether all panels learn the same picture."""
    first, *others = (panel["picture"][0] for panel in data.values())
    return all(np.array_equal(first, other) for other in others)
