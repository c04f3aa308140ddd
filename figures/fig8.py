"""Figure 8, beyond the paper: an atlas of gradient estimators.

a to d: a heat map per question, estimators against regimes. e: the surrogate's slope and shape.
f: which estimator to use, at which budget. g, at the paper preset: the same for all
combinations of depth, width, noise slope and curvature.
"""

from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure

from figures import atlas, style
from figures.atlas import ROWS, Panel
from figures.atlas_panels import COLORS, letter_beside, mismatch, which
from figures.atlas_product import product
from figures.estimator_looks import EDGE

AXES = (
    ("depth", 0, "hidden layers"),
    ("width", 1, "layer width"),
    ("beta", 2, "noise slope $\\beta$"),
    ("curvature", 3, "curvature"),
)
GAP = 0.5
CLAIMS = (
    "Unbiased estimators pay in variance or in runs; of the biased ones, two-sided smoothing "
    "(ReinMax)\nand the path sample-analytic estimator are nearly right at the price of a "
    "surrogate gradient (SG)",
    "The slope matters as much as the shape; which gradient is best depends on what it may cost",
    "The best gradient for any program, and its expected cosine, in every combination",
)


@dataclass(frozen=True)
class Question:
    """One heat map.

    Attributes:
        letter: of the panel.
        title: what is asked, and what the colour is.
        key: the array that answers.
        levels: where the colour changes.
        colormap: from matplotlib.
        per_run: whether to multiply by the runs that a trial costs.
    """

    letter: str
    title: str
    key: str
    levels: tuple[float, ...]
    colormap: str
    per_run: bool = False


SPREAD = (0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000)
QUESTIONS = (
    Question(
        "a",
        "right direction? cosine of mean and gradient",
        "cosine",
        (0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 1.0001),
        "RdYlGn",
    ),
    Question(
        "b",
        "right value? |bias| / |gradient|",
        "bias",
        (0, 1e-3, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3),
        "YlOrRd",
    ),
    Question("c", "how noisy? variance / |gradient|²", "variance", (0, *SPREAD), "PuBu"),
    Question(
        "d",
        "how dear? variance × network runs",
        "variance",
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
    maps, bottom, *more = figure.subfigures(len(heights), 1, height_ratios=heights)
    for row, claim in zip((maps, bottom, *more), CLAIMS, strict=False):
        row.suptitle(claim, x=0.01, ha="left", fontsize=8, color=EDGE)
    for axes, question in zip(np.ravel(maps.subplots(2, 2, sharey=True)), QUESTIONS, strict=True):
        _heat_map(axes, data, question)
    left, right = bottom.subfigures(1, 2, width_ratios=(2.1, 4.9))
    mismatch(left.subplots(), data["mismatch"])
    which(right.subplots(), data["regimes"])
    for row in more:
        product(row, data["product"], "g")
    return figure


def _heat_map(axes: Axes, data: dict[str, Panel], question: Question) -> None:
    """Estimators from top to bottom, regimes from left to right, one block per axis."""
    listed = atlas.names(data["depth"])
    levels = np.array(question.levels)
    colors = plt.get_cmap(question.colormap)(np.linspace(0.03, 0.97, levels.size - 1))
    norm = BoundaryNorm(levels, levels.size - 1)
    start, ticks, labels = 0.0, [], []
    for name, column, title in AXES:
        if name not in data:
            continue
        values = atlas.average(data[name], question.key)
        if question.per_run:
            values = values * atlas.cost(data[name])
        n = values.shape[1]
        image = axes.imshow(
            np.clip(values, levels[0], levels[-1] * (1 - 1e-9)),
            cmap=ListedColormap(colors),
            norm=norm,
            extent=(start, start + n, len(listed), 0),
            aspect="auto",
        )
        axes.text(start + n / 2, -0.25, title, ha="center", va="bottom", size=6)
        ticks += [start + i + 0.5 for i in range(n)]
        labels += [
            f"{value:g}".removeprefix("0") or "0" for value in atlas.cells(data[name])[:, column]
        ]
        start += n + GAP
    axes.set(xlim=(0, start - GAP), ylim=(len(listed), 0))
    axes.set_xticks(ticks, labels, size=6)
    axes.set_yticks(np.arange(len(listed)) + 0.5, [ROWS[name].label for name in listed], size=6)
    axes.tick_params(length=0, pad=1.5)
    for label, name in zip(axes.get_yticklabels(), listed, strict=False):
        label.set_color(COLORS[ROWS[name].family])
    for y in _borders(listed):
        axes.axhline(y, color="white", lw=1.5)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_title(question.title, fontsize=7.5, pad=14)
    letter_beside(axes, question.letter, -0.02)
    bar = axes.figure.colorbar(
        image, ax=axes, location="bottom", aspect=40, pad=0.01, fraction=0.04
    )
    bar.set_ticks(levels[1:-1], labels=[_tick(level) for level in levels[1:-1]])
    bar.ax.tick_params(labelsize=5.5, length=0, pad=1)
    bar.outline.set_visible(False)


def _borders(listed: list[str]) -> list[int]:
    """Rows at which another family begins."""
    families = [ROWS[name].family for name in listed]
    return [i for i in range(1, len(families)) if families[i] != families[i - 1]]


def _tick(level: float) -> str:
    return f"$10^{{{round(np.log10(level))}}}$" if level >= 1e4 else f"{level:g}".removeprefix("0")
