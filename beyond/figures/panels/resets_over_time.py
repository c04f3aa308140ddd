"""Gradients through the reset and detached: final losses in pairs."""

from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes

from beyond.figures.panels import drawable, few_ticks, group_key, label_rows
from figures.looks import LOOKS
from figures.panels import Data, Panel
from figures.panels.forest import Estimate, forest
from figures.style import NEUTRAL
from figures.verdicts import BY_HOLM

RATIOS = {
    "scaled": ("scaled sigmoid: through the reset / detached", "scaled_sigmoid"),
    "super_spike": ("SuperSpike: through the reset / detached", "super_spike"),
    "matched": ("SG, matched: through the reset / detached", "surrogate"),
    "length": ("SG, through the reset: lengthening removed / kept", "surrogate_through"),
    "sign": ("SG, through the reset: sign changes removed / kept", "surrogate_through"),
    "variance": ("SG, through the reset: 4 × passes / 1 ×", "surrogate_through"),
}
"""Statements: words, and whose look."""
EQUIVALENT, ALIKE = {"scaled", "super_spike"}, (0.8, 1.25)
"""The first rows, and where their ratios count as equivalent."""


def draw_reset_ratios(axes: Axes, groups: Data) -> None:
    """Draw ratios of final losses in pairs, of groups by words; hollow: undecided."""
    # The panels beside it have no key of their own.
    rows = _known(RATIOS, "statements", groups)
    n_alike = len(EQUIVALENT & {*rows})
    words = f"row{'s 1,' * (n_alike > 1)} {n_alike}: equivalent if inside"
    alike = {words: {"color": NEUTRAL, "alpha": 0.15, "lw": 0}} if n_alike else {}
    group_key(axes, groups, BY_HOLM, further=alike, bbox_to_anchor=(-0.2, 1))
    if not drawable(axes, bool(rows), "undecided: no pair\nwas trained"):
        return
    band = -0.5, n_alike - 0.5
    axes.fill_betweenx(band, *ALIKE, color=NEUTRAL, alpha=0.15, lw=0)
    forest(axes, {words: _ratios(data, rows) for words, data in groups.items()}, null=1)
    label_rows(axes, [RATIOS[name][0] for name in rows])
    axes.set(
        xscale="log", xlabel="ratio of final losses (bars: 95 %)", ylim=(len(rows) - 0.5, -0.5)
    )
    few_ticks(axes.xaxis, (0.1, 0.2, 0.5, 0.7, 1, 1.4, 2, 5, 10))


def _known(rows: Iterable[str], listed: str, groups: Data) -> list[str]:
    """Return the rows that some group has: small presets leave some out."""
    names = {str(name) for data in groups.values() for name in data[listed].ravel()}
    return [name for name in rows if name in names]


def _ratios(data: Panel, rows: list[str]) -> dict[int, Estimate]:
    names = list(map(str, data["statements"]))
    return {
        rows.index(name): Estimate(
            np.exp(data["stated"][i]), LOOKS[RATIOS[name][1]], bool(data["decided"][i])
        )
        for i, name in enumerate(names)
        if name in rows
    }
