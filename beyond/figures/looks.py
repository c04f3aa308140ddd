"""Names and looks of the methods that only figures 8 to 11 draw, beside the companion's.

These are mixtures, parts of gradients, and methods with another loss or another budget of forward
passes. In their names, "exact" is the exact gradient of the expected loss, "SG" the mean of a
surrogate gradient of a quarter of the noise's slope, and "orthogonal" means orthogonal to the exact
gradient.
"""

import re
from dataclasses import replace

from figures.looks import (
    CROSSED,
    DASHDOT,
    DASHED,
    DOTTED,
    HEXAGRAM,
    SUNK,
    Look,
    Looks,
    Variant,
)
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


MIXTURES = (
    ("exact_noisy", "exact + noise as long as the bias", DOTTED),
    ("along", "the SG's part along the exact", "-"),
    ("orthogonal", "the SG's orthogonal part", DASHED),
    ("plus_orthogonal", "exact + SG's orthogonal part", "-"),
    ("minus_orthogonal", "exact − SG's orthogonal part", DASHED),
    ("plus_between", "exact + part from curvature", "-"),
    ("plus_linear", "exact + part without curvature", DOTTED),
    ("plus_other_task", "exact + part for another task", "-"),
    ("plus_random_new", "exact + random, new each time", DOTTED),
    ("plus_random_fixed", "exact + random, fixed", DASHDOT),
    ("surrogate_readout", "SG at the output, exact elsewhere", DASHED),
    ("surrogate_hidden", "exact at the output, SG elsewhere", DASHED),
    ("broad_at_silent", "SG at silent neurons alone", "-"),
    ("unbiased_at_silent", "SG at all but silent neurons", DASHED),
    ("first_broad", "SG, then unbiased", DASHED),
    ("annealed", "annealed slope", DASHDOT),
)
"""Mixtures: name, label, and dashes where several are curves of one panel."""

VARIANTS: tuple[Variant, ...] = ((LINEAR, _of_linear_loss), (BUDGET, _within))


def has_default_budget(name: str) -> bool:
    """Return whether a method has the default budget."""
    return not BUDGET.fullmatch(name)


LOOKS = Looks(
    {
        **COMPANION,
        # Broader noise smooths the network.
        "exact_x0.25": Look("exact gradient in 4 × broader noise", "smoothed", "8", DASHED),
        "unbiased_in_broader_noise": Look("unbiased, in 4 × broader noise", "smoothed", "P"),
        # Mixtures and changed lengths share a marker: each has a row with its name.
        "surrogate_of_exact_length": Look(
            "SG, as long as the exact gradient", "surrogate", HEXAGRAM, DASHED
        ),
        "broad_jittered": Look("SG + the unbiased one's noise", "surrogate", HEXAGRAM, DASHDOT),
        "exact_of_surrogate_length": Look(
            "exact gradient, as long as the SG", "exact", HEXAGRAM, DASHDOT
        ),
        **{name: Look(label, "mixed", HEXAGRAM, dashes) for name, label, dashes in MIXTURES},
        # Figure 11: derivatives of perturbed spike times, and births.
        "event_based": Look("EventProp", "perturbed", "p"),
        "pathwise": Look("pathwise, with noise", "perturbed", CROSSED, DASHDOT),
        "births": Look("sampled births, unbiased", "unbiased", SUNK),
    },
    VARIANTS,
)
