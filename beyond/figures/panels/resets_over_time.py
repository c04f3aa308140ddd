"""Gradients through the reset and detached: final losses in pairs."""

from matplotlib.axes import Axes

from beyond.figures.panels import draw_rows, drawable, group_key, pairs
from figures.looks import LOOKS
from figures.panels import Data, names_of
from figures.style import NEUTRAL
from figures.verdicts import BY_HOLM

THROUGH = "surrogate_through"
RATIOS = {
    ("scaled_sigmoid_through", "scaled_sigmoid"): "scaled sigmoid: through the reset / detached",
    ("super_spike_through", "super_spike"): "SuperSpike: through the reset / detached",
    (THROUGH, "surrogate"): "SG, matched: through the reset / detached",
    (f"{THROUGH}_bounded", THROUGH): "SG, through the reset: lengthening removed / kept",
    (f"{THROUGH}_unsigned", THROUGH): "SG, through the reset: sign changes removed / kept",
    (f"{THROUGH}_more", THROUGH): "SG, through the reset: 4 × passes / 1 ×",
}
"""Pairs of methods, in words; a row has the look of its second method."""
N_EQUIVALENT, ALIKE = 2, (0.8, 1.25)
"""Number of first rows that are tested for equivalence, and where ratios count as equivalent."""


def draw_reset_ratios(axes: Axes, groups: Data) -> None:
    """Draw ratios of final losses in pairs, of groups by words; hollow: undecided."""
    # The panels beside it have no key of their own.
    rows = [pair for pair in RATIOS if any(set(pair) <= {*names_of(x)} for x in groups.values())]
    n_alike = len({*rows} & {*list(RATIOS)[:N_EQUIVALENT]})
    words = f"row{'s 1,' * (n_alike > 1)} {n_alike}: equivalent if inside"
    alike = {words: {"color": NEUTRAL, "alpha": 0.15, "lw": 0}} if n_alike else {}
    group_key(axes, groups, BY_HOLM, further=alike, bbox_to_anchor=(-0.2, 1))
    if not drawable(axes, bool(rows), "undecided: no pair\nwas trained"):
        return
    axes.fill_betweenx((-0.6, n_alike - 0.5), *ALIKE, color=NEUTRAL, alpha=0.15, lw=0)
    drawn = [(first, second, LOOKS[second]) for first, second in rows]
    ratios = {words: pairs(data, drawn, data["paired"]) for words, data in groups.items()}
    ticks = (0.1, 0.2, 0.5, 0.7, 1, 1.4, 2, 5, 10)
    draw_rows(axes, ratios, [RATIOS[pair] for pair in rows], null=1, ticks=ticks)
    axes.set_xlabel("ratio of final losses (bars: 95 %)")
