"""Names and looks of the methods that only figures 8 to 11 draw, beside the companion's.

These are mixtures, parts of gradients, and methods with another loss or another budget of forward
passes. In their names, "exact" is the exact gradient of the expected loss, "SG" the mean of a
surrogate gradient of a quarter of the noise's slope, and "orthogonal" means orthogonal to the exact
gradient.
"""

import re
from dataclasses import replace

from figures.looks import CROSSED, DASHDOT, DASHED, DOTTED, HEXAGRAM, SHIELD, Look, Looks, Variant
from figures.looks import LOOKS as COMPANION

UNKNOWN = "#e0e0e0"
"""Cells without a number."""

BUDGETS = {
    "one": ("1 trial", DOTTED),
    "more": ("4 × passes", (0, (7, 1.5))),
    "x8": ("8 × passes", (0, (4, 1, 1, 1, 1, 1, 1, 1))),
}
"""Words and dashes of a budget of forward passes other than the default, by the end of a name."""
BUDGET = re.compile(rf"(?P<base>.+?)_(?P<end>{'|'.join(BUDGETS)})")
LINEAR = re.compile(r"linear_loss_(?P<base>.+)")
"""A surrogate gradient of a loss that is linear in the spike."""


def _within(look: Look, match: re.Match[str]) -> Look:
    words, dashes = BUDGETS[match["end"]]
    return replace(look, label=f"{look.label}, {words}", dashes=dashes)


def _of_linear_loss(look: Look, match: re.Match[str]) -> Look:
    return replace(look, label=f"{look.label}, linear loss", dashes=DOTTED)


VARIANTS: tuple[Variant, ...] = ((LINEAR, _of_linear_loss), (BUDGET, _within))


def has_default_budget(name: str) -> bool:
    """Return whether a method has the default budget."""
    return not BUDGET.fullmatch(name)


LOOKS = Looks(
    {
        **COMPANION,
        # Broader noise smooths the network: an exact or unbiased gradient there has its own marker.
        "exact_x0.25": Look("exact gradient in 4 × broader noise", "smoothed", "8", DASHED),
        "unbiased_in_broader_noise": Look("unbiased, in 4 × broader noise", "smoothed", "P"),
        "surrogate_of_exact_length": Look("SG, as long as the exact", "surrogate", "X", DASHED),
        "broad_jittered": Look("SG + the unbiased one's noise", "surrogate", HEXAGRAM, DASHDOT),
        "exact_of_surrogate_length": Look("exact, as long as the SG", "exact", "p", DASHDOT),
        "exact_noisy": Look("exact + noise as long as the bias", "mixed", "o", DOTTED),
        "along": Look("the SG's part along the exact", "mixed", ">"),
        "orthogonal": Look("the SG's orthogonal part", "mixed", "<"),
        "plus_orthogonal": Look("exact + SG's orthogonal part", "mixed", "^"),
        "minus_orthogonal": Look("exact − SG's orthogonal part", "mixed", "v", DASHED),
        "plus_between": Look("exact + part from curvature", "mixed", "D"),
        "plus_linear": Look("exact + part without curvature", "mixed", "d", DOTTED),
        "plus_other_task": Look("exact + part for another task", "mixed", "X"),
        "plus_random_new": Look("exact + random, new each time", "mixed", "*", DOTTED),
        "plus_random_fixed": Look("exact + random, fixed", "mixed", "P", DASHDOT),
        "surrogate_readout": Look("SG at the output, exact elsewhere", "mixed", "H", DASHED),
        "surrogate_hidden": Look("exact at the output, SG elsewhere", "mixed", "s", DASHED),
        "broad_at_silent": Look("SG at silent neurons alone", "mixed", "p"),
        "unbiased_at_silent": Look("SG at all but silent neurons", "mixed", SHIELD, DASHED),
        "first_broad": Look("SG, then unbiased", "mixed", "8", DASHED),
        "annealed": Look("annealed slope", "mixed", CROSSED, DASHDOT),
        # Figure 11: derivatives of perturbed spike times, and births.
        "event_based": Look("EventProp", "perturbed", "D", DASHED),
        "pathwise": Look("pathwise, with noise", "perturbed", "s", DASHDOT),
        "births": Look("sampled births, unbiased", "unbiased", "p"),
    },
    VARIANTS,
)
