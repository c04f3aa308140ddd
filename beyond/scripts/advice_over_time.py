"""Rows of the tables of advice that figure 8 does not decide: see `beyond.scripts.advice`."""

from scripts.code import code

TRAININGS = "[table of trainings](true_gradient.md#training)"

SUPER_SPIKE = "SuperSpike, slope 10, reset detached"

STEPS = f"{code('super_spike')[:-1]}, forward=snn.threshold)"
"""The same in a network without noise."""

ENUMERATED = (
    "any program, *n* random spikes",
    "any",
    "2^*n*",
    "all paths",
    "`snn.ExactEnumeration()`",
    "1; 1",
    "1.00",
    "exact; ten neurons take 1 024 runs",
)

OVER_TIME = (
    (
        "spikes over time, one hidden layer",
        "slope 10 to 40",
        "32",
        SUPER_SPIKE,
        f"`{code('super_spike')}`",
        "by final loss, not by cosine: 0.12 to 0.63 of unbiased stochastic AD's in six "
        "combinations of slope and recurrence (6 to 15 tasks each, every 95 % interval below 1, "
        f"four of them after correction for 36 comparisons; {TRAININGS})",
        "upper end of an interval 0.75",
        "biased, and a third of the true norm; a quarter of the matched slope, through the reset, "
        "does better in all six, significantly in none",
    ),
    (
        "spikes over time, three recurrent layers",
        "slope 10",
        "1",
        SUPER_SPIKE,
        "the same",
        "not known at this size",
        "three networks",
        "do not match the slope: the first layer's gradient norm at initialisation is then more "
        "than a million times that with SuperSpike ([figure 7](../../docs/figures.md#figure-7) f)",
    ),
    (
        "spikes over time, one hidden layer, or three recurrent layers",
        "none",
        "1",
        "SuperSpike, slope 10, steps",
        f"`{STEPS}`",
        "none: the exact gradient is 0",
        "five networks; three networks",
        "trains either (figures 6 and 7); figure 6's rule ignores the reset, in figure 7 it is "
        "detached, as here",
    ),
)
"""Rows of the table of advice, from figures 6, 7 and 9."""

DECIDED = (
    (
        "at most ten random spikes (neurons × steps), or an `snn.MLP` with layers of at most 8",
        "any β",
        f"`{code('exact_enumeration')}`; `snn.MLP`: `{code('transfer_matrix')}`",
        "exact",
    ),
    (
        "LIF neurons over time, one hidden layer, recurrent or not",
        "β = 10 to 40",
        f"`{code('super_spike')}`",
        f"by final loss: {TRAININGS}",
    ),
    (
        "LIF neurons over time, several layers, recurrent",
        "β = 10",
        f"`{code('super_spike')}`; the matched `snn.Surrogate()` explodes",
        "not known (figure 7)",
    ),
    (
        "LIF neurons over time, one hidden layer, or several, recurrent",
        "none",
        f"`{STEPS}`",
        "none: the exact gradient is 0 (figures 6, 7)",
    ),
    (
        "LIF neurons over time, several layers, feed-forward",
        "any",
        f"untested: `{code('super_spike')}`; without noise as above",
        "not known",
    ),
)
"""Rows of the table of decisions."""
