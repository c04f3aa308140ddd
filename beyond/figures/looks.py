"""Names and looks of the methods that only figures 8 to 11 draw, beside the companion's.

These are mixtures, parts of gradients, and methods with another loss or another budget of forward
passes. h is the exact gradient, g the mean of a surrogate gradient of a quarter of the noise's
slope.
"""

import re
from dataclasses import replace

from figures.looks import DASHDOT, DASHED, DOTTED, Look, Looks, Variant
from figures.looks import LOOKS as COMPANION

UNKNOWN = "#e0e0e0"
"""Cells without a number."""

BUDGETS = {
    "one": ("1 trial", DOTTED),
    "more": ("4 × passes", (0, (4, 1, 1, 1, 1, 1))),
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
        # Broader noise smooths the network.
        "exact_x0.25": Look("exact gradient in 4 × broader noise", "smoothed", "*", DASHED),
        "unbiased_in_broader_noise": Look("C: unbiased, 4 × broader noise", "smoothed", "*"),
        "surrogate_of_exact_length": Look("g, of h's length", "surrogate", "h", DASHED),
        "broad_jittered": Look("D: broad + noise of unbiased", "surrogate", "s", DASHDOT),
        "exact_of_surrogate_length": Look("h, of g's length", "exact", "8", DASHDOT),
        "exact_noisy": Look("h + noise of the bias's length", "mixed", "h", DOTTED),
        "along": Look("part of g along h", "mixed", ">"),
        "orthogonal": Look("part of g orthogonal to h", "mixed", "<"),
        "plus_orthogonal": Look("h + orthogonal part of g", "mixed", "D"),
        "minus_orthogonal": Look("h − orthogonal part of g", "mixed", "D", DASHED),
        "plus_between": Look("h + orthogonal part of $g_c$", "mixed", "d"),
        "plus_linear": Look("h + orthogonal part of $g_0$", "mixed", "d", DOTTED),
        "plus_other_task": Look("h + orthogonal part for another task", "mixed", "X"),
        "plus_random_new": Look("h + random, new each time", "mixed", "X", DOTTED),
        "plus_random_fixed": Look("h + random, fixed", "mixed", "P", DASHDOT),
        "surrogate_readout": Look("g at the output, h elsewhere", "mixed", "H", DASHED),
        "surrogate_hidden": Look("h at the output, g elsewhere", "mixed", "X", DASHED),
        "broad_at_silent": Look("A: broad at silent neurons alone", "mixed", "H"),
        "unbiased_at_silent": Look("B: broad at all but silent neurons", "mixed", "h", DASHED),
        "first_broad": Look("broad, then unbiased", "mixed", "d", DASHED),
        "annealed": Look("annealed slope", "mixed", "D", DASHDOT),
        # Figure 11: derivatives of perturbed spike times, and births.
        "event_based": Look("EventProp", "perturbed", "D", DASHED),
        "pathwise": Look("pathwise, with noise", "perturbed", "X", DASHDOT),
        "births": Look("births, one a run", "unbiased", "p"),
    },
    VARIANTS,
)
