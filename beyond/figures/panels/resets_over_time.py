"""Gradients through the reset and detached: final losses in pairs."""

from matplotlib.axes import Axes

from beyond.figures.panels import drawable, few_ticks, group_key, label_rows
from figures.looks import LOOKS
from figures.panels import Data, Panel, names_of
from figures.panels.forest import Estimate, forest
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
    band = -0.5, n_alike - 0.5
    axes.fill_betweenx(band, *ALIKE, color=NEUTRAL, alpha=0.15, lw=0)
    forest(axes, {words: _ratios(data, rows) for words, data in groups.items()}, null=1)
    label_rows(axes, [RATIOS[pair] for pair in rows])
    axes.set(
        xscale="log", xlabel="ratio of final losses (bars: 95 %)", ylim=(len(rows) - 0.5, -0.5)
    )
    few_ticks(axes.xaxis, (0.1, 0.2, 0.5, 0.7, 1, 1.4, 2, 5, 10))


def _ratios(data: Panel, rows: list[tuple[str, str]]) -> dict[int, Estimate]:
    names, estimates = names_of(data), {}
    for y, pair in enumerate(rows):
        if set(pair) <= {*names}:
            first, second = map(names.index, pair)
            ratio, decided = data["paired"][first, second], bool(data["decided"][first])
            estimates[y] = Estimate(ratio, LOOKS[pair[1]], decided)
    return estimates
