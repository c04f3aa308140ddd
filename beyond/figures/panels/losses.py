"""Shares of tasks solved, and final losses, by the loss whose gradient is followed."""

from typing import Any

from matplotlib.axes import Axes

from beyond.figures.panels import few_ticks, label_rows
from figures.looks import LOOKS, Look
from figures.panels import Data, Panel, names_of
from figures.panels.forest import Estimate, forest
from figures.style import DASHES

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
OVER_TIME = {
    "unbiased": ("unbiased", LOOKS["stochastic_ad_systematic"]),
    "broad": ("broad SG", LOOKS["surrogate_x0.25"]),
    "super_spike": ("SuperSpike", LOOKS["super_spike"]),
    "matched": ("matched SG", LOOKS["surrogate"]),
}
"""Rows of final losses: beginnings of arms' names, words and looks."""
FOLLOWED = {"of_expected": "expected loss", "of_response": "loss of mean response"}
REFERENCE = "unbiased_of_expected"


def draw_shares_by_loss(axes: Axes, data: Panel, title: str, key: bool) -> None:
    """Draw the share of tasks solved, one loss a row, one way to have its gradient a marker.

    Args:
        axes: where.
        data: of one family of tasks, with its pooled arrays.
        title: what the tasks are.
        key: whether to name rows and markers.
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
    label_rows(axes, list(ROWS.values()) if key else [""] * len(ROWS))
    if key:
        _key(axes, {WORDS[kind]: look for kind, look in GRADIENTS.items()})


def draw_final_losses(axes: Axes, panels: Data, loss: int, labels: bool) -> None:
    """Draw final losses over that of unbiased gradients of the expected loss.

    Args:
        axes: where.
        panels: regimes of noise by their words, with their pooled arrays.
        loss: which loss is measured; 0: the expected loss, 1: the loss of the mean response.
        labels: whether to name the rows.
    """
    rows = [(start, end) for start in OVER_TIME for end in FOLLOWED]
    groups = {words: _ratios(data, loss, rows) for words, data in panels.items()}
    forest(axes, groups, null=1, size=3.5)
    axes.set(xscale="log", ylim=(len(rows) - 0.4, -0.6))
    short = {"of_expected": "expected", "of_response": "mean response"}
    words = [f"{OVER_TIME[start][0]}, {short[end]}" for start, end in rows]
    label_rows(axes, words if labels else [""] * len(rows))
    few_ticks(axes.xaxis, (0.05, 0.1, 0.2, 0.5, 1, 2, 5))


def _ratios(data: Panel, loss: int, rows: list[tuple[str, str]]) -> dict[int, Estimate]:
    names = names_of(data)
    reference = names.index(REFERENCE)
    return {
        y: Estimate(data["paired"][loss, names.index(arm), reference], OVER_TIME[start][1])
        for y, (start, end) in enumerate(rows)
        if (arm := f"{start}_{end}") in names and arm != REFERENCE
    }


def _key(axes: Axes, looks: dict[str, Look]) -> None:
    """Name markers and dashes above the axes."""
    for (words, look), dashes in zip(looks.items(), DASHES, strict=False):
        shown: dict[str, Any] = look.markers(4) | {"color": look.color, "ls": dashes, "lw": 1.3}
        axes.plot([], [], label=words, **shown)
    above: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (-0.9, 1.12), "ncols": 3}
    legend = axes.legend(fontsize=6, handlelength=2, columnspacing=1, borderaxespad=0, **above)
    legend.set_in_layout(False)
