"""Which spoken words a classifier takes for which."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import BoundaryNorm
from matplotlib.figure import SubFigure

from figures.panels import Data
from figures.panels.rasters import MODE_INKS
from figures.style import MODES

LEVELS = (0, 0.01, 0.05, 0.1, 0.2, 0.5, 1)
"""Where the grey changes: an error in one of 40 utterances must show."""


def confusions(block: SubFigure, data: Data) -> np.ndarray:
    """Draw the share of each true class (row) heard as each class, a matrix for each mode."""
    row = block.subplots(1, 2, sharey=True)
    for axes, mode in zip(row, MODES, strict=True):
        names = data[mode]["classes"][0]
        image = axes.imshow(
            data[mode]["confusion_share"], cmap="Greys", norm=BoundaryNorm(LEVELS, 256)
        )
        axes.set_xticks(range(len(names)), names, rotation=90, fontsize=6)
        axes.set_yticks(range(len(names)), names, fontsize=6)
        axes.tick_params(length=1, pad=1)
        axes.set_xlabel("heard as")
        axes.set_title(mode, fontsize=7, color=MODE_INKS[mode], fontweight="bold")
    row[0].set_ylabel("said")
    bar = plt.colorbar(image, ax=row, shrink=0.7, aspect=25, pad=0.02, spacing="uniform")
    bar.set_ticks(LEVELS, labels=[f"{level:g}" for level in LEVELS])
    bar.ax.tick_params(labelsize=6)
    bar.set_label("share of the utterances of a class", fontsize=7)
    return row
