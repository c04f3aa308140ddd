"""Figure 7: deep networks learn speech with deterministic and with stochastic spikes."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from figures.panels import Data
from figures.panels.accuracies import difference, tests, training
from figures.panels.gradient_norms import against_depth, against_slope
from figures.panels.rasters import activity, levels, repeats
from figures.panels.speech_network import speech_network
from figures.panels.variability import fano
from figures.style import FULL_WIDTH, TEASER, columns, name_panels, rows

LETTERS = {
    "deterministic": "b to e",
    "stochastic": "b to e",
    "deterministic_frozen": "b, c",
    "stochastic_frozen": "b, c",
    "gradient_scale": "f, g",
    "resets": "supplement e",
    "resets_speech": "supplement e",
}
"""Where each panel of the configuration is drawn."""


def render(data: Data) -> Figure:
    """Draw activity, accuracies, variability, and gradient norms before training."""
    figure = plt.figure(figsize=(FULL_WIDTH, 6.7))
    above, below = rows(figure, (4.2, 2.4))
    activities, learning = columns(above, (4.5, 2.5))
    drawn = levels(data)
    grid = activities.add_gridspec(len(drawn), 3, width_ratios=(0.68, 1, 1))
    network = activities.add_subplot(grid[:, 0])
    speech_network(network, data["stochastic"])
    places = [[grid[y, x] for x in (1, 2)] for y in range(len(drawn))]
    activity(np.array([[activities.add_subplot(x) for x in row] for row in places]), data, 0)
    upper, lower = rows(learning, (1.6, 2.6))
    curves = upper.subplots()
    tested, compared = lower.subplots(2, 1, height_ratios=(1.9, 0.7))
    training(curves, data)
    tests(tested, data)
    difference(compared, data)

    varied, norms = columns(below, (3.7, 3.3))
    depth = len(drawn) - 2
    grid = varied.add_gridspec(depth, 3, width_ratios=(1, 1, 1.9))
    trials = np.array([[varied.add_subplot(grid[i, j]) for j in (0, 1)] for i in range(depth)])
    repeats(trials, data)
    factors = varied.add_subplot(grid[:, 2])
    fano(factors, data)
    slopes, depths = norms.subplots(1, 2, sharey=True, width_ratios=(1, 1))
    against_slope(slopes, data["gradient_scale"])
    against_depth(depths, data["gradient_scale"])
    name_panels("abcdefg", (network, curves, tested, trials[0, 0], factors, slopes, depths))
    return figure


def teaser(data: Data) -> Figure:
    """Draw test accuracies under both kinds of spikes."""
    figure = plt.figure(figsize=TEASER)
    axes = figure.subplots()
    tests(axes, data)
    axes.set_title("synthetic spoken digits: SG trains both kinds", size=7.5)
    return figure
