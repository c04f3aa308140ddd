"""Figure 8, supplement: direction, price and bias of all estimators; slope and shape of SGs."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure, SubFigure

from beyond.figures.panels.atlas_choice import which
from beyond.figures.panels.heat_map import Question, heat_map, key
from beyond.figures.panels.slope_and_shape import slope_and_shape
from figures import style
from figures.panels import Data, names_of

COSINES = (-1, 0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 1.0001)
COSTS = (0, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 1e4, 1e5)
BIASES = (0, 0.003, 0.01, 0.03, 0.1, 0.2, 0.4, 0.6, 1, 3)
QUESTIONS = {
    "a": Question("cosine, median network", "median_cosine", COSINES, "viridis"),
    "b": Question("cosine, worst network", "min_cosine", COSINES, "viridis", counts="negative"),
    "c": Question(
        "variance of one trial × runs / |gradient|²",
        "typical_variance",
        COSTS,
        "viridis_r",
        per_run=True,
        counts="few_carry",
    ),
    "d": Question("median |bias| / |gradient|", "median_bias", BIASES, "viridis_r"),
}
"""Maps by letter, two a row."""


def render(data: Data) -> Figure:
    """Draw the supplement.

    Args:
        data: as figure 8's; "width", "beta" and "curvature", atlases along these axes;
            "mismatch", surrogates of several slopes and shapes.
    """
    names = names_of(data["depth"], "estimators")
    maps = max(1.45, 0.104 * len(names))
    heights = (maps + 0.95, maps + 0.68, 2.45)
    figure = plt.figure(figsize=(style.FULL_WIDTH, sum(heights)))
    above, below, bottom = style.rows(figure, heights)
    parts = [part for row in (above, below) for part in style.columns(row, (4, 3))]
    for part, (letter, question) in zip(parts, QUESTIONS.items(), strict=True):
        _map(part, data, question, names, letter)
    slopes, advice = (part.subplots() for part in style.columns(bottom, (2.7, 4.3)))
    style.name_panels("ef", (slopes, advice))
    slope_and_shape(slopes, data["mismatch"])
    which(advice, data["regimes"], for_layers=True, size=6)
    return figure


def _map(part: SubFigure, data: Data, question: Question, names: list[str], letter: str) -> None:
    axes, bar = part.subplots(2, 1, height_ratios=(1, 0.04))
    style.name_panels(letter, [axes])
    image = heat_map(axes, data, question, names, heads=letter in "ab")
    axes.tick_params(labelleft=letter in "ac")
    key(bar, image, question.levels)
