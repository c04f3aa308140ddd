"""Training without sampling: tasks solved, directions in pairs, ends of the exact flow."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from figures.looks import DASHED, DOTTED, LOOKS, Look
from figures.panels import Data, Panel
from figures.style import INK, NEUTRAL, STOCHASTIC, UNKNOWN, label_rows

ABOVE: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.1}

REFERENCE = "exact"
TRUE, BIASED = INK, STOCHASTIC
MADE = {
    "exact_x0.25": Look("exact gradient in 4× broader noise", "exact"),
    "linear_loss_surrogate_x0.25": Look(
        "g of the linear loss", "surrogate", dashes=DOTTED, short="g, linear loss"
    ),
    "surrogate_x0.25": Look("g, mean of the SG", "surrogate", short="g"),
    "surrogate_of_exact_length": Look("g, of h's length", "surrogate"),
    "surrogate_readout": Look("g at the output, h elsewhere", "surrogate"),
    "surrogate_hidden": Look("h at the output, g elsewhere", "surrogate"),
    "plus_orthogonal": Look("h + orthogonal part of g", "smoothed", short="h + orthogonal"),
    "minus_orthogonal": Look(
        "h − orthogonal part of g", "smoothed", dashes=DASHED, short="h − orthogonal"
    ),
    "plus_between": Look("h + orthogonal part of $g_c$", "smoothed"),
    "plus_linear": Look("h + orthogonal part of $g_0$", "smoothed", dashes=DOTTED),
    "surrogate_x0.25_lambda1": Look("g, mean of the SG", "surrogate"),
    "plus_other_task": Look("h + orthogonal part for another task", "smoothed"),
    "plus_random_new": Look(
        "h + random, new each time", "exact", dashes=DOTTED, short="h + random"
    ),
    "plus_random_fixed": Look("h + random, fixed", "exact"),
    "along": Look("part of g along h", "other"),
    "orthogonal": Look("part of g orthogonal to h", "smoothed"),
    "exact_of_surrogate_length": Look("h, of g's length", "exact"),
    "exact_noisy": Look("h + noise of the bias's length", "exact"),
}
"""Directions by name; g is of a surrogate of a quarter of the noise's slope. Of others, `LOOKS`."""


def look(name: str) -> Look:
    """Return the look of a direction."""
    return MADE.get(name) or LOOKS[name]


def methods(data: Panel) -> list[str]:
    """Names of the directions that were followed."""
    return [str(name) for name in data["methods"][0]]


def draw_differences(
    axes: Axes, panels: Data, names: list[str], counts: tuple[float, float] = (1.1, 1.3)
) -> None:
    """Share of tasks solved minus that of the exact gradient, one direction a row.

    Args:
        axes: Where.
        panels: By what they are like; the first above, filled.
        names: Of directions.
        counts: Where counts of both stand, as shares of the width.
    """
    axes.axvline(0, color=NEUTRAL, lw=0.8)
    shifts = (0.0,) if len(panels) == 1 else (-0.18, 0.18)
    for shift, filled, (label, data) in zip(shifts, (True, False), panels.items(), strict=False):
        listed = methods(data)
        dot = {"marker": "o", "ms": 3.5, "mew": 0.9, "zorder": 3}
        axes.plot(
            [], [], ls="", color=NEUTRAL, mfc=NEUTRAL if filled else "white", label=label, **dot
        )
        for y, name in enumerate(names):
            if name not in listed:
                continue
            i, j = listed.index(name), listed.index(REFERENCE)
            mean, low, high = data["difference"][i, j]
            color = look(name).color
            axes.plot([low, high], [y + shift] * 2, color=color, lw=1.2)
            axes.plot(mean, y + shift, color=color, mfc=color if filled else "white", **dot)
            said = f"{data['only'][i, j]} : {data['only'][j, i]}"
            axes.text(
                counts[0 if filled else 1],
                y,
                said,
                transform=axes.get_yaxis_transform(),
                size=6,
                va="center",
                ha="center",
                color=INK,
            )
    for x, words in zip(counts, panels, strict=False):
        place = {"transform": axes.transAxes, "ha": "center", "va": "bottom"}
        axes.text(x, 1.0, words.split()[0], size=6, color=INK, **place)
    axes.set(ylim=(len(names) - 0.4, -0.6))
    label_rows(axes, [look(name).label for name in names])
    axes.set_xlabel("share solved − that of the exact gradient", size=7)


def draw_cells(axes: Axes, cells: Data) -> None:
    """Draw, by cell, the share of tasks that g and h + orthogonal part solve more than h."""
    axes.axvline(0, color=NEUTRAL, lw=0.8)
    for name, shift in (("surrogate_x0.25", -0.17), ("plus_orthogonal", 0.17)):
        style = {"color": look(name).color, "lw": 1.2}
        axes.plot([], [], marker="o", ms=3.5, label=look(name).narrow, **style)
        for y, data in enumerate(cells.values()):
            listed = methods(data)
            if {name, REFERENCE} <= set(listed):
                mean, low, high = data["difference"][listed.index(name), listed.index(REFERENCE)]
                axes.plot([low, high], [y + shift] * 2, **style)
                axes.plot(mean, y + shift, "o", ms=3.5, color=style["color"])
    axes.set(ylim=(len(cells) - 0.4, -0.6), xlabel="share solved − that of h")
    label_rows(axes, list(cells))
    axes.legend(fontsize=6, ncols=2, handlelength=1.2, **ABOVE)


PREDICTORS = {"cosine_before": "before training", "cosine_along": "along the own training"}


def draw_alignment(axes: Axes, data: Panel, predictor: str) -> None:
    """Draw right answers over the cosine with the exact gradient: a direction a dot, means."""
    place = [str(name) for name in data["predictors"]].index(predictor)
    for name, x, right in zip(methods(data), data["aligned"][place], data["right"], strict=True):
        if name != REFERENCE:
            color, marker = (BIASED, "o") if "surrogate" in name else (INK, "s")
            axes.plot(x, right, marker, ms=3.5, mew=0.4, mec="white", color=color)
    mean, low, high = data["rank_correlation"][place]
    said = f"ρ = {mean:.2f} [{low:.2f}, {high:.2f}]".replace("-", "−")
    if np.isfinite(mean):
        axes.set_title(said, size=6)
    axes.set(xlabel=f"cosine with h,\n{PREDICTORS[predictor]}", xlim=(-0.1, 1.05))
    axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])


def draw_escape(axes: Axes, data: Panel) -> None:
    """Wrong patterns in the plane of an escape, and both ways from where the exact flow ended."""
    x, y, wrong = data["x"][0], data["y"][0], data["wrong"][0]
    filled = axes.contourf(x, y, wrong, levels=12, cmap="Greys", alpha=0.75)
    bar = axes.figure.colorbar(filled, ax=axes, shrink=0.8, ticks=[0, int(wrong.max())])
    bar.ax.tick_params(labelsize=6)
    bar.set_label("wrong patterns", size=6, labelpad=-2)
    way = data["way"][0]
    axes.plot(*way.T, color=BIASED, lw=1.6, label="E[SG]")
    axes.plot(*data["exact_way"][0].T, color=TRUE, lw=1.2)
    axes.plot(*way[0], "o", color=TRUE, mfc="white", ms=5, mew=1.2, label="exact flow's end")
    axes.plot(*way[-1], "o", color=BIASED, ms=4)
    axes.set(xlabel="along the way", ylabel="across", xticks=[], yticks=[], facecolor=UNKNOWN)
    axes.legend(fontsize=6, handlelength=1.2, labelspacing=0.2, **ABOVE)


def draw_work(axes: Axes, data: Panel) -> None:
    """Change of the expected loss on the escape, and the integral of what was followed."""
    x = data["update"][0]
    axes.axhline(0, color=NEUTRAL, lw=0.6)
    axes.plot(x, data["loss_change"][0], color=TRUE, label="expected loss")
    axes.plot(x, data["work"][0], color=BIASED, ls="--", label="∫ E[SG] · dw")
    axes.set(xlabel="updates", ylabel="change since\nthe flow's end")
    axes.set_xticks([x[0], x[-1]])
    axes.legend(fontsize=6, handlelength=1.6, labelspacing=0.2, **ABOVE)
