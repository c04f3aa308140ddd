"""Figure 3, supplement: the other couplings and estimators."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from figures import style
from figures.looks import LOOKS
from figures.panels import Data, Panel, names_of
from figures.panels.couplings import draw_couplings
from figures.panels.estimates import FURTHER, draw_bias, draw_derivatives, without_facet

COUPLINGS = ("right", "left")
BIASED = ("smoothed_right", "smoothed_left", "smoothed_two_sided")
"""Estimators with a facet: the means of unbiased ones lie on the exact gradient, as b says."""
ROW = 1.7
"""Height of a row of facets, in inches."""
FEW, MANY = 3, 6
"""Facets per row, for at most nine facets and for more."""


def render(data: Data) -> Figure:
    """Draw couplings and biases above; below, facets of biased couplings and own estimators."""
    estimators = data["estimators"]
    names = names_of(estimators, "estimators")
    own = [name for name in without_facet(names) if name not in FURTHER]
    shown = [*(name for name in BIASED if name in names), *own]
    columns = FEW if len(shown) <= FEW**2 else MANY
    n_rows = -(-len(shown) // columns)
    # Every estimator has a row of the upper panels.
    above = max(2.6, 0.6 + 0.13 * len(names))
    heights = (above, *([n_rows * ROW] if shown else []))
    figure = plt.figure(figsize=(style.FULL_WIDTH, sum(heights)))
    top, *below = style.rows(figure, heights)
    part, right = style.columns(top, (1, 1.15))
    couplings = part.subplots(1, 2, sharex=True, sharey=True)
    draw_couplings(couplings, data["paths"], COUPLINGS)
    bias = right.subplots(1, 2, sharey=True, width_ratios=(1.3, 1))
    draw_bias(bias, estimators)
    lettered = [couplings[0], bias[0]]
    if shown:
        lettered.append(_facets(below[0], estimators, shown, (n_rows, columns)))
    style.name_panels("abc"[: len(lettered)], lettered)
    return figure


def _facets(figure: SubFigure, data: Panel, shown: list[str], shape: tuple[int, int]) -> Axes:
    """Draw the derivatives by each estimator in a facet of its own.

    Args:
        figure: Where.
        data: Panel "estimators".
        shown: Names of the estimators.
        shape: Numbers of rows and columns.

    Returns:
        The first facet.
    """
    grid = figure.subplots(*shape, sharex=True, sharey=True, squeeze=False)
    facets = grid.ravel()[: len(shown)]
    draw_derivatives(facets, data, {LOOKS[name].label: (name,) for name in shown})
    for axes in grid.ravel()[len(shown) :]:
        axes.axis("off")
    for axes, name in zip(facets, shown, strict=True):
        axes.set(xlabel="", ylabel="")
        label = LOOKS[name].label
        few = shape[1] == FEW
        axes.set_title(label if few else label.replace(", ", ",\n"), size=7.5 if few else 6)
    # Above a place without a facet, ticks are named too.
    for axes in facets[-shape[1] :]:
        axes.tick_params(labelbottom=True)
    middle = grid[(shape[0] - 1) // 2, 0]
    middle.set_ylabel("derivative\n(grey: exact gradient)", size=7)
    figure.supxlabel("parameter, sorted by exact gradient", size=8)
    return grid[0, 0]
