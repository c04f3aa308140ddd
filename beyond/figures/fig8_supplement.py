"""Figure 8, supplement: variance, price and bias of all estimators; slope and shape of SGs."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure, SubFigure

from beyond.figures.panels.atlas_product import product
from beyond.figures.panels.heat_map import Question, heat_map, key
from beyond.figures.panels.slope_and_shape import slope_and_shape
from figures import style
from figures.panels import Data

SPREAD = (0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000)
QUESTIONS = (
    Question("variance of one trial / |gradient|²", "typical_variance", (0, *SPREAD), "viridis_r"),
    Question(
        "variance × runs of the network",
        "typical_variance",
        (0, *SPREAD, 1e4, 1e5),
        "viridis_r",
        per_run=True,
    ),
    Question(
        "median |bias| / |gradient|",
        "median_bias",
        (0, 0.003, 0.01, 0.03, 0.1, 0.2, 0.4, 0.6, 1, 3),
        "viridis_r",
    ),
)


def render(data: Data) -> Figure:
    """Draw the supplement.

    Args:
        data: as figure 8's; "mismatch", surrogates of several slopes and shapes; "product", the
            atlas of all combinations, where it was computed.
    """
    shown = list(map(str, data["depth"]["estimators"][0]))
    rows = max(3.9, 1.4 + 0.11 * len(shown))
    heights = (rows, rows, *([9.0] if "product" in data else []))
    figure = plt.figure(figsize=(style.FULL_WIDTH, sum(heights)))
    above, below, *more = style.rows(figure, heights)
    parts = [*style.columns(above, (4, 3)), *style.columns(below, (4, 3))]
    cosines = data["depth"]["median_cosine"]
    biased = [name for name, row in zip(shown, cosines, strict=True) if not np.isnan(row).all()]
    variance, price, bias = QUESTIONS
    _map(parts[0], data, variance, shown, "a", counts="few_carry")
    _map(parts[1], data, price, shown, "b", named=False, counts="few_carry")
    _map(parts[2], data, bias, biased, "c")
    slope_and_shape(parts[3].subplot_mosaic("d")["d"], data["mismatch"])
    for row in more:
        product(row, data["product"], "e")
    return figure


def _map(
    part: SubFigure,
    data: Data,
    question: Question,
    shown: list[str],
    letter: str,
    named: bool = True,
    counts: str = "",
) -> None:
    axes, bar = part.subplots(2, 1, height_ratios=(1, 0.04))
    style.name_panels(letter, [axes])
    image = heat_map(axes, data, question, shown, counts)
    axes.tick_params(labelleft=named)
    key(bar, image, question.levels)
