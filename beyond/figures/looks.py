"""Names and looks of the methods that only figures 8 to 11 draw, beside the companion's.

These are parts of gradients, and methods with another budget of forward passes. In their names,
"exact" is the exact gradient of the expected loss, "SG" the mean of a surrogate gradient of a
quarter of the noise's slope, and "orthogonal" means orthogonal to the exact gradient.
"""

import re
from dataclasses import replace

from figures.looks import CROSSED, DASHDOT, DOTTED, HEXAGRAM, SUNK, Look, Looks, Variant
from figures.looks import LOOKS as COMPANION

UNKNOWN = "#e0e0e0"
"""Cells without a number."""

BUDGETS = {
    "one": ("1 trial", DOTTED),
    "more": ("4 × passes", (0, (7, 1.5))),
}
"""Words and dashes of a budget of forward passes other than the default, by the end of a name."""
BUDGET = re.compile(rf"(?P<base>.+?)_(?P<end>{'|'.join(BUDGETS)})")


def _within(look: Look, match: re.Match[str]) -> Look:
    words, dashes = BUDGETS[match["end"]]
    return replace(look, label=f"{look.label}, {words}", dashes=dashes)


MIXTURES = (
    ("plus_orthogonal", "exact + SG's orthogonal part", "-"),
    ("plus_between", "exact + part from curvature", "-"),
    ("plus_linear", "exact + part without curvature", DOTTED),
)
"""Mixtures: name, label, and dashes where several are curves of one panel."""

VARIANTS: tuple[Variant, ...] = ((BUDGET, _within),)


def has_default_budget(name: str) -> bool:
    """Return whether a method has the default budget."""
    return not BUDGET.fullmatch(name)


LOOKS = Looks(
    {
        **COMPANION,
        # Mixtures share a marker: each has a row with its name.
        **{name: Look(label, "mixed", HEXAGRAM, dashes) for name, label, dashes in MIXTURES},
        # Figure 11: derivatives of perturbed spike times, and births.
        "event_based": Look("EventProp", "perturbed", "p"),
        "pathwise": Look("pathwise, with noise", "perturbed", CROSSED, DASHDOT),
        "births": Look("sampled births, unbiased", "unbiased", SUNK),
    },
    VARIANTS,
)
