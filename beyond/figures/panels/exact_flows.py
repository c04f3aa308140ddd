"""Training without sampling: directions in pairs, and an escape from the exact flow's end."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from beyond.figures.looks import LOOKS
from beyond.figures.panels import draw_rows, group_key, pairs
from figures.looks import Look
from figures.panels import Data, Panel, names_of
from figures.style import BRANCH, DASHES, INK, NEUTRAL
from figures.verdicts import HOLLOW

ABOVE: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.1}

REFERENCE = "exact"
COUNTS = (19, 47)
"""Places of counts, points at the right of the axes."""
PLACE: dict[str, Any] = {"textcoords": "offset points", "size": 6, "ha": "center", "color": INK}
BROAD = "surrogate_x0.25"
TRUE, BIASED = LOOKS["exact_enumeration"], LOOKS[BROAD]


def draw_differences(axes: Axes, panels: Data, names: list[str]) -> None:
    """Draw the share of tasks solved minus that of the exact gradient, by direction.

    Args:
        axes: Where.
        panels: By what they are like; the first above.
        names: Of directions.
    """
    rows = [(name, REFERENCE, _look(name)) for name in names]
    groups = {words: pairs(data, rows, data["difference"]) for words, data in panels.items()}
    for x, (words, data) in zip(COUNTS, panels.items(), strict=False):
        listed = names_of(data)
        for y, name in enumerate(names):
            if name in listed:
                i, j = listed.index(name), listed.index(REFERENCE)
                text = f"{data['only'][i, j]} : {data['only'][j, i]}"
                at = {"xy": (1, y), "xycoords": axes.get_yaxis_transform()}
                axes.annotate(text, xytext=(x, 0), va="center", **at, **PLACE)
        axes.annotate(words.split()[0], (1, 1), (x, 1), "axes fraction", va="bottom", **PLACE)
    middle = (sum(COUNTS[: len(panels)]) / len(panels), 10)
    n_tasks = " or ".join(dict.fromkeys(str(data["n_tasks"]) for data in panels.values()))
    head = f"of {n_tasks} tasks,\nsolved by one alone,\nthis : exact"
    axes.annotate(head, (1, 1), middle, "axes fraction", va="bottom", **PLACE)
    draw_rows(axes, groups, [_look(name).label for name in names], null=0, size=3.5)
    axes.set_xlabel(f"share solved − that of the exact gradient\n(bars: 95 %; {HOLLOW})", size=7)
    axes.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 4, 5, 10]))


def _look(name: str) -> Look:
    """Return the look of a direction; the squared loss is that of lambda 1."""
    return LOOKS[name.removesuffix("_lambda1")]


def draw_escape(axes: Axes, data: Panel) -> None:
    """Wrong patterns in the plane of an escape, and both ways from where the exact flow ended."""
    x, y, wrong = data["x"][0], data["y"][0], data["wrong"][0]
    filled = axes.contourf(x, y, wrong, levels=12, cmap="Greys", alpha=0.75)
    bar = axes.figure.colorbar(filled, ax=axes, shrink=0.8, ticks=[0, int(wrong.max())])
    bar.ax.tick_params(labelsize=6)
    bar.set_label("wrong patterns, of 8", size=6, labelpad=-2)
    way = data["way"][0]
    axes.plot(*way.T, color=BIASED.color, lw=1.6, label="along the mean broad SG")
    exact = data["exact_way"][0].T
    axes.plot(*exact, color=TRUE.color, lw=1.2, ls=DASHES[1], label="along the exact gradient")
    axes.plot(
        *way[0], "s", color=TRUE.color, mec="black", ms=4.5, mew=0.6, label="where that stops"
    )
    look = {"color": BIASED.fill, "mec": "black", "mew": 0.4, "ms": 4, "label": "solution"}
    axes.plot(*way[-1], "o", **look)
    axes.set_xlabel("weights, from stop to solution", size=7)
    axes.set_ylabel("weights, across", size=7)
    # Beyond the grid nothing was computed; the map's colours are translucent.
    grid = {"width": np.ptp(x), "height": np.ptp(y), "fc": "white", "lw": 0, "zorder": -0.5}
    axes.add_patch(Rectangle((x.min(), y.min()), **grid))
    low, high = axes.get_ylim()
    none: dict[str, Any] = {"fc": "white", "ec": BRANCH, "hatch": "////", "lw": 0}
    axes.fill_between(axes.get_xlim(), low, high, zorder=-1, label="not computed", **none)
    axes.set_ylim(low, high)
    axes.margins(x=0)
    axes.legend(fontsize=6, ncols=2, handlelength=1.6, labelspacing=0.2, columnspacing=1, **ABOVE)


def draw_work(axes: Axes, data: Panel) -> None:
    """Change of the expected loss on the escape, and the integral of what was followed."""
    x = data["update"][0]
    axes.axhline(0, color=NEUTRAL, lw=0.6)
    axes.plot(x, data["loss_change"][0], color=TRUE.color, label="expected loss: rises first")
    axes.plot(
        x, data["work"][0], color=BIASED.color, ls="--", label="what the SG promises: ∫ SG · dw"
    )
    axes.set_xlabel("updates along the broad SG", size=7)
    axes.set_ylabel("change since the stop", size=7)
    axes.set_xticks([x[0], x[-1]])
    axes.legend(fontsize=6, handlelength=1.6, labelspacing=0.2, **ABOVE)


def key_over_labels(axes: Axes, data: Data, words: dict[str, str]) -> None:
    """Name the panels that are there above the rows' labels, without taking room from the axes."""
    if groups := {words[name]: data[name] for name in words if name in data}:
        place = {"loc": "lower right", "bbox_to_anchor": (1.02, 1), "columnspacing": 0.7}
        group_key(axes, groups, hollow="", handlelength=1.5, **place).set_in_layout(False)
