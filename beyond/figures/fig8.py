"""Figure 8, beyond the paper: an atlas of gradient estimators, and which to use."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from beyond.figures.panels.against_gradient import against_gradient
from beyond.figures.panels.atlas_choice import which
from beyond.figures.panels.heat_map import Question, above, heat_map, key, name_rows
from figures import style
from figures.looks import LOOKS
from figures.panels import Data, Panel
from figures.panels.path_tree import draw_network
from figures.style import INK, NEUTRAL, SMALL

LETTERS = {
    "depth": "a, c to e",
    "width": "c, d",
    "beta": "c, d",
    "curvature": "c, d",
    "regimes": "b, f, g",
    "mismatch": "supplement d",
    "product": "the supplement",
}
"""Where each panel of the configuration is drawn."""

SHOWN = (
    "surrogate",
    "surrogate_x0.25",
    "surrogate_x4",
    "surrogate_super_spike",
    "surrogate_deterministic",
    "mean_field",
    "smoothed_right",
    "smoothed_left",
    "smoothed_two_sided",
    "path_sample_analytic",
    "finite_differences",
    "evolution_strategies",
    "stochastic_ad",
    "stochastic_ad_few_flips",
    "score_function",
)
"""Of each kind the usual one, and the extremes; all others are in the supplement."""

COSINES = (-1, 0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 1.0001)
TYPICAL = Question("median network", "median_cosine", COSINES, "viridis")
WORST = Question("worst network", "min_cosine", COSINES, "viridis")

BASE = (2, 4, 4.0, 1.0)
"""The network at which the axes cross: depth, width, beta, curvature."""


def render(data: Data) -> Figure:
    """Draw the figure.

    Args:
        data: panels "depth", "width", "beta" and "curvature", and "regimes", all of them atlases
            with a leading axis of seeds; others are in the supplement.
    """
    figure = plt.figure(figsize=(style.FULL_WIDTH, 8.1))
    top, maps, advice = style.rows(figure, (1.65, 3.3, 3.15))
    left, right = style.columns(top, (1, 1.7))
    network, words = left.subplots(2, 1, height_ratios=(1, 0.75))
    _network(network, words, data["depth"])
    every = right.subplots()
    against_gradient(every, data["regimes"])
    listed = list(map(str, data["depth"]["estimators"][0]))
    shown = [name for name in SHOWN if name in listed] or listed
    grid = maps.add_gridspec(2, 3, width_ratios=(1.5, 1.5, 1), height_ratios=(1, 0.05))
    typical, worst, noise = (maps.add_subplot(grid[0, x]) for x in range(3))
    heat_map(typical, data, TYPICAL, shown)
    image = heat_map(worst, data, WORST, shown, counts="negative")
    worst.tick_params(labelleft=False)
    _proven(typical, worst, data["depth"], shown)
    bar = maps.add_subplot(grid[1, :2])
    key(bar, image, COSINES)
    bar.set_xlabel(
        "cosine of the estimator's mean and the exact gradient (wrong sign below 0)", size=7
    )
    _noise(noise, data, shown)
    tables = advice.subplots(1, 2, sharey=True)
    for axes, for_layers, scope in zip(
        tables, (False, True), ("for any program", "for layers without time"), strict=True
    ):
        which(axes, data["regimes"], for_layers)
        axes.set_title(f"{scope}: median cosine (10th percentile)", size=7)
    style.name_panels("abcdefg", (network, every, typical, worst, noise, *tables))
    return figure


def teaser(data: Data) -> Figure:
    """Draw where the mean of each estimator points."""
    figure = plt.figure(figsize=style.TEASER)
    against_gradient(figure.subplots(), data["regimes"])
    return figure


def _network(axes: Axes, words: Axes, panel: Panel) -> None:
    """Draw the base network in one trial, and what is varied."""
    depth, width, beta, curvature = panel["cells"][0][_base(panel)]
    depth, width = int(depth), int(width)
    sizes = np.array([4, *[width] * depth, 2])
    state = np.resize([1, 0, 0, 1, 0], sizes[1:].sum())
    draw_network(axes, sizes, state)
    words.axis("off")
    lines = (
        "Binary neurons, $p$(spike) $= 1/(1+e^{-\\beta v})$.",
        f"Base: {depth} hidden layers of {width}, $\\beta = {beta:g}$,",
        f"curvature of the loss {curvature:g}. One of the four is",
        f"varied at a time; {int(panel['n_networks'])} networks a cell.",
    )
    words.text(0, 1, "\n".join(lines), size=7, va="top", linespacing=1.3, color=INK)


def _proven(typical: Axes, worst: Axes, panel: Panel, shown: list[str]) -> None:
    """Draw the projections of unbiased estimators at the base network, which have no cosine."""
    cell, listed = _base(panel), list(map(str, panel["estimators"][0]))
    middle = {"ha": "center", "va": "center", "size": 6, "color": INK}
    for y, name in enumerate(shown):
        i = listed.index(name)
        if np.isnan(panel["max_abs_z"][i, cell]):
            continue
        low, high = (f"{end:.3f}" for end in panel["projection_interval"][:, i, cell])
        for axes, said in (
            (typical, f"unbiased: projection [{low}, {high}]"),
            (worst, f"|z| ≤ {panel['max_abs_z'][i, cell]:.1f} at the base"),
        ):
            axes.text(sum(axes.get_xlim()) / 2, y + 0.5, said, **middle)


def _base(panel: Panel) -> int:
    """Return the cell of the base network; small presets have others, and the first one counts."""
    cells = [tuple(cell) for cell in panel["cells"][0]]
    return cells.index(BASE) if BASE in cells else 0


def _noise(axes: Axes, data: Data, shown: list[str]) -> None:
    """Draw the variance of one trial at the base network, and the runs that a trial takes."""
    panel = data["depth"]
    cell = _base(panel)
    listed = list(map(str, panel["estimators"][0]))
    low, high = 0.1, 1000.0
    for y, name in enumerate(shown):
        i, look = listed.index(name), LOOKS[name]
        variance, runs = panel["typical_variance"][i, cell], panel["runs"][i, cell]
        if variance > 0:
            axes.plot(variance, y + 0.5, clip_on=False, **look.markers(4.5))
            low, high = min(low, variance), max(high, variance)
        else:
            place = {"transform": axes.get_yaxis_transform(), "va": "center"}
            axes.text(0.0285, y + 0.5, "none", size=6, color=NEUTRAL, **place)
        axes.text(
            1.02,
            y + 0.5,
            f"{runs:.0f}",
            size=SMALL,
            va="center",
            transform=axes.get_yaxis_transform(),
        )
    axes.text(
        1.02,
        above(shown),
        "runs of\nnetwork",
        size=6,
        va="bottom",
        transform=axes.get_yaxis_transform(),
    )
    axes.set(xscale="log", xlim=(low, high), ylim=(len(shown), 0))
    name_rows(axes, shown)
    axes.tick_params(axis="x", length=2)
    axes.tick_params(labelleft=False)
    axes.spines["bottom"].set_visible(True)
    axes.set_title("noise of one trial", size=7, pad=21)
    axes.set_xlabel("variance / |gradient|²", size=7)
    axes.grid(axis="x", lw=0.3, color=NEUTRAL, alpha=0.5)
