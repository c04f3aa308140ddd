"""Trainings by several estimators: loss curves, final losses in pairs, and the methods' names."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullFormatter

from beyond.figures.looks import LOOKS, has_default_budget
from beyond.figures.panels import drawable, few_ticks, trained
from beyond.figures.panels.alignment import SINGLE, draw_followed
from figures import style
from figures.looks import slope_of
from figures.panels import Data, Panel, names_of
from figures.panels.forest import Estimate, forest, head
from figures.style import BRANCH, INK, SMALL

REFERENCE = "stochastic_ad_systematic"
"""Final losses are drawn relative to its."""

METHOD_KINDS = ("broad surrogates", "matched surrogates", "unbiased")
"""Kinds of methods, in the order of the key."""
STALLED: dict[str, str] = dict(zip(METHOD_KINDS, "+xx", strict=True))
"""Crosses of stalled trainings; both kinds of surrogates have one colour."""
BAND = {"alpha": 0.12, "lw": 0}
OF_TASKS = (
    "thin: tasks; thick: median loss, or mean cosine with 95 % bars; "
    "grey: median of stochastic AD; crosses: stalled"
)
"""Words for the lines of single tasks."""
LEFT = (1e-4, 1e-5)
"""Where the axes of what is left at the end of a training begin."""
TICKS, FEW_TICKS = (0.02, 0.1, 0.5, 1.0), (0.02, 1.0)
FOR_WORDS = 0.1
"""Loss below which words have room."""


def draw_tasks(axes: Axes, data: Panel, name: str) -> None:
    """Draw a method's loss relative to the first loss: tasks that spike, and their median.

    Crosses at the end are stalled trainings. The median of the reference lies below, in grey.
    """
    names, x, on = names_of(data), data["update"][0], ~data["silent"]
    i = names.index(name)
    curves = (data["loss"] / data["loss"][:, :, :1])[on, i]
    frozen, color = data["frozen"][on, i], LOOKS[name].color
    if REFERENCE in names:
        axes.plot(x, data["curve_quartiles"][names.index(REFERENCE), 1], color=BRANCH, lw=2.2)
    axes.plot(x, curves.T, color=color, zorder=2, **SINGLE)
    axes.plot(x, data["curve_quartiles"][i, 1], color=color, lw=1.5, zorder=3)
    if frozen.any():
        ends = {"ls": "", "marker": "x", "ms": 3, "mew": 0.8, "clip_on": False}
        axes.plot(np.full(frozen.sum(), x[-1]), curves[frozen, -1], color=INK, zorder=4, **ends)
        # The axis reaches down to where there is room for the words.
        axes.update_datalim([(x[0], FOR_WORDS)])
        text = f"{frozen.sum()} of {len(frozen)} stalled"
        place: dict[str, Any] = {"transform": axes.transAxes, "va": "bottom", "size": 6}
        axes.text(0.05, 0.04, text, color=INK, **place)
    _of_loss(axes, FEW_TICKS)
    axes.set_xticks([x[0], x[-1]])


def draw_each_task(part: SubFigure, data: Data, panels: Mapping[str, tuple[str, str]]) -> None:
    """Draw a row for each panel, and a column for each method: single tasks and their mean.

    Args:
        part: where.
        data: all panels; trainings, whose losses are drawn, and alignments, whose cosines are.
        panels: by letter, the name of a panel and the noise of its networks.
    """
    listed = methods(*(data[name] for name, _ in panels.values() if name in data))
    listed = [name for name in listed if has_default_budget(name)]
    grid = part.subplots(len(panels), max(1, len(listed)), sharex=True, sharey="row", squeeze=False)
    style.name_panels(panels, grid[:, 0])
    for row, (panel, words) in zip(grid, panels.values(), strict=True):
        drawn = [name for name in listed if panel in data and name in names_of(data[panel])]
        draw = draw_followed if panel.startswith("alignment") else draw_tasks
        for axes, name in zip(row, listed, strict=False):
            if name in drawn and not np.all(data[panel]["silent"]):
                draw(axes, data[panel], name)
            else:
                axes.axis("off")
        if drawable(row[0], bool(drawn)) and trained(row[0], data[panel]):
            label = "cosine" if draw is draw_followed else "loss / first"
            row[0].set_ylabel(f"{words.split(',')[0]}\n{label}", size=6)
    for axes, name in zip(grid[0], listed, strict=False):
        axes.set_title(
            textwrap.fill(LOOKS[name].label.replace("× ", "×\N{NO-BREAK SPACE}"), 15),
            size=6,
            color=INK,
        )
    for column in grid.T:
        # The lowest panel that is there has the axis.
        for axes in [axes for axes in column if axes.axison][-1:]:
            axes.tick_params(labelbottom=True)
    part.supxlabel(f"updates\n{OF_TASKS}", size=6.5)


def draw_curves(axes: Axes, data: Panel, names: list[str]) -> None:
    """Draw the loss over that before training, median and quartiles, against forward passes."""
    # On a logarithmic axis the point before training has no place.
    _quartiles(axes, data, names, data["evaluations"][0], lw=1.1, first=1)
    axes.set(xlabel="forward passes", xscale="log")
    axes.xaxis.set_minor_formatter(NullFormatter())


def draw_medians(axes: Axes, data: Panel, names: list[str]) -> None:
    """Draw the loss over that before training against updates, median and quartiles over tasks."""
    x = data["update"][0]
    _quartiles(axes, data, names, [x] * len(names_of(data)), lw=1.4, marked=True)
    axes.set_xticks([x[0], x[-1]])


def _quartiles(
    axes: Axes,
    data: Panel,
    names: list[str],
    x: Any,
    *,
    lw: float,
    first: int = 0,
    marked: bool = False,
) -> None:
    for k, name in enumerate(names):
        i, look = names_of(data).index(name), LOOKS[name]
        # Some points have markers, at other places for each method.
        line: dict[str, Any] = look.line(3.5) if marked else look.line()
        spread: dict[str, Any] = {"markevery": (2 * k, 7)} if marked else {}
        low, middle, high = data["curve_quartiles"][i][:, first:]
        axes.fill_between(x[i][first:], low, high, color=look.color, **BAND)
        axes.plot(x[i][first:], middle, lw=lw, label=look.label, **line, **spread)
    _of_loss(axes)


def _of_loss(axes: Axes, ticks: Sequence[float] = TICKS) -> None:
    axes.set_yscale("log")
    few_ticks(axes.yaxis, ticks)


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


def draw_limits(axes: Axes, data: Panel, name: str) -> None:
    """Draw the pairs of one method by how often a task must spike to be compared."""
    names, n = names_of(data), data["n_by_limit"]
    pairs = data["paired_by_limit"][:, names.index(name), names.index(REFERENCE)]
    places = np.arange(len(n))
    rows = {x: Estimate(pair, LOOKS[name]) for x, pair in zip(places, pairs, strict=True)}
    forest(axes, {"": rows}, null=1, upright=True)
    axes.set_yscale("log")
    few_ticks(axes.yaxis, (0.2, 0.5, 0.7, 1, 1.5, 2, 5))
    limits = [f"{limit:g}" for limit in data["limits"]]
    axes.set_xticks(places, limits, size=6)
    above: dict[str, Any] = {"transform": axes.get_xaxis_transform(), "ha": "center", "size": 6}
    for place, tasks in zip(places, n, strict=True):
        axes.text(float(place), 1.02, f"{tasks}", color=INK, **above)
    axes.set_xlabel("least output spikes a trial\nof the compared tasks", size=7)


def draw_left(axes: Axes, data: Panel) -> None:
    """Draw what each training leaves at its end: output spikes by chance, true gradient.

    Crosses are stalled trainings. Values below an axis lie on its end, and so do gradients lost in
    their noise.
    """
    on = ~data["silent"]
    x = data["undecided"][on, :, -1, -1]
    before, end = np.moveaxis(data["squared_norm"][on, :, :, 0], -1, 0)
    y = np.sqrt(np.maximum(end, 0) / before)
    frozen = data["frozen"][on]
    names = names_of(data)
    crosses: dict[str, Any] = {"ls": "", "mew": 0.9, "ms": 4}
    handles: list[Line2D] = []
    for kind, members in by_kind(names).items():
        look = LOOKS[REFERENCE if REFERENCE in members else members[0]]
        columns = [names.index(name) for name in members]
        cross: dict[str, Any] = crosses | {"mec": look.color, "marker": STALLED[kind]}
        handles.append(Line2D([], [], ls="", label=kind, **look.markers(4)))
        if frozen[:, columns].any():
            words = f"{kind.removesuffix(' surrogates')}, stalled"
            handles.append(Line2D([], [], label=words, **cross))
        for i in columns:
            for chosen, mark in (~frozen[:, i], look.markers(4)), (frozen[:, i], cross):
                at = np.maximum(x[chosen, i], LEFT[0]), np.maximum(y[chosen, i], LEFT[1])
                if chosen.any():
                    style: dict[str, Any] = {"ls": "", "clip_on": False} | mark
                    axes.plot(*at, **style)
    beside = {"loc": "center left", "bbox_to_anchor": (1, 0.5), "borderaxespad": 0.3}
    axes.legend(handles=handles, fontsize=6, handletextpad=0.2, handlelength=1.2, **beside)
    axes.set(xscale="log", yscale="log")
    axes.set_xlabel("output spikes left to chance,\nsum of p − p²", size=7)
    axes.set_xlim(LEFT[0], None)
    axes.set_ylim(LEFT[1], None)
    axes.minorticks_off()


def methods(*groups: Panel) -> list[str]:
    """Return the names in any group, in order of first appearance."""
    return list(dict.fromkeys(name for group in groups for name in names_of(group)))


def by_kind(names: list[str]) -> dict[str, list[str]]:
    """Return methods by what they are, surrogates broader than the noise first."""
    kinds: dict[str, list[str]] = {kind: [] for kind in METHOD_KINDS}
    for name in names:
        broad = slope_of(name) < 1 or name == "super_spike"
        unbiased = LOOKS[name].family == "unbiased"
        kinds[METHOD_KINDS[2 if unbiased else 0 if broad else 1]].append(name)
    return {kind: kinds[kind] for kind in METHOD_KINDS if kinds[kind]}
