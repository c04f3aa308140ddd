"""Figure 3, supplement: the other couplings and estimators."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from figures import style
from figures.panels import Data, names_of
from figures.panels.couplings import draw_couplings
from figures.panels.estimates import (
    FURTHER,
    draw_bias,
    draw_derivatives,
    facets,
    others,
)

COUPLINGS = ("right", "left")


def render(data: Data) -> Figure:
    """Draw couplings and biases above, derivatives below."""
    estimators = data["estimators"]
    groups = facets(estimators, FURTHER)
    names = names_of(estimators, "estimators")
    if unknown := others(names):
        groups["others"] = unknown
    # Every estimator has a row of the upper panels.
    heights = (max(2.6, 0.6 + 0.13 * len(names)), *([2.3] if groups else []))
    figure = plt.figure(figsize=(style.FULL_WIDTH, sum(heights) + (0.1 if groups else 0)))
    top, *below = style.rows(figure, heights)
    part, right = style.columns(top, (1, 1.15))
    couplings = part.subplots(1, 2, sharex=True, sharey=True)
    draw_couplings(couplings, data["paths"], COUPLINGS)
    bias = right.subplots(1, 2, sharey=True, width_ratios=(1.3, 1))
    draw_bias(bias, estimators)
    lettered = [couplings[0], bias[0]]
    if groups:
        row = below[0].subplots(1, len(groups), sharex=True, sharey=True, squeeze=False)[0]
        draw_derivatives(row, estimators, groups)
        place = {"transform": row[0].transAxes, "va": "top", "size": style.SMALL}
        row[0].text(0.05, 0.96, "markers as in b", **place)
        lettered.append(row[0])
    style.name_panels("abc"[: len(lettered)], lettered)
    return figure
