"""Figure 8, supplement: direction, price and bias of all estimators, and which to choose."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure, SubFigure

from beyond.figures.panels.atlas_choice import name_tints, text_lines, which
from beyond.figures.panels.heat_map import Question, heat_map, key
from beyond.figures.panels.slope_and_shape import slope_and_shape
from figures import style
from figures.panels import Data, names_of

COSINES = (-1, 0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 1.0001)
COSTS = (0, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 1e4, 1e5)
ROW = 0.111
"""Height in inches of a line of text in the tables."""
BIASES = (0, 0.003, 0.01, 0.03, 0.1, 0.2, 0.4, 0.6, 1, 3)
COSINE = Question(
    "cosine of mean and gradient, median network",
    "median_cosine",
    COSINES,
    "viridis",
    blank="unbiased: the mean is the gradient",
)
VARIANCE = Question(
    "variance of one trial × passes / |gradient|²\nnumbers: networks with too few effective trials",
    "typical_variance",
    COSTS,
    "viridis_r",
    per_run=True,
    counts="few_carry",
)
BIAS = Question(
    "|bias of mean| / |gradient|, median network",
    "median_bias",
    BIASES,
    "viridis_r",
    blank="unbiased",
)


def render(data: Data) -> Figure:
    """Draw the supplement.

    Args:
        data: as figure 8's; "width", "beta" and "curvature", atlases along these axes;
            "mismatch", surrogates of several slopes and shapes.
    """
    names = names_of(data["depth"], "estimators")
    maps = max(1.45, 0.097 * len(names))
    rows = text_lines(data["regimes"]) * data["regimes"]["cells"].shape[1] * ROW
    heights = (maps + 0.62, maps + 0.96, rows + 0.29, rows + 0.52)
    figure = plt.figure(figsize=(style.FULL_WIDTH, sum(heights)))
    above, below, *tables = style.rows(figure, heights)
    wide, narrow = style.columns(above, (4, 3))
    _maps(wide, data, {"a": COSINE}, names)
    slopes = narrow.subplots()
    style.name_panels("b", [slopes])
    slope_and_shape(slopes, data["mismatch"])
    _maps(below, data, {"c": VARIANCE, "d": BIAS}, names)
    for part, letter, for_layers in zip(tables, "ef", (False, True), strict=True):
        axes = part.subplots()
        style.name_panels(letter, [axes])
        which(axes, data["regimes"], for_layers, size=6)
    # The upper table's key and the lower one's axis serve both.
    axes_of_e = tables[0].axes[0]
    name_tints(axes_of_e)
    axes_of_e.set_xlabel("")
    axes_of_e.tick_params(labelbottom=False)
    return figure


def _maps(part: SubFigure, data: Data, questions: dict[str, Question], names: list[str]) -> None:
    """Draw maps by letter beside each other; their rows are named once, at the left."""
    grid = part.subplots(2, len(questions), height_ratios=(1, 0.04), squeeze=False)
    style.name_panels(questions, grid[0])
    for column, question in zip(grid.T, questions.values(), strict=True):
        key(column[1], heat_map(column[0], data, question, names), question.levels)
    for axes in grid[0, 1:]:
        axes.tick_params(labelleft=False)
