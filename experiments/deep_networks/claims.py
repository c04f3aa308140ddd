"""Claims on networks of stochastic neurons: what surrogate gradients are, and are not."""

from experiments.replication.claim import Claim
from experiments.replication.relations import above, abs_below, within
from experiments.statistics import ROUNDING

PATHS = "one network (2-3-2-1); all 64 spike patterns"
UNBIASED = ("stochastic_ad", "stochastic_ad_few_flips", "score_function")
SAMPLED = "one network (2-3-2-1), 20 parameters; 4 096 trials"

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "C2a",
        "Marginalising all hidden states of a smoothed probabilistic model gives the exact "
        "derivative.",
        "relative difference of enumeration and transfer matrices",
        ("fig3.estimators.oracle_disagreement",),
        abs_below(ROUNDING),
        "abstract",
        n=PATHS,
    ),
    Claim(
        "C2b",
        "Marginalising is exponential in neurons, as one more doubles the runs.",
        "ratio of runs per gradient",
        ("fig3.cost.exact_enumeration_cost_ratio",),
        within(2.0, rtol=ROUNDING),
        "abstract",
        n="networks of 4 and 5 hidden units",
    ),
    Claim(
        "C2c",
        "With two recurrent neurons one more step quadruples the runs of marginalising.",
        "ratio of runs per gradient",
        ("fig3.cost.recurrent_cost_ratio_per_step",),
        within(4.0, rtol=ROUNDING),
        "abstract",
        n="two LIF neurons, 1 and 2 steps",
        given={"cost.recurrent_neurons": 2},
    ),
    Claim(
        "C2d",
        "An SG's runs do not depend on the number of neurons.",
        "ratio of runs per gradient",
        ("fig3.cost.surrogate_cost_ratio",),
        within(1.0, rtol=ROUNDING),
        "abstract",
        n="networks of 4 and 5 hidden units",
    ),
    Claim(
        "C3a",
        "In deep networks a matched SG is, on every path, the smoothed stochastic derivative for "
        "straight-through coupling.",
        "largest difference, paths and weights",
        ("fig3.paths.sg_minus_straight_through_max",),
        abs_below(ROUNDING),
        "abstract; docs/couplings.md",
        n=PATHS,
    ),
    Claim(
        "C3b",
        "For right, left or two-sided coupling the smoothed stochastic derivative is not the "
        "matched SG.",
        "relative difference: right, left, two-sided",
        (
            "fig3.paths.sg_minus_right_relative",
            "fig3.paths.sg_minus_left_relative",
            "fig3.paths.sg_minus_two_sided_relative",
        ),
        above(ROUNDING),
        "our check",
        n=PATHS,
    ),
    Claim(
        "C4a",
        "In deep stochastic networks the matched SG is biased.",
        "largest |z| against the exact derivative",
        ("fig3.estimators.surrogate_max_abs_z",),
        above(20.0),
        "abstract",
        n=SAMPLED,
        limit="a bias that is claimed must be twice as clear as one that must be caught, 10",
    ),
    Claim(
        "C4b",
        "Stochastic AD (all flips, two) and the score function have less than half of the SG's "
        "bias.",
        "each bias along the SG's, over the latter",
        tuple(f"fig3.estimators.{name}_bias_over_that_of_sg" for name in UNBIASED),
        abs_below(0.5),
        "our check",
        n=SAMPLED,
        limit="half of the bias that must be told from none, by a power of 10 standard errors",
        given={"estimators.n_flips": 2},
    ),
)
