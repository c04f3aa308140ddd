"""Norms of surrogate gradients in the untrained speech network, against slope and depth."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator

from figures.looks import LOOKS
from figures.panels import Panel
from figures.style import DASHES, NEUTRAL, SMALL, name_looks

SHAPES = {
    "Sigmoid": ("surrogate", "SG, matched: $\\beta p(1-p)$"),
    "SuperSpike": ("super_spike", "SuperSpike: $(1+\\beta|v|)^{-2}$"),
    "ScaledSigmoid": ("scaled_sigmoid", "scaled sigmoid: $p(1-p)$"),
}
"""Looks and names of the shapes, at any slope; dashes are resets."""
MOST_TICKS = 5
PRACTISED = 10.0
"""Slope of the escape noise, and of the surrogate in training."""
NOTE = 0.13
"""Height of the note on that slope, as a share of the axes."""


def against_slope(axes: Axes, panel: Panel) -> None:
    """Draw the norm of the first layer's gradient in the deepest network against the slope."""
    slopes = panel["slopes"][0]
    axes.axvline(PRACTISED, color=NEUTRAL, lw=0.7, ls=DASHES[2], zorder=0)
    for shape, (name, _) in shapes(panel["shapes"][0]):
        norms = panel["norm"][:, shape, :, -1, 0]
        _seeds(axes, slopes, norms, panel["norm_mean"][shape, :, -1, 0], name)
    _slope_axis(axes, slopes)
    title = f"{panel['norm'].shape[-1]} hidden layers"
    low, high = axes.get_ylim()
    # The note lies left of the line, unless curves do.
    beside = panel["norm"][:, :, slopes <= PRACTISED, -1, 0]
    if np.any(beside > high * (low / high) ** NOTE):
        title += "\n(dotted: slope of the noise)"
    else:
        words = {"transform": axes.get_xaxis_transform(), "ha": "right", "va": "top", "size": 6}
        axes.text(0.95 * PRACTISED, 0.99, "slope of\nthe noise", color=NEUTRAL, **words)
    axes.set_title(title, size=7.5)
    axes.set(ylabel="gradient norm, layer 1,\nuntrained network")


def against_depth(axes: Axes, panel: Panel) -> None:
    """Draw the same norms in networks of one to all layers."""
    # The slope used in training, or the nearest one.
    at = int(np.argmin(np.abs(np.log(panel["slopes"][0] / PRACTISED))))
    depths = np.arange(1, panel["norm"].shape[-1] + 1)
    for shape, (name, _) in shapes(panel["shapes"][0]):
        norms, mean = panel["norm"][:, shape, at, :, 0], panel["norm_mean"][shape, at, :, 0]
        _seeds(axes, depths, norms, mean, name)
    axes.set(xlabel="hidden layers", xticks=depths, xlim=(0.8, depths[-1] + 0.2))
    axes.set_title(f"slope {panel['slopes'][0][at]:g}", size=7.5)


def shape_key(axes: Axes, panel: Panel) -> None:
    """Name the shapes in a row of its own."""
    axes.axis("off")
    looks = {label: LOOKS[name].small(4) for _, (name, label) in shapes(panel["shapes"][0])}
    name_looks(axes, looks, loc="center", ncols=len(looks), fontsize=SMALL, handlelength=2.4)


def shapes(names: np.ndarray) -> list[tuple[int, tuple[str, str]]]:
    """Return the looks and names of shapes, with their places in the numbers."""
    numbered = enumerate(map(str, names))
    return [(i, SHAPES.get(name, (f"surrogate_{name.lower()}", name))) for i, name in numbered]


def _seeds(axes: Axes, x: np.ndarray, seeds: np.ndarray, mean: np.ndarray, name: str) -> None:
    """Draw every network as a thin line, their geometric mean as a thick one."""
    if len(seeds) > 1:
        axes.plot(x, seeds.T, lw=0.5, alpha=0.6, color=LOOKS[name].color)
    axes.plot(x, mean, lw=1.3, **LOOKS[name].small(4))


def _slope_axis(axes: Axes, slopes: np.ndarray) -> None:
    axes.set(xscale="log", yscale="log", xlabel="slope of the surrogate")
    if len(slopes) <= MOST_TICKS:
        axes.set_xticks(slopes, [f"{slope:g}" for slope in slopes])
    else:
        axes.xaxis.set_major_locator(LogLocator(numticks=MOST_TICKS))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_locator(LogLocator(numticks=7))
    axes.yaxis.set_minor_locator(NullLocator())
