"""Claims on networks of stochastic neurons: what surrogate gradients are, and are not."""

from experiments.replication.claim import Claim
from experiments.replication.relations import above, abs_below, below, within

PATHS = "one network (2-3-2-1); all 64 spike patterns"
SAMPLED = "one network (2-3-2-1), its 20 parameters; 4 096 trials"

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "C2a",
        "Marginalising all hidden states of a smoothed probabilistic model gives the exact "
        "derivative.",
        "largest relative difference of enumeration and transfer matrices",
        ("fig3.estimators.oracle_disagreement",),
        abs_below(1e-10),
        "abstract",
        n=PATHS,
    ),
    Claim(
        "C2b",
        "Marginalising the hidden states costs exponentially in the number of neurons: one more "
        "doubles the cost.",
        "evaluations of the network with one more hidden unit, over without",
        ("fig3.cost.exact_enumeration_cost_ratio",),
        within(2.0),
        "abstract",
        n="networks of 4 and 5 hidden units",
    ),
    Claim(
        "C2c",
        "With recurrence, the cost of marginalising is exponential in neurons times steps: of two "
        "neurons, one more step quadruples it.",
        "evaluations of two recurrent neurons for one more step, over without",
        ("fig3.cost.recurrent_cost_ratio_per_step",),
        within(4.0),
        "abstract",
        n="two LIF neurons, 1 and 2 steps",
    ),
    Claim(
        "C2d",
        "An SG takes the same number of evaluations of a network, however many neurons it has.",
        "evaluations of the network with one more hidden unit, over without",
        ("fig3.cost.surrogate_cost_ratio",),
        within(1.0),
        "abstract",
        n="networks of 4 and 5 hidden units",
    ),
    Claim(
        "C3a",
        "In deep networks a matched SG is the smoothed stochastic derivative, path by path, for "
        "the straight-through mixture of couplings.",
        "largest difference over all paths and weights",
        ("fig3.paths.sg_minus_straight_through_max",),
        abs_below(1e-12),
        "abstract; docs/couplings.md",
        n=PATHS,
    ),
    Claim(
        "C3b",
        "With the right, the left or the two-sided coupling, the smoothed stochastic derivative is "
        "not the matched SG.",
        "relative difference for right, left and two-sided",
        (
            "fig3.paths.sg_minus_right_relative",
            "fig3.paths.sg_minus_left_relative",
            "fig3.paths.sg_minus_two_sided_relative",
        ),
        above(0.1),
        "our check",
        n=PATHS,
    ),
    Claim(
        "C4a",
        "In deep stochastic networks the matched SG is biased.",
        "largest |z| of the matched SG against the exact derivative",
        ("fig3.estimators.surrogate_max_abs_z",),
        above(20.0),
        "abstract",
        n=SAMPLED,
    ),
    Claim(
        "C4b",
        "On the same noise, stochastic AD and the score function show no bias.",
        "largest |z| of each against the exact derivative",
        (
            "fig3.estimators.stochastic_ad_max_abs_z",
            "fig3.estimators.score_function_max_abs_z",
        ),
        below(5.0),
        "our check",
        n=SAMPLED,
    ),
)
