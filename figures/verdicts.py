"""The rule for filled and hollow markers, one for all figures, with its words.

A marker of a comparison is filled if the comparison is decided at the 5 % level, and hollow if it
is undecided. The caption of a picture that has hollow markers contains `HOLLOW` and the reason.
Keys and axis labels contain `HOLLOW` or `BY_HOLM`. Markers that compare nothing, such as means of
data, are filled.
"""

import numpy as np

HOLLOW = "hollow: undecided"
"""Words of keys, axis labels and captions."""
BY_HOLM = f"{HOLLOW} (Holm)"
"""Words for Holm's procedure: the interval of an undecided value may lie beside the line."""
RULE = (
    "A comparison is undecided if its 95 % interval meets the line or the margin "
    "that it is compared with. If several comparisons are tested together, Holm's procedure "
    "decides; without an interval, the p-value does. The caption states which of them it is."
)
"""The rule, for the pages of figures."""


def decided(
    interval: np.ndarray, line: float, margins: tuple[float, float] | None = None
) -> np.ndarray:
    """Return whether intervals decide their comparisons.

    Args:
        interval: Lower and upper ends, ``(2, ...)``; NaN if there is none.
        line: No effect, or the margin of non-inferiority.
        margins: Equivalence; an interval between them decides, too.

    Returns:
        True if the interval lies beside the line or between the margins, ``(...)``.
    """
    low, high = np.asarray(interval, float)
    decides = (low > line) | (high < line)
    if margins is not None:
        decides |= (low > margins[0]) & (high < margins[1])
    return decides & np.isfinite([low, high]).all(axis=0)
