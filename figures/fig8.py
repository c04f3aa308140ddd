"""Figure 8, beyond the paper: an atlas of gradient estimators.

a to d: a heat map per question, estimators against regimes; medians over networks, variances
geometric means. e: the surrogate's slope and shape; medians with 95 % intervals. f: which estimator
to use, at which budget: the largest median over networks of the mean cosine. g, at the paper
preset: the same for all combinations of depth, width, noise slope and curvature.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from figures import style
from figures.panels.atlas_choice import which
from figures.panels.atlas_product import product
from figures.panels.heat_map import Panel, Question, heat_map
from figures.panels.slope_and_shape import slope_and_shape
from figures.style import INK

CLAIMS = (
    "Unbiased estimators pay in variance or in runs; of the biased ones, two-sided smoothing "
    "(ReinMax)\nand the path sample-analytic estimator are nearly right at the price of a "
    "surrogate gradient (SG)",
    "The slope matters as much as the shape; which gradient is best depends on what it may cost",
    "The best gradient for any program, and its median mean cosine, in every combination",
)

SPREAD = (0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000)
QUESTIONS = (
    Question(
        "a",
        "right direction? median cosine of mean and gradient",
        "median_cosine",
        (0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 1.0001),
        "RdYlGn",
    ),
    Question(
        "b",
        "right value? median |bias| / |gradient|",
        "median_bias",
        (0, 1e-3, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3),
        "YlOrRd",
    ),
    Question("c", "how noisy? variance / |gradient|²", "typical_variance", (0, *SPREAD), "PuBu"),
    Question(
        "d",
        "how dear? variance × network runs",
        "typical_variance",
        (0, *SPREAD, 1e4, 1e5),
        "PuBu",
        per_run=True,
    ),
)


def render(data: dict[str, Panel]) -> Figure:
    """Draws the figure.

    Args:
        data: panels "depth", "width", "beta" and "curvature", "mismatch" and "regimes", all of
            them atlases with a leading axis of seeds; "product" where it was computed.
    """
    heights = (6.9, 2.7, 2.8) if "product" in data else (6.9, 2.7)
    figure = plt.figure(figsize=(style.FULL_WIDTH, sum(heights)))
    figure.suptitle(
        "Beyond the paper: an atlas of gradient estimators against exact gradients", fontsize=9
    )
    maps, bottom, *more = style.rows(figure, heights)
    for row, claim in zip((maps, bottom, *more), CLAIMS, strict=False):
        row.suptitle(claim, x=0.01, ha="left", fontsize=8, color=INK)
    for axes, question in zip(np.ravel(maps.subplots(2, 2, sharey=True)), QUESTIONS, strict=True):
        heat_map(axes, data, question)
    left, right = style.columns(bottom, (2.1, 4.9))
    slope_and_shape(left.subplots(), data["mismatch"])
    which(right.subplots(), data["regimes"])
    for row in more:
        product(row, data["product"], "g")
    return figure
