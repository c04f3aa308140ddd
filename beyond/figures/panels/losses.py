"""Shares of tasks solved, and final losses, by the loss whose gradient is followed."""

from typing import Any

from matplotlib.axes import Axes

from beyond.figures.panels import few_ticks, group_key, label_rows
from figures.looks import LOOKS
from figures.panels import Data, Panel, names_of
from figures.panels.forest import DASHES, Estimate, forest

GRADIENTS = {
    "exact": LOOKS["exact_enumeration"],
    "broad": LOOKS["surrogate_x0.25"],
    "matched": LOOKS["surrogate"],
}
"""Looks by how a gradient is had."""
WORDS = {"exact": "exact gradient", "broad": "broad SG", "matched": "matched SG"}
ROWS = {
    "of_expected": "expected loss",
    "of_response": "loss of mean response",
    "of_cross_entropy": "cross-entropy",
    "usual": "squared, trial by trial",
}
"""Rows of shares: endings of directions' names, and the losses."""
ARMS = {
    "unbiased_of_response": ("unbiased of response", LOOKS["stochastic_ad_systematic"]),
    "broad_of_expected": ("broad SG", LOOKS["surrogate_through_x0.25"]),
    "broad_of_response": ("broad SG of response", LOOKS["surrogate_x0.25"]),
    "matched_of_expected": ("matched SG", LOOKS["surrogate_through"]),
}
"""Arms over time: words and looks."""
MEASURED = ("expected", "response")
"""Losses at the end."""
REFERENCE = "unbiased_of_expected"


def draw_shares_by_loss(axes: Axes, data: Panel, title: str, labels: bool) -> None:
    """Draw the share of tasks solved: losses are rows, ways to compute the gradient are markers.

    Args:
        axes: axes to draw on.
        data: arrays of one family of tasks, with pooled arrays.
        title: what the tasks are.
        labels: whether to name the rows.
    """
    names = names_of(data)
    groups = {
        words: {
            y: Estimate(100 * data["share"][names.index(name)], GRADIENTS[kind])
            for y, row in enumerate(ROWS)
            if (name := f"{kind}_{row}") in names
        }
        for kind, words in WORDS.items()
    }
    forest(axes, groups, size=4)
    axes.set(ylim=(len(ROWS) - 0.5, -0.5), xlim=(0, 100))
    axes.set_title(title, size=7)
    axes.set_xticks([0, 50, 100], ["0", "50", "100"])
    label_rows(axes, list(ROWS.values()) if labels else [""] * len(ROWS))


def draw_final_losses(axes: Axes, panels: Data) -> None:
    """Draw final losses over that of unbiased gradients of the expected loss.

    Each arm has two rows: the expected loss, and the loss of the mean response.

    Args:
        axes: where.
        panels: regimes of noise by their words, with their pooled arrays.
    """
    rows = [(arm, loss) for arm in ARMS for loss in (0, 1)]
    forest(axes, {words: _ratios(data, rows) for words, data in panels.items()}, 1, 3.5)
    axes.set(xscale="log", ylim=(len(rows) - 0.4, -0.6))
    label_rows(axes, [f"{ARMS[arm][0]}: {MEASURED[loss]}" for arm, loss in rows])
    few_ticks(axes.xaxis, (0.1, 0.3, 1, 3))
    axes.set_xlabel("final loss / that of unbiased,\nexpected loss", size=7)
    group_key(axes, panels, loc="lower right", bbox_to_anchor=(1.03, 1)).set_in_layout(False)


def _ratios(data: Panel, rows: list[tuple[str, int]]) -> dict[int, Estimate]:
    names = names_of(data)
    reference = names.index(REFERENCE)
    return {
        y: Estimate(data["paired"][loss, names.index(arm), reference], ARMS[arm][1])
        for y, (arm, loss) in enumerate(rows)
        if arm in names
    }


def name_gradients(axes: Axes, **place: Any) -> None:
    """Name markers and dashes, by default at the left where few directions end."""
    for (kind, look), dashes in zip(GRADIENTS.items(), DASHES, strict=False):
        shown: dict[str, Any] = look.markers(4) | {"color": look.color, "ls": dashes, "lw": 1.3}
        axes.plot([], [], label=WORDS[kind], **shown)
    look = {"loc": "lower left", "handlelength": 2.4, "borderaxespad": 0, "labelspacing": 0.3}
    axes.legend(**({"fontsize": 6} | look | place))
