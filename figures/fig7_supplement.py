"""Figure 7, supplement: another utterance, rates, errors, gradients of every layer, and resets."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from figures.panels import Data
from figures.panels.confusions import confusions
from figures.panels.gradient_norms import every_layer, shape_key
from figures.panels.rasters import activity, levels
from figures.panels.resets import COLUMNS, resets
from figures.panels.variability import rates
from figures.style import FULL_WIDTH, SMALL, columns, name_panels, rows


def render(data: Data) -> Figure:
    """Draw activity, rates, confusions, and gradient norms before training."""
    compared = [name for name in COLUMNS if name in data]
    heights = (2.95, 2.6, 1.4, 1.5) if compared else (3.0, 3.4, 1.9)
    figure = plt.figure(figsize=(FULL_WIDTH, sum(heights)))
    above, errors, norms, *last = rows(figure, heights)
    activities, rated = columns(above, (4.8, 2.2))
    drawn = levels(data)
    grid = activities.subplots(len(drawn), 2)
    activity(grid, data, sample=1)
    for axes, name in zip(grid[:, 0], drawn, strict=True):
        axes.set_ylabel(name, size=SMALL)
    layers = rated.subplots(len(drawn) - 2, 1, sharex=True, squeeze=False)[:, 0]
    rates(layers, data)
    matrices = confusions(errors, data)
    n = data["gradient_scale"]["norm"].shape[-1]
    row = norms.subplots(1, n + 1, squeeze=False, sharey=True, width_ratios=(*[1] * n, 0.9))[0]
    *depths, key = row
    every_layer(np.array(depths), data["gradient_scale"])
    shape_key(key, data["gradient_scale"])
    panels = [grid[0, 0], layers[0], matrices[0], depths[0]]
    panels += [resets(place, data) for place in last]
    name_panels("abcde"[: len(panels)], panels)
    return figure
