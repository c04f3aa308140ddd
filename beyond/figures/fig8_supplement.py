"""Figure 8, supplement: direction of all estimators, and slopes and shapes of surrogates."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from beyond.figures.panels.heat_map import heat_map, key
from beyond.figures.panels.slope_and_shape import slope_and_shape
from figures import style
from figures.panels import Data, names_of


def render(data: Data) -> Figure:
    """Draw the supplement.

    Args:
        data: as figure 8's; "beta", an atlas along this axis; "mismatch", surrogates of several
            slopes and shapes.
    """
    names = names_of(data["depth"], "estimators")
    height = max(1.6, 0.115 * len(names)) + 0.7
    figure = plt.figure(figsize=(style.FULL_WIDTH, height))
    wide, narrow = style.columns(figure, (4, 3))
    cosines, colours = wide.subplots(2, 1, height_ratios=(1, 0.04))
    key(colours, heat_map(cosines, data, names))
    slopes = narrow.subplots()
    slope_and_shape(slopes, data["mismatch"])
    style.name_panels("ab", (cosines, slopes))
    return figure
