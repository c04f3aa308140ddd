"""Spiking networks trained by broad, unbiased and mixed gradients: losses, shares, freezing."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from figures.looks import DASHDOT, DASHED, DOTTED, LOOKS, Look
from figures.panels import Data, Panel
from figures.style import INK, NEUTRAL, label_rows

UNBIASED, BROAD = "stochastic_ad_systematic", "surrogate_through_x0.25"
METHODS = {
    UNBIASED: Look("unbiased", "unbiased"),
    "stochastic_ad_systematic_x8": Look("unbiased, 8× the runs", "unbiased", dashes=DASHED),
    "unbiased_at_silent": Look("B: broad at all but silent neurons", "smoothed", dashes=DASHED),
    "unbiased_in_broader_noise": Look("C: unbiased, 4× broader noise", "exact", dashes=DASHDOT),
    "broad_at_silent": Look("A: broad at silent neurons alone", "smoothed"),
    "broad_jittered": Look("D: broad + noise of unbiased", "surrogate", dashes=DOTTED),
    BROAD: Look("broad (slope × 1/4)", "surrogate"),
    "super_spike": Look("SuperSpike, slope 10", "surrogate", tint=LOOKS["super_spike"].tint),
}
"""Methods by name, in the order of rows."""
SHARES = (
    "stochastic_ad_systematic_x8",
    "broad_jittered",
    "unbiased_in_broader_noise",
    "unbiased_at_silent",
    "broad_at_silent",
    "super_spike",
)
"""Methods whose share of the gap is drawn."""
REACH = (-0.6, 1.6)
"""Shares beyond are not drawn: an interval ends at the edge."""


def trained(data: Panel) -> list[str]:
    """Names of the methods, in order of rows."""
    return [str(name) for name in data["methods"][0]]


def draw_shares(axes: Axes, panels: Data) -> None:
    """Draw the share of the gap that each method closes, with its interval and its margin.

    The first of two panels lies above, filled.
    """
    for x in (0, 1):
        axes.axvline(x, color=NEUTRAL, lw=0.8)
    names = [name for name in SHARES if any(name in trained(data) for data in panels.values())]
    for shift, filled, (words, data) in zip(
        (-0.17, 0.17), (True, False), panels.items(), strict=False
    ):
        dot: dict[str, Any] = {"marker": "o", "ms": 3.5, "mew": 0.9, "zorder": 3}
        axes.plot(
            [], [], ls="", color=NEUTRAL, mfc=NEUTRAL if filled else "white", label=words, **dot
        )
        listed = trained(data)
        for y, name in enumerate(names):
            if name not in listed or not np.isfinite(data["closed"][listed.index(name), 0]):
                continue
            value, low, high = data["closed"][listed.index(name)]
            color = METHODS[name].color
            if np.isfinite(low):
                axes.plot(np.clip([low, high], *REACH), [y + shift] * 2, color=color, lw=1.2)
            face = color if filled else "white"
            place = np.clip(value, *REACH)
            axes.plot(place, y + shift, color=color, mfc=face, clip_on=False, **dot)
    _margins(axes, panels, names)
    axes.set(xlim=REACH, ylim=(len(names) - 0.4, -0.6))
    label_rows(axes, [METHODS[name].label for name in names])
    axes.set_xlabel("share of the gap closed\n(0: unbiased, 1: broad)", size=7)
    axes.legend(fontsize=6, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.2)


def _margins(axes: Axes, panels: Data, names: list[str]) -> None:
    """Mark the margin of each statement by a tick across its row."""
    margins = {
        "stochastic_ad_systematic_x8": 0.5,
        "broad_jittered": 0.5,
        "unbiased_in_broader_noise": 0.8,
        "unbiased_at_silent": 0.2,
        "broad_at_silent": 0.8,
    }
    for y, name in enumerate(names):
        if name in margins:
            axes.plot([margins[name]] * 2, [y - 0.38, y + 0.38], color=INK, lw=0.8, ls=DOTTED)
