"""Claims beyond the paper, on figure 10: slopes, resets and two losses; figure 6's task."""

from math import log

from beyond.experiments.lif.response_predictions import (
    ALIKE,
    PICTURE,
    REACHED,
    SLOPES,
    SLOPES_HIGH,
    SLOPES_LOW,
)
from experiments.replication.claim import Claim
from experiments.replication.relations import above, below, significant, within

SOURCE = "figure 10, beyond the paper; beyond/docs/hypotheses.md"
N = "32 tasks a regime, 16 others choose rates (LIF, 10-10-5, 40 steps), 400 updates of 32 runs"
PICTURES = "16 seeds, 16 others choose rates (50-50-50, 47 steps), one picture, 400 updates"
TESTS = "ratio of final losses: geometric mean, bootstrap interval; largest p, Holm for 16"
RATIO = "ratio of final losses: geometric mean, bootstrap interval"
LOG_RATIO = "mean log ratio of final losses, bootstrap interval"
GIVEN = {f"{SLOPES_HIGH}.beta": 10.0, f"{SLOPES_LOW}.beta": 40.0}
THROUGH, DETACHED = "through the reset", "with the reset detached"
RESETS_IN_LOW = "In low noise {} ends lower through the reset than detached."
FURTHER = "In high noise, {}, a broad SG ends lower than SuperSpike."
CHOICE = "In {} noise, {}, the choice of a broad surrogate ends lower than that of the matched one."
SAME = "Broad and SuperSpike SGs {} end alike, to a factor of 1.25."
SAME_RESETS = "In high noise {} SGs end alike through the reset and detached, to a factor of 1.25."
REACHES = "end with more than 1.25 times the {} of broad SGs."


def _one(id_: str, words: str, panel: str, name: str) -> Claim:
    """Return the claim that an arm ends lower in a panel, by a test."""
    return _tested(id_, words, (f"{panel}.{name}", f"{panel}.{name}_p"), lower=True)


def _tested(id_: str, words: str, names: tuple[str, ...], lower: bool) -> Claim:
    relation = significant(below(1.0) if lower else above(1.0))
    values = tuple(f"fig10.{name}" for name in names)
    return Claim(id_, words, TESTS, values, relation, n=N, preset="paper", given=GIVEN)


def _alike(id_: str, words: str, *names: str) -> Claim:
    """Return the claim that log ratios lie within the margin."""
    values = tuple(f"fig10.{name}" for name in names)
    relation, limit = within(0.0, atol=log(ALIKE)), "ours: as committed before the numbers"
    common = {"limit": limit, "n": N, "preset": "paper", "given": GIVEN}
    return Claim(id_, words, LOG_RATIO, values, relation, **common)


def _painted(id_: str, words: str, name: str) -> Claim:
    """Return the claim on unbiased gradients of the mean response in figure 6's task."""
    start = "In figure 6's task unbiased gradients of the loss of the mean response"
    values = (f"fig10.{PICTURE}.{name}",)
    words = f"{start} {words}"
    return Claim(id_, words, RATIO, values, above(REACHED), n=PICTURES, preset="paper")


# The committed rule of E149 stated that both end alike. The claim states what was found.
CLAIMS: tuple[Claim, ...] = (
    _one("E140", RESETS_IN_LOW.format("a broad SG"), SLOPES_LOW, "reset_of_broad"),
    _one("E141", RESETS_IN_LOW.format("a SuperSpike SG"), SLOPES_LOW, "reset_of_super_spike"),
    _one("E142", FURTHER.format(THROUGH), SLOPES_HIGH, "broad_over_super_spike_through"),
    _one("E143", FURTHER.format(DETACHED), SLOPES_HIGH, "broad_over_super_spike_detached"),
    _one("E144", CHOICE.format("high", THROUGH), SLOPES_HIGH, "choice_through"),
    _one("E145", CHOICE.format("high", DETACHED), SLOPES_HIGH, "choice_detached"),
    _one("E146", CHOICE.format("low", THROUGH), SLOPES_LOW, "choice_through"),
    _one("E147", CHOICE.format("low", DETACHED), SLOPES_LOW, "choice_detached"),
    _alike("E148", SAME.format(THROUGH), *(f"{panel}.alike_through" for panel in SLOPES)),
    Claim(
        "E149",
        "In low noise, with the reset detached, a broad SG ends higher than SuperSpike, by more "
        "than a factor of 1.25.",
        LOG_RATIO,
        (f"fig10.{SLOPES_LOW}.alike_detached",),
        above(log(ALIKE)),
        limit="ours: committed before the numbers, as a limit from above",
        n=N,
        preset="paper",
        given=GIVEN,
    ),
    _alike("E150", SAME_RESETS.format("broad"), f"{SLOPES_HIGH}.alike_reset_of_broad"),
    _alike("E151", SAME_RESETS.format("SuperSpike"), f"{SLOPES_HIGH}.alike_reset_of_super_spike"),
    _painted("E154", REACHES.format("expected loss"), "reached_in_expected"),
    _painted("E155", REACHES.format("loss of the mean response"), "reached_in_response"),
)
