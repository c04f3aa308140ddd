"""A number for every estimator in every regime."""

from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap

from figures.looks import FAMILIES, LOOKS
from figures.style import letter_beside

AXES = (
    ("depth", 0, "hidden layers"),
    ("width", 1, "layer width"),
    ("beta", 2, "noise slope $\\beta$"),
    ("curvature", 3, "curvature"),
)
GAP = 0.5

Panel = dict[str, np.ndarray]


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


def heat_map(axes: Axes, data: dict[str, Panel], question: Question) -> None:
    """Estimators from top to bottom, regimes from left to right, one block per axis."""
    listed = list(map(str, data["depth"]["estimators"][0]))
    levels = np.array(question.levels)
    colors = plt.get_cmap(question.colormap)(np.linspace(0.03, 0.97, levels.size - 1))
    norm = BoundaryNorm(levels, levels.size - 1)
    start, ticks, labels = 0.0, [], []
    for name, column, title in AXES:
        if name not in data:
            continue
        values = data[name][question.key]
        if question.per_run:
            values = values * data[name]["runs"]
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
            f"{value:g}".removeprefix("0") or "0" for value in data[name]["cells"][0][:, column]
        ]
        start += n + GAP
    axes.set(xlim=(0, start - GAP), ylim=(len(listed), 0))
    axes.set_xticks(ticks, labels, size=6)
    axes.set_yticks(np.arange(len(listed)) + 0.5, [LOOKS[name].label for name in listed], size=6)
    axes.tick_params(length=0, pad=1.5)
    for label, name in zip(axes.get_yticklabels(), listed, strict=False):
        label.set_color(FAMILIES[LOOKS[name].family].ink)
    for y in _borders(listed):
        axes.axhline(y, color="white", lw=1.5)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_title(question.title, fontsize=7.5, pad=14)
    letter_beside(axes, question.letter, -0.02)
    bar = axes.figure.colorbar(
        image, ax=axes, location="bottom", aspect=40, pad=0.01, fraction=0.04
    )
    inner = question.levels[1:-1]
    bar.set_ticks(inner, labels=[_tick(level) for level in inner])
    bar.ax.tick_params(labelsize=5.5, length=0, pad=1)
    bar.outline.set_visible(False)


def _borders(listed: list[str]) -> list[int]:
    """Rows at which another family begins."""
    families = [LOOKS[name].family for name in listed]
    return [i for i in range(1, len(families)) if families[i] != families[i - 1]]


def _tick(level: float) -> str:
    return f"$10^{{{round(np.log10(level))}}}$" if level >= 1e4 else f"{level:g}".removeprefix("0")
