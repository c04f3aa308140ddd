"""Panels of figure 11: moving spikes and new spikes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from beyond.figures.looks import LOOKS
from beyond.figures.panels import few_ticks
from figures.panels import Panel
from figures.style import INK, MODES, NEUTRAL, SMALL, greys, name_looks

_MOVED, _BORN = greys(5)[0], greys(5)[2]
PARTS: dict[str, dict[str, Any]] = {
    "slide": {"fc": _MOVED, "alpha": 0.5, "label": "spikes that move"},
    "fly": {"fc": _BORN, "alpha": 0.75, "label": "spikes born past the maximum"},
    "boundary": {"fc": _BORN, "alpha": 0.75, "hatch": "////", "label": "spikes born at the end"},
}
"""Parts of the derivative of the mean loss, in greys: they are not methods."""
SEEN = {
    "event_based": "event_based",
    "detached": "surrogate",
    "through": "surrogate_through",
}
"""Arrays of means, and whose look they have."""
SPREADS = {
    "pathwise_sd": "pathwise",
    "score_function_sd": "score_function_no_baseline",
    "detached_sd": "surrogate",
}
"""Arrays of standard deviations, and whose look they have."""
BIRTHS, EVENT_BASED = "births", "event_based"
NOISY = LOOKS[BIRTHS]
"""Look of births, whose runs have noise."""
COURSES = {
    "a sample of noise": {"color": MODES["stochastic"], "lw": 0.7, "alpha": 0.8},
    "without noise": {
        "color": MODES["deterministic"],
        "ls": LOOKS[EVENT_BASED].dashes,
        "lw": 1.6,
    },
}
"""Looks of first spikes: those of spike modes."""
SHIFTS = {"event_based": -0.27, "births": -0.09, "detached": 0.09, "through": 0.27}
"""Places of markers within a bar, without overlap."""


def draw_frozen(panels: Sequence[Axes], data: Panel) -> None:
    """Draw times of first spikes against the weight, a panel for each slope."""
    weights = data["weights"][0]
    for i, (axes, beta) in enumerate(zip(panels, data["betas"][0], strict=True)):
        for times in data["time"][0, i]:
            axes.plot(weights, times, **COURSES["a sample of noise"])
        axes.plot(weights, data["threshold_time"][0], **COURSES["without noise"])
        axes.set_title(f"noise of slope $\\beta$ = {beta:g}", size=7.5)
        axes.set(xlim=(weights[0], weights[-1]), ylim=(0, None))
    # With little noise there is room.
    name_looks(panels[-1], COURSES, loc="upper right", handlelength=2.4)
    panels[0].set_ylabel("first spike (ms)")
    panels[len(panels) // 2].set_xlabel("input weight / threshold")


def draw_parts(axes: Axes, data: Panel, i: int, births: Panel | None = None) -> None:
    """Draw parts of the derivative as stacked bars, and what estimates take for it.

    A mean that is far beyond the bars is drawn at the edge, with its value.

    Args:
        axes: The panel.
        data: Arrays of `moves_and_births`.
        i: Number of the input weight.
        births: Arrays of `one_birth` at the same weights and slopes; without them, the panel is
            brief and leaves the SG through the reset out, too.
    """
    places, truth = np.arange(len(data["betas"])), data["truth"][i]
    ends = []
    for sign in (1, -1):
        base = np.zeros(len(places))
        for name, look in PARTS.items():
            part = np.where(np.sign(data[name][i]) == sign, data[name][i], 0.0)
            style = {key: value for key, value in look.items() if key != "label"}
            axes.bar(places, part, 0.72, bottom=base, ec="white", lw=0.4, **style)
            base = base + part
        ends.append(base)
    for place, value in zip(places, truth, strict=True):
        axes.plot([place - 0.42, place + 0.42], [value, value], color=INK, lw=1.8)
    brief = births is None
    means = {name: data[name][i] for name in SEEN if not brief or name != "through"}
    if births is not None and np.array_equal(births["betas"][0], data["betas"]):
        means["births"] = births["births"].mean(axis=0)[i]
    floor, ceiling = _limits([*ends, truth], list(means.values()))
    for name, values in means.items():
        look = SEEN.get(name, name)
        for place, value in zip(places + SHIFTS[name], values, strict=True):
            edge = 0.03 * (ceiling - floor)
            shown = float(np.clip(value, floor + edge, ceiling - edge))
            axes.plot(place, shown, ls="", **LOOKS[look].markers(4.5), zorder=4)
            if shown != value:
                up = value < shown
                side = {"ha": "center", "va": "bottom" if up else "top", "size": 6}
                side |= {"color": LOOKS[look].ink, "textcoords": "offset points"}
                text = f"{'↓' if up else '↑'} {value:.0f}".replace("-", "−")
                axes.annotate(text, (place, shown), (0, 4 if up else -4), **side)
    axes.axhline(0, color=NEUTRAL, lw=0.6)
    axes.set(ylim=(floor, ceiling), xlim=(-0.6, len(places) - 0.4))
    axes.set_xticks(places, [f"{beta:g}" for beta in data["betas"]])
    axes.tick_params(axis="x", length=0)
    w = data["weights"][i]
    where = "below" if w <= 1 else "above"
    axes.set_title(f"$w$ = {w:g}, {where} threshold", size=7.5)
    axes.set_xlabel(r"slope of the noise $\beta$")


def _limits(bars: list[np.ndarray], means: list[np.ndarray]) -> tuple[float, float]:
    """Return ends of an axis that holds all bars, and means up to twice as far."""
    low, high = (float(pick([pick(values) for values in bars])) for pick in (np.min, np.max))
    least, most = (float(pick([pick(values) for values in means])) for pick in (np.min, np.max))
    floor, ceiling = min(low, max(least, 2 * low)), max(high, min(most, 2 * high))
    spare = 0.08 * (ceiling - floor)
    return floor - spare, ceiling + spare


def name_parts(where: Figure | SubFigure, births: bool = True) -> None:
    """Name the parts and the means of `draw_parts`, beside their panels.

    Args:
        where: the panels' figure, or part of a figure.
        births: whether births, and what `draw_parts` draws with them, are shown.
    """
    shown = ("event_based", "surrogate")
    if births:
        shown = ("event_based", "births", "surrogate", "surrogate_through")
    bars = [Patch(ec="white", **look) for look in PARTS.values()]
    line = Line2D([], [], color=INK, lw=1.8, label="true derivative")
    marks = [
        Line2D([], [], ls="", label=LOOKS[look].label, **LOOKS[look].markers(4.5)) for look in shown
    ]
    beyond = Line2D([], [], ls="", marker="$↓$", color=INK, ms=5, label="off the scale, at …")
    handles = [*bars, line, *marks, *([beyond] if births else [])]
    where.legend(handles=handles, loc="outside right center", fontsize=SMALL)


def draw_effects(axes: Axes, data: Panel) -> None:
    """Draw surrogate over true gradient against the effect of a birth."""
    x, two = data["curve_x"][0], LOOKS["smoothed_two_sided"]
    axes.plot(x, data["curve"][0], **LOOKS["surrogate"].line(), lw=1.4)
    axes.plot(x, data["curve_two_sided"][0], **two.line(), lw=1.2)
    axes.axhline(1, color=NEUTRAL, lw=0.6)
    axes.axvspan(x[0], 0, color=NEUTRAL, alpha=0.06, lw=0)
    ratio = data["ratio"]
    axes.errorbar(
        data["x"][0],
        ratio[:, 0],
        2 * ratio[:, 1],
        **LOOKS["surrogate"].markers(4.5),
        ls="",
        ecolor=INK,
        elinewidth=0.8,
    )
    formulas = {
        f"{LOOKS['surrogate'].label}: $x/(e^x-1)$": LOOKS["surrogate"],
        rf"{two.label}: $(x/2)\coth(x/2)$": two,
    }
    looks: dict[str, Any] = {words: look.line() for words, look in formulas.items()}
    looks["simulated (bars: 95 %)"] = LOOKS["surrogate"].markers(4.5) | {"ls": ""}
    place = {"loc": "lower left", "bbox_to_anchor": (0, 1), "labelspacing": 0.3}
    name_looks(axes, looks, fontsize=SMALL, **place)
    low, high = float(ratio[:, 0].min()), float(max(ratio[:, 0].max(), data["curve"][0].max()))
    axes.set(xlim=(x[0], x[-1]), ylim=(min(0.0, 1.2 * low), 1.05 * high))
    few_ticks(axes.yaxis, (0, 1, 2, 3))
    top: dict[str, Any] = {"transform": axes.get_xaxis_transform(), "va": "top", "color": INK}
    axes.text(-0.1, 0.97, "inhibition", ha="right", size=SMALL, **top)
    axes.text(0.1, 0.97, "excitation", ha="left", size=SMALL, **top)
    axes.set_xlabel("effect $x$ of a hidden spike")
    axes.set_ylabel("mean / true gradient")


def draw_spreads(axes: Axes, moves: Panel, births: Panel, i: int) -> None:
    """Draw the standard deviation of one run's estimates over the slope of the noise."""
    spread = births["births_sd"][i]
    drawn = [np.abs(moves["truth"][i]), spread, *(moves[name][i] for name in SPREADS)]
    bottom, top = 0.7 * min(map(np.min, drawn)), 1.5 * max(map(np.max, drawn))
    axes.fill_between(moves["betas"], drawn[0], bottom, color=NEUTRAL, alpha=0.13, lw=0)
    for name, look in SPREADS.items():
        axes.plot(moves["betas"], moves[name][i], lw=1.2, **LOOKS[look].line(4))
    line = NOISY.line(4)
    axes.plot(births["betas"][0], spread, lw=1.2, **line)
    axes.set(xscale="log", yscale="log", ylim=(bottom, top))
    ticks = moves["betas"][:: 2 if len(moves["betas"]) > 3 else 1]
    axes.set_xticks(ticks, [f"{beta:g}" for beta in ticks])
    axes.minorticks_off()
    w = moves["weights"][i]
    axes.set_title(f"$w$ = {w:g}", size=7.5)
    axes.set_xlabel(r"slope of the noise $\beta$")


def name_spreads(where: SubFigure) -> None:
    """Name the lines of `draw_spreads`, beside their panels."""
    looks = [*(LOOKS[look] for look in SPREADS.values()), NOISY]
    lines = {look.label: look.line(4) for look in looks}
    lines["below |true derivative|"] = {"color": NEUTRAL, "alpha": 0.13, "lw": 0}
    name_looks(where, lines, loc="outside right center", fontsize=SMALL)


def draw_steps(axes: Axes, data: Panel, i: int, kind: str) -> None:
    """Draw true gradient and detached SG against the step length, and their limits."""
    steps = data["steps"]
    for name, look in (("true", "exact_enumeration"), ("detached", "surrogate")):
        axes.plot(steps, data[f"{kind}_{name}"][i], lw=1.2, **LOOKS[look].line(4))
        limit = {"color": LOOKS[look].color, "ls": ":", "lw": 1.0}
        axes.axhline(data[f"limit_{name}"][i], **limit)
    axes.set(xscale="log")
    axes.invert_xaxis()
    axes.set_xticks([2, 0.5, 0.1], ["2", "0.5", "0.1"])
    axes.minorticks_off()
    axes.set_xlabel("time step (ms)")


def step_looks() -> Mapping[str, Mapping[str, Any]]:
    """Return names and looks of the lines of `draw_steps`."""
    names = {"true derivative": "exact_enumeration", LOOKS["surrogate"].label: "surrogate"}
    limit = {"color": NEUTRAL, "ls": ":", "lw": 1.0}
    return {words: LOOKS[look].line(4) for words, look in names.items()} | {
        "continuous time": limit
    }
