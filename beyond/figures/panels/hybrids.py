"""Spiking networks trained by broad, unbiased and mixed gradients: losses, shares, freezing."""

from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes

from beyond.figures.looks import LOOKS
from beyond.figures.panels.trainings import TICKS
from figures.looks import DOTTED
from figures.method import Method
from figures.panels import Data, Panel
from figures.panels.forest import Estimate, forest, group_key
from figures.style import INK, NEUTRAL, few_ticks, label_rows

UNBIASED = Method("stochastic_ad_systematic")
BROAD, MATCHED = Method(reset="through", slope=0.25).name, Method(reset="through").name
REPEATED, UNBIASED = replace(UNBIASED, runs=8).name, UNBIASED.name
CURVES = (UNBIASED, "unbiased_at_silent", "unbiased_in_broader_noise", "broad_at_silent", BROAD)
"""Methods whose curves are drawn."""
STATEMENTS = {
    REPEATED: "variance",
    "broad_jittered": "noise",
    "unbiased_in_broader_noise": "smoothing",
    "unbiased_at_silent": "reverse",
    "broad_at_silent": "revival",
    "super_spike": "",
}
"""Methods whose share of the gap is drawn, and the statement on each, whose margin was recorded."""
SCHEDULES = {
    "first_broad": (BROAD, UNBIASED),
    "broad_then_matched": (BROAD, MATCHED),
    "annealed": (BROAD, MATCHED),
}
REACH = (-0.6, 1.6)
"""Shares beyond are not drawn: an interval ends at the edge."""


def trained(data: Panel) -> list[str]:
    """Names of the methods, in order of rows."""
    return [str(name) for name in data["methods"][0]]


def draw_losses(axes: Axes, data: Panel) -> None:
    """Draw medians of the loss over that before training, and final quartiles of the gap's ends."""
    listed, x = trained(data), data["update"][0]
    for name in filter(listed.__contains__, CURVES):
        low, middle, high = data["curve_quartiles"][listed.index(name)]
        axes.plot(x, middle, label=LOOKS[name].label, **LOOKS[name].line())
        if name in (UNBIASED, BROAD):
            axes.vlines(x[-1], low[-1], high[-1], color=LOOKS[name].color, lw=2)
    axes.set(yscale="log", xlabel="updates")
    few_ticks(axes.yaxis, TICKS)
    axes.set_xticks([x[0], x[-1]])


def draw_counts(axes: Axes, data: Panel, name: str) -> None:
    """Draw, over updates, the share of frozen trainings or the number of "quiet" neurons."""
    listed, x, on = trained(data), data["update"][0], ~data["silent"]
    neurons = data["quiet"][on].sum(axis=-1)
    values = data["frozen"][on].mean(axis=0) if name == "frozen" else neurons.mean(axis=0)
    for method in filter(listed.__contains__, CURVES):
        axes.plot(x, values[listed.index(method)], **LOOKS[method].line())
    axes.set(xlabel="updates", ylim=(-0.02, None))
    axes.set_xticks([x[0], x[-1]])


def draw_shares(axes: Axes, panels: Data) -> None:
    """Draw the share of the gap that each method closes, with its interval and its margin."""
    names = [n for n in STATEMENTS if any(n in trained(data) for data in panels.values())]
    forest(axes, {words: _shares(data, names) for words, data in panels.items()}, 0, 3.5, REACH)
    axes.axvline(1, color=NEUTRAL, lw=0.8, zorder=0)
    for data in panels.values():
        margins = dict(zip(map(str, data["statements"]), data["margins"], strict=True))
        for y, name in enumerate(names):
            if (margin := margins.get(STATEMENTS[name])) is not None:
                axes.plot([margin] * 2, [y - 0.38, y + 0.38], color=INK, lw=0.8, ls=DOTTED)
    axes.set(xlim=(REACH[0] - 0.1, REACH[1]), ylim=(len(names) - 0.4, -0.6))
    label_rows(axes, [LOOKS[name].label for name in names])
    axes.set_xlabel("share of the gap closed\n(0: unbiased, 1: broad)", size=7)
    group_key(axes, panels, bbox_to_anchor=(-0.6, 1))


def _shares(data: Panel, names: list[str]) -> dict[float, Estimate]:
    """Return the row of each method whose share is known."""
    found = dict(zip(trained(data), data["closed"], strict=True))
    return {
        y: Estimate(found[name], LOOKS[name])
        for y, name in enumerate(names)
        if name in found and np.isfinite(found[name][0])
    }


def draw_schedules(axes: Axes, panels: Data) -> None:
    """Draw final losses of schedules over those of each of their parts alone, in pairs.

    Args:
        axes: Where.
        panels: By what their networks are like.
    """
    pairs = [(name, part) for name, parts in SCHEDULES.items() for part in parts]
    rows: dict[str, dict[float, Estimate]] = {}
    for words, data in panels.items():
        listed = trained(data)
        rows[words] = {
            y: Estimate(data["paired"][listed.index(name), listed.index(part)], LOOKS[name])
            for y, (name, part) in enumerate(pairs)
            if {name, part} <= set(listed)
        }
    forest(axes, rows, null=1, size=3.5)
    group_key(axes, panels, ncols=2, bbox_to_anchor=(-0.6, 1))
    labels = [f"{LOOKS[name].label}\nover {LOOKS[part].narrow}" for name, part in pairs]
    axes.set(xscale="log", ylim=(len(pairs) - 0.4, -0.6))
    label_rows(axes, labels)
    few_ticks(axes.xaxis, (0.1, 0.3, 1, 3))
    axes.set_xlabel("final loss / that of one part alone", size=7)
