"""Figure 6: stochastic and deterministic networks learn precise spike times."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from figures import style
from figures.panels import Data, spike_training
from figures.panels.schematic import arrow
from figures.panels.spike_pictures import SMALLEST, same_target, show
from figures.style import INK, MODES, NEUTRAL, SMALL
from figures.verdicts import BY_HOLM

HEIGHTS = (1.5, 2.3, 0.25, 2.6, 1.75)
"""Heights of the rows, inches."""
KINDS = (("van_rossum", "van Rossum distance"), ("l2", "L2 distance"))


def render(data: Data) -> Figure:
    """Draw the network, what it has learned, and what trained hidden weights add."""
    figure = plt.figure(figsize=(style.FULL_WIDTH, sum(HEIGHTS)))
    *_, key, third, fourth = style.rows(figure, HEIGHTS)
    spike_training.mode_key(key)
    below_first = sum(HEIGHTS[1:])
    scheme = _scheme(figure, data["stochastic"], below_first + 0.2)
    same = same_target(data)
    first = _trained(figure, data, below_first - HEIGHTS[1] + 0.15, same)
    lettered = [scheme, first]
    grid = third.subplots(2, len(spike_training.TITLES), sharex=True, sharey="row")
    for row, (name, label) in zip(grid, KINDS, strict=True):
        spike_training.distances(row, data, name)
        row[0].set_ylabel(label.replace(" distance", "\ndistance"))
        lettered.append(row[0])
        if name == "van_rossum":
            row[0].set_yscale("log")
            row[0].yaxis.set_minor_formatter(NullFormatter())
            for axes, title in zip(row, spike_training.TITLES, strict=True):
                axes.set_title(title, fontsize=7)
                axes.set_xlabel("")
    varied, gains = style.columns(fourth, (1.9, 5.1))
    ends = gains.subplots(1, 2, sharey=True)
    for after, (name, label) in zip(ends, KINDS, strict=True):
        spike_training.ratios(after, data, name)
        after.set_xlabel(f"all learn / frozen\n{BY_HOLM}", size=SMALL)
        after.set_title(f"{label}{'' if same else ', targets differ'}", fontsize=7.5)
        if name == "van_rossum":
            spike_training.logarithmic(after)
    fano = varied.subplots()
    spike_training.fano(fano, data["stochastic"])
    style.name_panels("abcdefg", (*lettered, fano, *ends))
    return figure


def teaser(data: Data) -> Figure:
    """Draw the outputs of a stochastic network before and after training, and its target."""
    figure, panel = plt.figure(figsize=style.TEASER, layout="none"), data["stochastic"]
    distance = np.median(panel["van_rossum"], axis=0)
    pictures = {
        "before training": (panel["output_before"][0].T, MODES["stochastic"], distance[0]),
        "after training": (panel["output_after"][0].T, MODES["stochastic"], distance[-1]),
        "target": (panel["picture"][0], INK, 0.0),
    }
    width, height = SMALLEST
    step = (style.TEASER[0] - width - 0.3) / (len(pictures) - 1)
    for i, (title, (raster, color, distant)) in enumerate(pictures.items()):
        x = round(200 * (0.15 + i * step)) / 200
        axes = show(figure, raster, (x, 0.5, width, height), color)
        axes.set_title(title, fontsize=7.5)
        axes.set_xlabel(f"van Rossum\ndistance {distant:.2g}", labelpad=2, fontsize=7.5)
    words = f"surrogate gradients (SG) teach {len(raster)} neurons (rows)"
    words += "\nwhen to spike (time: to the right)"
    figure.text(0.043, 0.97, words, ha="left", va="top", size=7.5)
    return figure


def _scheme(figure: Figure, data: dict[str, np.ndarray], bottom: float) -> Axes:
    """Draw the network, each layer a raster of the stochastic one before training.

    Returns:
        The first raster.
    """
    width, height = SMALLEST
    middle = bottom + height / 2
    sheet = figure.add_axes((0, 0, 1, 1), zorder=-1)
    sheet.set(xlim=(0, style.FULL_WIDTH), ylim=(0, sum(HEIGHTS)))
    sheet.axis("off")
    parts = (
        ("inputs", NEUTRAL, "inputs", "$W_{hid}$"),
        ("hidden_before", MODES["stochastic"], "hidden", "$W_{out}$"),
        ("output_before", MODES["stochastic"], "output", "error"),
    )
    drawn = []
    for i, (name, color, title, weights) in enumerate(parts):
        x = 0.25 + 1.69 * i
        raster = data[name][0].T
        place = x, bottom, width, height
        drawn.append(show(figure, raster, place, color, f"{len(raster)} {title}"))
        start, end = x + width + 0.1, x + 1.59
        arrow(sheet, (start, middle), (end, middle))
        sheet.text((start + end) / 2, middle + 0.06, weights, ha="center", va="bottom", size=7)
    drawn[0].set_xlabel(f"{raster.shape[1]} time steps", fontsize=7, labelpad=2)
    words = "target (b) minus\noutput, handed down\nto $W_{hid}$ through the\nhidden surrogate"
    sheet.text(x + 1.65, middle, words, va="center", size=7)
    return drawn[0]


def _trained(figure: Figure, data: Data, bottom: float, same: bool) -> Axes:
    """Draw the outputs after training, and the target of all networks, or of each.

    Returns:
        The first raster.
    """
    parts = []
    for mode, color in MODES.items():
        parts.append((f"{mode}, trained", data[mode]["output_after"][0].T, color))
        if not same or mode == "stochastic":
            title = "target" if same else f"target, {mode}"
            parts.append((title, data[mode]["picture"][0], INK))
    n = len(parts)
    width = style.FULL_WIDTH / n - 0.3 if n > 3 else 2 * SMALLEST[0]
    height = 2 * SMALLEST[1] * width / (2 * SMALLEST[0])
    step = (style.FULL_WIDTH - 0.15) / n
    drawn = []
    for i, (title, raster, color) in enumerate(parts):
        x = round(200 * (0.25 + i * step)) / 200
        drawn.append(show(figure, raster, (x, bottom, width, height), color, title))
    return drawn[0]
