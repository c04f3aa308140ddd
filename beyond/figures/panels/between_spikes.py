"""Losses that agree on spikes: courses between spikes, tasks solved, final losses over time."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure
from matplotlib.patches import Rectangle

from beyond.figures.panels import few_ticks, group_key, label_rows
from figures.looks import LOOKS
from figures.numerals import MINUS
from figures.panels import Data, Panel, names_of
from figures.panels.forest import Estimate, forest
from figures.style import DASHES, INK, greys, on
from figures.verdicts import HOLLOW, decided

BROAD = LOOKS["surrogate_x0.25"]
BROAD_OVER_TIME = LOOKS["surrogate_through_x0.25"]
COURSES = (-0.5, 0.0, 0.5, 1.0, 1.5)
"""Values of lambda whose losses are drawn."""
DARKEST = 1.25
"""Share that would be black: numbers stay legible below."""
ROOM = 0.1
"""Ends of the colour bar that are closer to the exact gradient's share are not named."""
FRAME = LOOKS["surrogate"].color
MARKS = ((1.0, 0.0), (0.25, 1.0))
"""Theory, matched and linear, and practice, broad and squared: slope over the noise's, lambda."""
BROAD_LINEAR = (0.25, 0.0)
"""Practice with another loss between spikes, framed by dashes."""
FRAMES = (
    "frames: theory (matched, linear), practice (broad, squared)\n"
    "dashed: broad, linear; upper right of the line: above exact"
)
ROWS = {
    "lambda_picture": {
        "lambda0": "figure 6's task, λ = 0",
        "lambda0.5": "figure 6's task, λ = 1/2",
    },
}
"""Arms that are compared with λ = 1 by their final loss."""


def number(value: float) -> str:
    """Return a number with a true minus, and a fraction in place of a few decimals."""
    words = {0.25: "1/4", 0.5: "1/2", 0.75: "3/4", 0.125: "1/8", 0.0625: "1/16"}
    words |= {1.5: "3/2"}
    size = words.get(abs(value), f"{abs(value):g}")
    return f"{MINUS}{size}" if value < 0 else size


def draw_courses(axes: Axes) -> None:
    """Draw the squared loss of a spike with target 1, with several courses."""
    s = np.linspace(0, 1, 101)
    for lam, color in zip(COURSES, greys(len(COURSES)), strict=True):
        loss = (s - 1) ** 2 / 2 + (lam - 1) / 2 * (s**2 - s)
        squared = lam == 1
        words = f"λ = {number(lam)}" + ": squared" * squared
        axes.plot(s, loss, color=color, lw=2.2 if squared else 1.0, label=words)
    axes.plot([0, 1], [0.5, 0], "o", color=INK, ms=5, clip_on=False, zorder=3)
    axes.legend(fontsize=6, loc="upper right", handlelength=1, borderaxespad=0)
    axes.set(xlabel="output s, target 1", ylabel="loss", xticks=[0, 1], yticks=[0, 0.5])
    axes.set(xlim=(0, 1), ylim=(-0.06, 0.75))
    axes.set_title("equal on spikes (dots),\nnot between them", size=6.5)


def draw_map(axes: Axes, data: Panel) -> None:
    """Draw the share of tasks solved over lambda and the surrogate's slope, in per cent.

    A line separates cells that solve more than the exact gradient from those that do not.
    """
    lams, ratios = data["lams"][0], data["ratios"][0]
    share = data["share"][1 : 1 + lams.size * ratios.size, 0].reshape(ratios.size, lams.size)
    exact = data["share"][0, 0]
    drawn = axes.pcolormesh(share, cmap="Greys", vmin=0, vmax=DARKEST, edgecolor="white", lw=0.5)
    middle: dict[str, Any] = {"ha": "center", "va": "center_baseline"}
    for (i, j), value in np.ndenumerate(share):
        color = on(drawn.cmap(drawn.norm(value)))
        axes.text(j + 0.5, i + 0.5, f"{100 * value:.0f}", size=7, color=color, **middle)
    _border(axes, share > exact)
    for ratio, lam in (*MARKS, BROAD_LINEAR):
        if ratio in ratios and lam in lams:
            i, j = list(ratios).index(ratio), list(lams).index(lam)
            dashes = "--" if (ratio, lam) == BROAD_LINEAR else "-"
            look: dict[str, Any] = {"fill": False, "ec": FRAME, "lw": 2, "ls": dashes, "zorder": 4}
            axes.add_patch(Rectangle((j, i), 1, 1, **look))
    axes.set_xticks(np.arange(lams.size) + 0.5, [number(lam) for lam in lams])
    axes.set_yticks(np.arange(ratios.size) + 0.5, [number(ratio) for ratio in ratios])
    axes.tick_params(length=0)
    axes.set_xlabel("λ of the loss between spikes (0: linear, 1: squared)", size=7)
    axes.set_ylabel("surrogate's slope / noise's", size=7)
    axes.spines[:].set_visible(False)
    marks = {exact: f"exact\ngradient:\n{100 * exact:.0f}"}
    ends = {at: words for at, words in {0: "0 %", 1: "100"}.items() if abs(at - exact) > ROOM}
    key = axes.figure.colorbar(drawn, ax=axes, shrink=0.9, pad=0.02)
    key.set_ticks([*ends, *marks], labels=[*ends.values(), *marks.values()])
    key.ax.set_ylim(0, 1)
    key.ax.tick_params(labelsize=6, length=2)
    key.ax.axhline(exact, color=INK, lw=1.8)


def _border(axes: Axes, above: np.ndarray) -> None:
    """Draw the edges between cells of two kinds."""
    casings = ({"color": "white", "lw": 3.5}, {"color": INK, "lw": 1.8})
    for casing in casings:
        edge: dict[str, Any] = {"solid_capstyle": "round", "zorder": 3, **casing}
        for i, j in np.argwhere(above[:, 1:] != above[:, :-1]):
            axes.plot([j + 1, j + 1], [i, i + 1], **edge)
        for i, j in np.argwhere(above[1:] != above[:-1]):
            axes.plot([j, j + 1], [i + 1, i + 1], **edge)


def draw_over_time(axes: Axes, panels: Data) -> None:
    """Draw final losses of broad surrogates, relative to unbiased AD, against lambda."""
    axes.axhline(1, color=LOOKS["stochastic_ad"].color, lw=1)
    for shift, dashes, (words, data) in zip((-0.02, 0.02), DASHES, panels.items(), strict=False):
        names = names_of(data)
        lams = data["lams"][0]
        rows = np.array([data["ratio"][names.index(f"lambda{lam:g}")] for lam in lams])
        line: dict[str, Any] = {"color": BROAD_OVER_TIME.color, "lw": 1.2, "ls": dashes}
        axes.plot(lams + shift, rows[:, 0], label=words, **line)
        axes.vlines(lams + shift, rows[:, 1], rows[:, 2], **line)
        for x, (value, low, high) in zip(lams + shift, rows, strict=True):
            axes.plot(
                x,
                value,
                ls="",
                **BROAD_OVER_TIME.markers(6, bool(decided(np.array([low, high]), 1))),
            )
    axes.set(yscale="log", xlabel="λ of the loss between spikes")
    axes.set_xticks([-0.5, 0, 0.5, 1], [*map(number, (-0.5, 0, 0.5, 1))])
    few_ticks(axes.yaxis, (0.1, 0.2, 0.5, 1, 2, 5))
    axes.set_title(f"spiking networks; broad SG:\n{BROAD_OVER_TIME.label} (bars: 95 %)", size=6.5)


def name_over_time(where: SubFigure, regimes: Iterable[str]) -> None:
    """Name noises, hollow markers and the reference of the panels over time."""
    reference = {"unbiased: stochastic AD": {"color": LOOKS["stochastic_ad"].color, "lw": 1}}
    place = {"loc": "center", "bbox_to_anchor": (0.55, 0.5), "ncols": 2}
    group_key(where, regimes, further=reference, in_rows=False, **place)


def draw_ratios(axes: Axes, panels: Data) -> None:
    """Draw final losses over that with lambda 1."""
    labels, rows = [], {}
    for panel, arms in ROWS.items():
        names = names_of(panels[panel]) if panel in panels else []
        for arm in filter(names.__contains__, arms):
            over = panels[panel]["paired"][names.index(arm), names.index("lambda1")]
            rows[len(labels)] = Estimate(over, BROAD)
            labels.append(arms[arm])
    forest(axes, {"": rows}, null=1, size=3.5)
    axes.set(ylim=(len(labels) - 0.4, -0.6), xscale="log")
    label_rows(axes, labels)
    few_ticks(axes.xaxis, (0.5, 0.8, 1, 1.25, 2, 4))
    words = "broad SG: final loss / that with λ = 1"
    axes.set_xlabel(f"{words}\n(bars: 95 %; {HOLLOW})", size=7)
