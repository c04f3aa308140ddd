"""Supplement of figure 5: the second loop, around which the staircase climbs."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from figures.panels import Data, loop
from figures.style import FULL_WIDTH, name_panels, rows


def render(data: Data) -> Figure:
    """Draw the second loop as figure 5 draws the first."""
    figure = plt.figure(figsize=(FULL_WIDTH, 4.15))
    key, bottom = rows(figure, (0.25, 3.9))
    loop.key(key.subplots())
    planes, curves, _ = loop.draw(bottom, data["second"])
    name_panels("abc", (planes[0], curves[0], curves[1]))
    return figure
