"""Trainings by several estimators: loss curves, final losses in pairs, and the methods' names."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from beyond.figures.looks import LOOKS
from beyond.figures.panels import few_ticks
from figures.looks import slope_of
from figures.panels import Data, Panel, names_of
from figures.panels.forest import Estimate, forest, head
from figures.style import INK, SMALL

REFERENCE = "stochastic_ad_systematic"
"""Final losses are drawn relative to its."""

METHOD_KINDS = ("broad, or SuperSpike", "matched surrogates", "unbiased")
"""Kinds of methods, in the order of the key."""
BAND = {"alpha": 0.12, "lw": 0}
TICKS = (0.02, 0.1, 0.5, 1.0)


def draw_medians(axes: Axes, data: Panel, names: list[str]) -> None:
    """Draw the loss over that before training against updates, median and quartiles over tasks."""
    x = data["update"][0]
    for k, name in enumerate(names):
        i, look = names_of(data).index(name), LOOKS[name]
        line: dict[str, Any] = look.line(3.5)
        # Some points have markers, at other places for each method.
        spread: dict[str, Any] = {"markevery": (2 * k, 7)}
        low, middle, high = data["curve_quartiles"][i]
        axes.fill_between(x, low, high, color=look.color, **BAND)
        axes.plot(x, middle, lw=1.4, label=look.label, **line, **spread)
    axes.set_yscale("log")
    few_ticks(axes.yaxis, TICKS)
    axes.set_xticks([x[0], x[-1]])


def draw_pairs(
    facets: Sequence[Axes], groups: Data, kinds: Mapping[str, list[str]], counts: bool = True
) -> None:
    """Draw final losses over the reference's, in pairs: geometric mean and 95 % interval.

    Rows of a kind follow its name; the reference's own lies at 1.

    Args:
        facets: An axes for each group.
        groups: Trainings by what their networks are like.
        kinds: The methods by kind.
        counts: Whether to write the number of stalled trainings at the right of each facet.
    """
    rows, heads, y = {}, {}, 0.0
    for kind, names in kinds.items():
        heads[kind] = y
        rows |= {name: y + 1 + i for i, name in enumerate(names)}
        y += len(names) + 1.3
    for axes, (words, data) in zip(facets, groups.items(), strict=True):
        names = names_of(data)
        pairs, frozen = data["paired"], data["frozen"][~data["silent"]]
        j = names.index(REFERENCE) if REFERENCE in names else None
        estimates = {}
        for name in filter(names.__contains__, rows):
            i = names.index(name)
            if j is not None:
                decided = i == j or bool(data["decided"][i])
                pair = np.ones(3) if i == j else pairs[i, j]
                estimates[rows[name]] = Estimate(pair, LOOKS[name], decided)
            if counts:
                text = f"{frozen[:, i].sum()} of {len(frozen)}"
                place: dict[str, Any] = {"size": SMALL, "va": "center", "color": INK}
                axes.text(1.04, rows[name], text, transform=axes.get_yaxis_transform(), **place)
        forest(axes, {"": estimates}, null=1, size=5.5)
        axes.set(xscale="log", ylim=(y - 0.8, -0.6))
        axes.set_title(words, size=8)
        if counts:
            axes.text(1.04, -0.4, "stalled", transform=axes.get_yaxis_transform(), size=SMALL)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
    facets[0].set_yticks([*rows.values()], [LOOKS[name].label for name in rows], size=7)
    for kind, y in heads.items():
        head(facets[0], y, kind, size=7)


def methods(*groups: Panel) -> list[str]:
    """Return the names in any group, in order of first appearance."""
    return list(dict.fromkeys(name for group in groups for name in names_of(group)))


def by_kind(names: list[str]) -> dict[str, list[str]]:
    """Return methods by what they are, broad surrogates and SuperSpike first."""
    kinds: dict[str, list[str]] = {kind: [] for kind in METHOD_KINDS}
    for name in names:
        broad = slope_of(name) < 1 or name == "super_spike"
        unbiased = LOOKS[name].family == "unbiased"
        kinds[METHOD_KINDS[2 if unbiased else 0 if broad else 1]].append(name)
    return {kind: kinds[kind] for kind in METHOD_KINDS if kinds[kind]}
