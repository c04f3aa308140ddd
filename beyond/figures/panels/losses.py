"""Shares of tasks solved, and final losses, by the loss whose gradient is followed."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.legend import Legend

from beyond.figures.panels import few_ticks, label_rows
from figures.looks import LOOKS
from figures.panels import Data, Panel, names_of
from figures.panels.forest import SHIFTS, Estimate, forest
from figures.style import BRANCH, name_looks

GRADIENTS = {
    "exact": LOOKS["exact_enumeration"],
    "broad": LOOKS["surrogate_x0.25"],
    "matched": LOOKS["surrogate"],
}
"""Looks by how a gradient is computed."""
WORDS = {
    "exact": "exact gradient",
    "broad": f"{GRADIENTS['broad'].label} (broad)",
    "matched": GRADIENTS["matched"].label,
}
ROWS = {
    "of_expected": "expected loss",
    "of_response": "loss of the\nmean response",
    "of_cross_entropy": "cross-entropy",
    "usual": "squared loss\nof each trial",
}
"""Rows of shares: endings of directions' names, and the losses."""
ARMS = {
    "unbiased_of_response": ("unbiased, of the\nmean response", "stochastic_ad_systematic"),
    "broad_of_expected": ("broad SG, of the\nexpected loss", "surrogate_through_x0.25"),
    "broad_of_response": ("broad SG, of the\nmean response", "surrogate_through_x0.25"),
    "matched_of_expected": (
        f"{LOOKS['surrogate_through'].label},\nof the expected loss",
        "surrogate_through",
    ),
}
"""Arms over time: words, and whose look."""
MEASURED = ("measured: expected loss", "measured: loss of\nthe mean response")
"""Losses at the end."""
REFERENCE = "unbiased_of_expected"


def draw_shares_by_loss(axes: Axes, data: Panel, title: str, labels: bool, size: float = 6) -> None:
    """Draw the share of tasks solved: losses are rows, ways to compute the gradient are markers.

    Args:
        axes: axes to draw on.
        data: arrays of one family of tasks, with pooled arrays.
        title: what the tasks are.
        labels: whether to name the rows.
        size: points of the rows' names.
    """
    names = names_of(data)
    # All rows are one group: dashes mean the noise in the panels beside this one.
    rows = {
        y + shift: Estimate(100 * data["share"][names.index(name)], GRADIENTS[kind])
        for kind, shift in zip(WORDS, SHIFTS[len(WORDS)], strict=True)
        for y, row in enumerate(ROWS)
        if (name := f"{kind}_{row}") in names
    }
    forest(axes, {"": rows}, size=4.5)
    for y in range(1, len(ROWS)):
        axes.axhline(y - 0.5, color=BRANCH, lw=0.4, zorder=0)
    axes.set(ylim=(len(ROWS) - 0.5, -0.5), xlim=(0, 100))
    axes.set_title(title, size=7)
    axes.set_xticks([0, 50, 100], ["0", "50", "100"])
    label_rows(axes, list(ROWS.values()) if labels else [""] * len(ROWS), size)


def draw_final_losses(facets: Sequence[Axes], panels: Data) -> None:
    """Draw final losses over that of unbiased gradients of the expected loss.

    Args:
        facets: an axes for each of the `MEASURED` losses.
        panels: regimes of noise by their words, with their pooled arrays.
    """
    for loss, axes in enumerate(facets):
        groups = {words: _ratios(data, loss) for words, data in panels.items()}
        forest(axes, groups, 1, 5)
        axes.set(xscale="log", ylim=(len(ARMS) - 0.4, -0.6))
        axes.set_title(MEASURED[loss], size=6)
        label_rows(axes, [words for words, _ in ARMS.values()] if loss == 0 else [""] * len(ARMS))
        few_ticks(axes.xaxis, (0.1, 0.3, 1, 3))


def _ratios(data: Panel, loss: int) -> dict[int, Estimate]:
    names = names_of(data)
    reference = names.index(REFERENCE)
    return {
        y: Estimate(data["paired"][loss, names.index(arm), reference], LOOKS[look])
        for y, (arm, (_, look)) in enumerate(ARMS.items())
        if arm in names
    }


def name_gradients(where: Any, **place: Any) -> Legend:
    """Name the markers of `draw_shares_by_loss`, in axes or in a part of a figure."""
    looks = {
        WORDS[kind]: look.markers(4.5) | {"color": look.color, "lw": 1.3}
        for kind, look in GRADIENTS.items()
    }
    return name_looks(where, looks, **({"handlelength": 2, "borderaxespad": 0} | place))
