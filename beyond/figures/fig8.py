"""Figure 8, beyond the paper: where means of gradient estimators point, and what they cost."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from beyond.figures.panels import drawable
from beyond.figures.panels.against_gradient import (
    SHOWN,
    against_gradient,
    computed,
    name_strips,
    prices,
    shares,
    strips,
)
from figures import style
from figures.panels import Data, Panel

BASE = (2, 4, 4.0, 1.0)
"""Base network, where the axes cross: depth, width, beta, curvature."""
STOCHASTIC_AD = "stochastic_ad"
"""An unbiased estimator, whose variance times forward passes is a line."""


def render(data: Data) -> Figure:
    """Draw the figure.

    Args:
        data: panels "regimes" and "depth", atlases with a leading axis of seeds; others are in the
            supplement.
    """
    figure = plt.figure(figsize=(style.FULL_WIDTH, 3.8))
    _means(figure, data)
    return figure


def teaser(data: Data) -> Figure:
    """Draw where the mean of each estimator points."""
    figure = plt.figure(figsize=style.TEASER)
    against_gradient(figure.subplots(), data["regimes"])
    words = "means of mean field and SG can oppose the gradient;"
    figure.suptitle(f"{words}\ntwo-sided and path sample-analytic ones rarely do", size=7.5)
    return figure


def _means(part: Figure, data: Data) -> None:
    """Draw cosines by slope, shares against the gradient, and prices."""
    regimes = data["regimes"]
    names, betas = computed(regimes, SHOWN), regimes["betas"]
    widths = (*[3.6 / len(betas)] * len(betas), 1.0, 1.0)
    *columns, share, price = part.subplots(1, len(widths), sharey=True, width_ratios=widths)
    style.name_panels("abc", (columns[0], share, price))
    if not names:
        for axes in (*columns, share, price):
            axes.axis("off")
        drawable(columns[len(betas) // 2], False, "unbiased by proof")
        return
    for axes, beta in zip(columns, betas, strict=True):
        strips(axes, regimes, names, beta)
        axes.set_title(f"slope $\\beta$ = {beta:g}", size=8)
    name_strips(columns[0], names, 7.5)
    words = "(a mark: a network; large on pink: wrong sign)"
    columns[len(columns) // 2].set_xlabel(f"cosine of mean and gradient\n{words}")
    if drawable(share, "directions" in data):
        shares(share, data["directions"], names)
        share.set_xlabel("% of networks opposed\n(bars: 95 %)")
    prices(price, data["depth"], names, base(data["depth"]), STOCHASTIC_AD)
    price.set_xlabel("variance × passes\n/ |gradient|²")


def base(panel: Panel) -> int:
    """Return the cell of the base network, or the first cell if a small preset leaves it out."""
    cells = [tuple(cell) for cell in panel["cells"][0]]
    return cells.index(BASE) if BASE in cells else 0
