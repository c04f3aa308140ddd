"""Final losses, by the loss whose gradient is followed."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from beyond.figures.panels import draw_rows, pairs
from figures.looks import LOOKS
from figures.panels import Data, names_of
from figures.panels.forest import Estimate

ARMS = {
    "unbiased_of_response": ("unbiased, of the\nmean response", "stochastic_ad_systematic"),
    "broad_usual": ("broad SG, of\neach trial's loss", "surrogate_through_x0.25"),
    "broad_of_response": ("broad SG, of the\nmean response", "surrogate_through_x0.25"),
    "matched_usual": (
        f"{LOOKS['surrogate_through'].label},\nof each trial's loss",
        "surrogate_through",
    ),
}
"""Arms over time: words, and whose look. SGs of the expected loss follow each trial's loss."""
MEASURED = ("measured: expected loss", "measured: loss of\nthe mean response")
"""Losses at the end."""
REFERENCE = "unbiased_of_expected"


def draw_final_losses(facets: Sequence[Axes], panels: Data) -> None:
    """Draw final losses over that of unbiased gradients of the expected loss.

    Args:
        facets: an axes for each of the `MEASURED` losses.
        panels: regimes of noise by their words, with their pooled arrays.
    """
    rows = [(arm, REFERENCE, LOOKS[look]) for arm, (_, look) in ARMS.items()]
    for loss, axes in enumerate(facets):
        groups = {
            words: pairs(data, rows, data["paired"][loss], data["decided"][loss])
            for words, data in panels.items()
        }
        labels = [words if loss == 0 else "" for words, _ in ARMS.values()]
        draw_rows(axes, groups, labels, 1, 5, (0.1, 0.3, 1, 3))
        axes.set_title(MEASURED[loss], size=6)


SURROGATES = {
    "matched_usual": ("matched, through the reset", "surrogate_through"),
    "matched_detached_usual": ("matched, detached", "surrogate"),
    "broad_usual": ("slope × 1/4, through the reset", "surrogate_through_x0.25"),
    "broad_detached_usual": ("slope × 1/4, detached", "surrogate_x0.25"),
    "super_spike_through_usual": ("SuperSpike, through the reset", "super_spike"),
    "super_spike_usual": ("SuperSpike, detached", "super_spike"),
}
"""SGs by slope, shape and derivative of the reset: words, and whose look."""


def draw_surrogates(axes: Axes, panels: Data) -> None:
    """Draw final over first expected losses of SGs, by slope, shape and derivative of the reset.

    Args:
        axes: where.
        panels: regimes of noise by their words, with their pooled arrays.
    """
    groups = {
        words: {
            y: Estimate(data["relative"][0, names_of(data).index(arm)], LOOKS[look], True)
            for y, (arm, (_, look)) in enumerate(SURROGATES.items())
            if arm in names_of(data)
        }
        for words, data in panels.items()
    }
    labels = [words for words, _ in SURROGATES.values()]
    draw_rows(axes, groups, labels, size=5, ticks=(0.03, 0.1, 0.3, 1))
    axes.set_xlabel(
        "final loss / loss before training (upper: low noise, lower: high noise; bars: 95 %)",
        size=7,
    )
