"""Figure 8, supplement: direction of all estimators, slopes and shapes, and which to choose."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from beyond.figures.panels.atlas_choice import name_tints, text_lines, which
from beyond.figures.panels.heat_map import heat_map, key
from beyond.figures.panels.slope_and_shape import slope_and_shape
from figures import style
from figures.panels import Data, names_of

ROW = 0.125
"""Height in inches of a line of text in the table."""


def render(data: Data) -> Figure:
    """Draw the supplement.

    Args:
        data: as figure 8's; "beta", an atlas along this axis; "mismatch", surrogates of several
            slopes and shapes.
    """
    names = names_of(data["depth"], "estimators")
    rows = text_lines(data["regimes"]) * data["regimes"]["cells"].shape[1] * ROW
    heights = (max(1.6, 0.115 * len(names)) + 0.7, rows + 0.6)
    figure = plt.figure(figsize=(style.FULL_WIDTH, sum(heights)))
    above, below = style.rows(figure, heights)
    wide, narrow = style.columns(above, (4, 3))
    cosines, colours = wide.subplots(2, 1, height_ratios=(1, 0.04))
    key(colours, heat_map(cosines, data, names))
    slopes, table = narrow.subplots(), below.subplots()
    slope_and_shape(slopes, data["mismatch"])
    which(table, data["regimes"], size=6.5)
    name_tints(table)
    style.name_panels("abc", (cosines, slopes, table))
    return figure
