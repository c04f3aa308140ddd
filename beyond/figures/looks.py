"""Names and looks of the methods that only figures 8 to 11 draw, beside the companion's.

These are parts of gradients, and methods with another budget of forward passes. In their names,
"exact" is the exact gradient of the expected loss, "SG" the mean of a surrogate gradient of a
quarter of the noise's slope, and "orthogonal" means orthogonal to the exact gradient.
"""

from dataclasses import replace

from figures.looks import CROSSED, DASHDOT, DOTTED, HEXAGRAM, SUNK, Look, Looks
from figures.looks import LOOKS as COMPANION

UNKNOWN = "#e0e0e0"
"""Cells without a number."""

BUDGETS = {
    "_one": ("1 trial", DOTTED),
    "_more": ("4 × passes", (0, (7, 1.5))),
}
"""Words and dashes of a budget of forward passes other than the default, by the end of a name."""
MIXTURES = (
    ("plus_orthogonal", "exact + SG's orthogonal part", "-"),
    ("plus_between", "exact + part from curvature", "-"),
    ("plus_linear", "exact + part without curvature", DOTTED),
)
"""Mixtures: name, label, and dashes where several are curves of one panel."""


def has_default_budget(name: str) -> bool:
    """Return whether a method has the default budget."""
    return not name.endswith(tuple(BUDGETS))


class Budgeted(Looks):
    """Looks by method, whatever its budget."""

    def __missing__(self, name: str) -> Look:
        """Return the look of a method of another budget, slope, or of a name without a row."""
        for end, (words, dashes) in BUDGETS.items():
            if name.endswith(end):
                look = self[name.removesuffix(end)]
                return replace(look, label=f"{look.label}, {words}", dashes=dashes)
        return super().__missing__(name)


LOOKS = Budgeted(
    {
        **COMPANION,
        # Mixtures share a marker: each has a row with its name.
        **{name: Look(label, "mixed", HEXAGRAM, dashes) for name, label, dashes in MIXTURES},
        # Figure 11: derivatives of perturbed spike times, and births.
        "event_based": Look("EventProp", "perturbed", "p"),
        "pathwise": Look("pathwise, with noise", "perturbed", CROSSED, DASHDOT),
        "births": Look("sampled births, unbiased", "unbiased", SUNK),
    }
)
