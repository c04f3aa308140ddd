"""Figure 9, beyond the paper: which gradients train spiking networks."""

import textwrap
from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import Patch

from beyond.figures.looks import has_default_budget
from beyond.figures.panels import drawable, few_ticks, trained
from beyond.figures.panels.trainings import (
    REFERENCE,
    by_kind,
    draw_medians,
    draw_pairs,
    methods,
)
from figures import style
from figures.panels import Data, names_of
from figures.verdicts import HOLLOW

TASKS = {"trained_low_noise": "low noise, recurrent", "trained_high_noise": "high noise"}
"""Trainings, and the noise of their networks: low noise first, as in figure 10."""
FOLLOWED = (REFERENCE, "surrogate_through", "surrogate_through_x0.25")
"""Unbiased, matched, broad."""
BANDS: dict[str, Any] = {"label": "bands: quartiles of tasks", **style.SHADE}
"""Patch that names the bands of losses in a key."""


def render(data: Data) -> Figure:
    """Draw the figure.

    Args:
        data: trainings "trained_high_noise" and "trained_low_noise", with a leading axis of seeds;
            others are in the supplement. Small presets leave some out.
    """
    figure = plt.figure(figsize=(style.FULL_WIDTH, 4.2))
    narrow, right = style.columns(figure, (2.1, 4.9))
    _medians(narrow, data)
    _pairs(right, data)
    return figure


def teaser(data: Data) -> Figure:
    """Draw final losses over that of stochastic AD."""
    figure = plt.figure(figsize=style.TEASER)
    groups = _groups(data)
    listed = list(filter(has_default_budget, methods(*groups.values())))
    facets = figure.subplots(1, len(groups), sharex=True, sharey=True, squeeze=False)[0]
    draw_pairs(facets, groups, by_kind(listed), counts=False)
    for axes, words in zip(facets, groups, strict=True):
        axes.set_title(textwrap.fill(words, 14), size=7)
    _label_pairs(figure, facets, HOLLOW)
    words = "broad surrogates and SuperSpike train further\nthan unbiased stochastic AD"
    figure.suptitle(words, size=7.5)
    return figure


def _groups(data: Data) -> Data:
    return {words: data[name] for name, words in TASKS.items() if name in data}


def _medians(part: SubFigure, data: Data) -> None:
    """Draw losses of an unbiased, a matched and a broad gradient."""
    axes = part.subplot_mosaic("a;b")
    for one, (name, words) in zip(axes.values(), TASKS.items(), strict=True):
        if not (drawable(one, name in data) and trained(one, data[name])):
            continue
        names = names_of(data[name])
        draw_medians(one, data[name], [n for n in FOLLOWED if n in names] or names[:3])
        one.set_title(words, size=8)
        one.set_ylabel("loss / first loss")
        one.set_xlabel("updates")
    named = next((one for one in axes.values() if one.lines), axes["a"])
    below = {"loc": "upper left", "bbox_to_anchor": (-0.25, -0.3), "borderaxespad": 0}
    look = {"fontsize": 6.5, "handlelength": 3.2, **below}
    lines, _ = named.get_legend_handles_labels()
    axes["b"].legend(handles=[*lines, Patch(**BANDS)], **look)


def _pairs(part: SubFigure, data: Data) -> None:
    groups = _groups(data)
    n = max(1, len(groups))
    facets = part.subplots(1, n, sharex=True, sharey=True, squeeze=False)[0]
    style.name_panels("c", facets[:1])
    listed = methods(*groups.values())
    why = "undecided: nothing trained\nbeside stochastic AD"
    if not drawable(facets[0], len(listed) >= 2 and REFERENCE in listed, why):
        for axes in facets[1:]:
            axes.axis("off")
        return
    draw_pairs(facets, groups, by_kind(listed))
    for axes, panel in zip(facets, groups.values(), strict=True):
        trained(axes, panel)
    _label_pairs(part, facets, f"bars: 95 %; {HOLLOW}")


def _label_pairs(part: Figure | SubFigure, facets: Sequence[Axes], notes: str) -> None:
    for axes in facets:
        few_ticks(axes.xaxis, (0.05, 0.2, 1, 5))
    part.supxlabel(f"← better: final loss / that of stochastic AD ({notes})", size=8)
