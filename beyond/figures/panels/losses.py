"""Shares of tasks solved, and final losses, by the loss whose gradient is followed."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.legend import Legend

from beyond.figures.panels import few_ticks, label_rows
from figures.looks import LOOKS
from figures.panels import Data, Panel, names_of
from figures.panels.forest import SHIFTS, Estimate, forest
from figures.style import BRANCH, name_looks

GRADIENTS = {
    "exact": LOOKS["exact"],
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
    "broad_of_expected": ("broad SG, of\neach trial's loss", "surrogate_through_x0.25"),
    "broad_of_response": ("broad SG, of the\nmean response", "surrogate_through_x0.25"),
    "matched_of_expected": (
        f"{LOOKS['surrogate_through'].label},\nof each trial's loss",
        "surrogate_through",
    ),
}
"""Arms over time: words, and whose look. SGs of the expected loss follow each trial's loss."""
MEASURED = ("measured: expected loss", "measured: loss of\nthe mean response")
"""Losses at the end."""
REFERENCE = "unbiased_of_expected"


def shares_of(*panels: Panel) -> dict[str, Any]:
    """Return the share of tasks solved and its interval, by direction.

    Args:
        panels: pooled arrays of panels with the same tasks and different directions.
    """
    return {
        name: share
        for data in panels
        for name, share in zip(names_of(data), data["share"], strict=True)
    }


def draw_shares_by_loss(
    axes: Axes, shares: Mapping[str, Any], title: str, labels: bool, size: float = 6
) -> None:
    """Draw the share of tasks solved: losses are rows, ways to compute the gradient are markers.

    Args:
        axes: axes to draw on.
        shares: share of tasks solved and its interval, by direction.
        title: what the tasks are.
        labels: whether to name the rows.
        size: points of the rows' names.
    """
    # All rows are one group: dashes mean the noise in the panels beside this one.
    rows = {
        y + shift: Estimate(100 * shares[name], GRADIENTS[kind])
        for kind, shift in zip(WORDS, SHIFTS[len(WORDS)], strict=True)
        for y, row in enumerate(ROWS)
        if (name := f"{kind}_{row}") in shares
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
