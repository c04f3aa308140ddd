"""Losses that agree on spikes: tasks solved, and final losses over time."""

from collections.abc import Iterable
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import SubFigure

from beyond.figures.panels import draw_rows, few_ticks, group_key, pairs
from figures.looks import DASHDOT, DASHED, DOTTED, LONG, LOOKS
from figures.numerals import MINUS
from figures.panels import Data, Panel, names_of
from figures.style import DASHES
from figures.verdicts import HOLLOW

BROAD = LOOKS["surrogate_x0.25"]
EXACT = LOOKS["exact"]
BROAD_OVER_TIME = LOOKS["surrogate_through_x0.25"]
REFERENCE = "stochastic_ad_systematic"
"""Method whose final loss others are divided by; without it, that with lambda 1."""
MARKED = (1.0, 0.25)
"""Slopes of the surrogate over the noise's whose lines have the marker of their method."""
ROWS = {"lambda0": "figure 6's task, λ = 0", "lambda0.5": "figure 6's task, λ = 1/2"}
"""Arms that are compared with λ = 1 by their final loss."""


def number(value: float) -> str:
    """Return a number with a true minus, and a fraction in place of a few decimals."""
    words = {0.25: "1/4", 0.5: "1/2", 0.75: "3/4", 0.125: "1/8", 0.0625: "1/16"}
    words |= {1.5: "3/2"}
    size = words.get(abs(value), f"{abs(value):g}")
    return f"{MINUS}{size}" if value < 0 else size


def draw_lines(axes: Axes, data: Panel) -> None:
    """Draw the share of tasks solved against lambda, in per cent: a line a slope of the surrogate.

    A horizontal is the exact gradient of the expected loss, which does not depend on lambda.
    """
    lams, ratios = data["lams"][0], data["ratios"][0]
    shape = ratios.size, lams.size, 3
    share = 100 * data["share"][1 : 1 + lams.size * ratios.size].reshape(shape)
    exact = 100 * data["share"][0]
    axes.axhspan(*exact[1:], color=EXACT.color, alpha=0.2, lw=0)
    axes.axhline(exact[0], color=EXACT.color, lw=2)
    words = "exact gradient\n(expected loss)"
    axes.text(lams[0], min(max(exact) + 1, 86), words, size=6.5, va="bottom")
    dashes = iter((DASHDOT, DASHED, DOTTED, LONG, "-"))
    for ratio, row in zip(ratios, share, strict=True):
        name = "surrogate" if ratio == 1 else f"surrogate_x{ratio:g}"
        line: dict[str, Any] = {"color": LOOKS[name].color, "lw": 1.2, "label": LOOKS[name].label}
        if ratio in MARKED:
            line |= LOOKS[name].markers(4.5)
        else:
            line["ls"] = next(dashes)
        axes.plot(lams, row[:, 0], clip_on=False, **line)
    axes.set(ylim=(0, 100), xlabel="λ of the loss between spikes")
    shown = [lam for lam in lams if lam in (-0.5, 0, 0.5, 1)]
    axes.set_xticks(shown, [number(lam) for lam in shown])
    axes.set_ylabel("% of tasks solved")
    axes.legend(
        fontsize=6.5, loc="lower right", handlelength=2, borderaxespad=0.2, labelspacing=0.3
    )


def draw_over_time(axes: Axes, panels: Data) -> None:
    """Draw final losses of broad surrogates, relative to unbiased AD, against lambda."""
    axes.axhline(1, color=LOOKS["stochastic_ad"].color, lw=1)
    for shift, dashes, (words, data) in zip((-0.02, 0.02), DASHES, panels.items(), strict=False):
        names = names_of(data)
        lams = data["lams"][0]
        arms = [names.index(f"lambda{lam:g}") for lam in lams]
        rows = data["paired"][arms, names.index(REFERENCE if REFERENCE in names else "lambda1")]
        line: dict[str, Any] = {"color": BROAD_OVER_TIME.color, "lw": 1.2, "ls": dashes}
        axes.plot(lams + shift, rows[:, 0], label=words, **line)
        axes.vlines(lams + shift, rows[:, 1], rows[:, 2], **line)
        for x, value, clear in zip(lams + shift, rows[:, 0], data["decided"][arms], strict=True):
            axes.plot(x, value, ls="", **BROAD_OVER_TIME.markers(6, bool(clear)))
    axes.set(yscale="log", xlabel="λ of the loss between spikes")
    axes.set_xticks([-0.5, 0, 0.5, 1], [*map(number, (-0.5, 0, 0.5, 1))])
    few_ticks(axes.yaxis, (0.1, 0.2, 0.5, 1, 2, 5))
    axes.set_title(f"spiking networks; broad SG:\n{BROAD_OVER_TIME.label} (bars: 95 %)", size=6.5)


def name_over_time(where: SubFigure, regimes: Iterable[str]) -> None:
    """Name noises, hollow markers and the reference of the panels over time."""
    reference = {"unbiased: stochastic AD": {"color": LOOKS["stochastic_ad"].color, "lw": 1}}
    place = {"loc": "center", "bbox_to_anchor": (0.55, 0.5), "ncols": 2}
    group_key(where, regimes, further=reference, in_rows=False, **place)


def draw_ratios(axes: Axes, data: Panel) -> None:
    """Draw final losses over that with lambda 1."""
    arms = {arm: words for arm, words in ROWS.items() if arm in names_of(data)}
    over = pairs(data, [(arm, "lambda1", BROAD) for arm in arms], data["paired"])
    draw_rows(axes, {"": over}, [*arms.values()], 1, 3.5, (0.5, 0.8, 1, 1.25, 2, 4))
    words = "broad SG: final loss / that with λ = 1"
    axes.set_xlabel(f"{words}\n(bars: 95 %; {HOLLOW})", size=7)
