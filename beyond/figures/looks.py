"""Looks of what figure 10 follows, beside the companion's: mixtures, and parts of gradients.

h is the exact gradient, g the mean of a surrogate gradient of a quarter of the noise's slope.
"""

from figures.looks import DASHDOT, DASHED, DOTTED, Look, Looks
from figures.looks import LOOKS as COMPANION

UNKNOWN = "#e0e0e0"
"""Cells without a number."""

LOOKS = Looks(
    {
        **COMPANION,
        # The gradient of a network in broader noise: one that is smoothed.
        "exact_x0.25": Look("exact gradient in 4× broader noise", "smoothed", "*", DASHED),
        "unbiased_in_broader_noise": Look("C: unbiased, 4× broader noise", "smoothed", "*"),
        "surrogate_of_exact_length": Look("g, of h's length", "surrogate", "d", DASHED),
        "broad_jittered": Look("D: broad + noise of unbiased", "surrogate", "P", DOTTED),
        "exact_of_surrogate_length": Look("h, of g's length", "exact", "8", DASHDOT),
        "exact_noisy": Look("h + noise of the bias's length", "mixed", "8", DOTTED),
        "along": Look("part of g along h", "mixed", ">"),
        "orthogonal": Look("part of g orthogonal to h", "mixed", "^"),
        "plus_orthogonal": Look("h + orthogonal part of g", "mixed", "o", short="h + orthogonal"),
        "minus_orthogonal": Look(
            "h − orthogonal part of g", "mixed", "H", DASHED, "h − orthogonal"
        ),
        "plus_between": Look("h + orthogonal part of $g_c$", "mixed", "s"),
        "plus_linear": Look("h + orthogonal part of $g_0$", "mixed", "s", DOTTED),
        "plus_other_task": Look("h + orthogonal part for another task", "mixed", "D"),
        "plus_random_new": Look("h + random, new each time", "mixed", "X", DOTTED, "h + random"),
        "plus_random_fixed": Look("h + random, fixed", "mixed", "P", DASHDOT),
        "surrogate_readout": Look("g at the output, h elsewhere", "mixed", "v"),
        "surrogate_hidden": Look("h at the output, g elsewhere", "mixed", "<"),
        "broad_at_silent": Look("A: broad at silent neurons alone", "mixed", "p"),
        "unbiased_at_silent": Look("B: broad at all but silent neurons", "mixed", "h", DASHED),
        "first_broad": Look("broad, then unbiased", "mixed", "d"),
        "annealed": Look("annealed slope", "mixed", "*", DASHDOT),
    }
)
