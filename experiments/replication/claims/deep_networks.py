"""Claims on networks of stochastic neurons: what surrogate gradients are, and are not."""

from experiments.replication.claim import Claim
from experiments.replication.relations import above, abs_below, below, within

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "C2a",
        "Marginalising the hidden states gives the exact derivative.",
        "largest relative difference of enumeration and transfer matrices",
        ("fig3.estimators.oracle_disagreement",),
        abs_below(1e-10),
        "abstract",
    ),
    Claim(
        "C2b",
        "Its cost is exponential in the number of neurons.",
        "evaluations with one more hidden unit, over without",
        ("fig3.cost.exact_enumeration_cost_ratio",),
        within(2.0),
        "abstract",
    ),
    Claim(
        "C2c",
        "With recurrence, it is exponential in neurons times steps.",
        "evaluations of two recurrent neurons for one more step, over without",
        ("fig3.cost.recurrent_cost_ratio_per_step",),
        within(4.0),
        "abstract",
    ),
    Claim(
        "C2d",
        "The SG's cost is constant.",
        "evaluations with one more hidden unit, over without",
        ("fig3.cost.surrogate_cost_ratio",),
        within(1.0),
        "abstract",
    ),
    Claim(
        "C3a",
        "In deep networks a matched SG is the smoothed stochastic derivative, path by path, for "
        "the straight-through mixture of couplings.",
        "largest difference over all paths and weights",
        ("fig3.paths.sg_minus_straight_through_max",),
        abs_below(1e-12),
        "abstract; docs/couplings.md",
    ),
    Claim(
        "C3b",
        "With other couplings it is not.",
        "relative difference for right, left and two-sided",
        (
            "fig3.paths.sg_minus_right_relative",
            "fig3.paths.sg_minus_left_relative",
            "fig3.paths.sg_minus_two_sided_relative",
        ),
        above(0.1),
        "our check",
    ),
    Claim(
        "C4a",
        "SGs are biased in deep networks.",
        "largest |z| of the matched SG against the exact derivative",
        ("fig3.estimators.surrogate_max_abs_z",),
        above(20.0),
        "abstract",
    ),
    Claim(
        "C4b",
        "Stochastic AD and the score function, on the same noise, are not.",
        "largest |z| of each",
        (
            "fig3.estimators.stochastic_ad_max_abs_z",
            "fig3.estimators.score_function_max_abs_z",
        ),
        below(5.0),
        "our check",
    ),
)
