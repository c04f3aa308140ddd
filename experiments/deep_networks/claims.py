"""Claims on networks of stochastic neurons: what surrogate gradients are, and are not."""

from experiments.engine.quantity import at
from experiments.replication.claim import Claim
from experiments.replication.relations import above, abs_below, below
from experiments.statistics import ROUNDING

PATHS = "one network (2-3-2-1); all 64 spike patterns"
SIZES = "layered networks of 10 to 14 hidden units; Student's interval of the fit"
UNBIASED = ("stochastic_ad", "stochastic_ad_few_flips", "score_function")
SAMPLED = "one network (2-3-2-1), 20 parameters; 4 096 trials"

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "C2a",
        "Marginalising all hidden states of a smoothed probabilistic model gives the exact "
        "derivative.",
        "relative difference of enumeration and transfer matrices",
        ("fig3.estimators.oracle_disagreement",),
        abs_below(10 * ROUNDING),
        "abstract",
        n=PATHS,
        kind="identity",
    ),
    Claim(
        "C2e",
        "Time and memory of the gradient of a probabilistic model double with about every hidden "
        "unit.",
        "measured doublings per unit: time, memory",
        (
            "fig3.measured.time_doublings[exact_enumeration]",
            "fig3.measured.memory_doublings[exact_enumeration]",
        ),
        above(0.5),
        "abstract",
        n=SIZES,
        limit="ours: half of a doubling",
        post_hoc=True,
    ),
    Claim(
        "C2f",
        "Time and memory of an SG hardly grow with hidden units.",
        "measured doublings per unit: time, memory",
        ("fig3.measured.time_doublings[surrogate]", "fig3.measured.memory_doublings[surrogate]"),
        below(0.25),
        "abstract",
        n=SIZES,
        limit="ours: a quarter of a doubling",
        post_hoc=True,
    ),
    Claim(
        "C3a",
        "In deep networks a matched SG is, on every path, the smoothed stochastic derivative for "
        "straight-through coupling.",
        "largest difference, paths and weights",
        ("fig3.paths.sg_minus_smoothed_max[straight_through]",),
        abs_below(10 * ROUNDING),
        "abstract; docs/couplings.md",
        n=PATHS,
        kind="identity",
    ),
    Claim(
        "C3b",
        "For right, left or two-sided coupling the smoothed stochastic derivative is not the "
        "matched SG.",
        "relative difference: right, left, two-sided",
        (
            "fig3.paths.sg_minus_smoothed_relative[right]",
            "fig3.paths.sg_minus_smoothed_relative[left]",
            "fig3.paths.sg_minus_smoothed_relative[two_sided]",
        ),
        above(ROUNDING),
        "our check",
        n=PATHS,
        kind="example",
    ),
    Claim(
        "C4a",
        "In deep stochastic networks the matched SG is biased.",
        "largest |z| against the exact derivative",
        ("fig3.estimators.max_abs_z[surrogate]",),
        above(20.0),
        "abstract",
        n=SAMPLED,
        limit="a bias that is claimed must be twice as clear as one that must be caught, 10",
        kind="example",
    ),
    Claim(
        "C4b",
        "Stochastic AD (all flips, two) and the score function have less than half of the SG's "
        "bias.",
        "each bias along the SG's, over the latter",
        tuple(at("fig3.estimators.bias_over_that_of_sg", name) for name in UNBIASED),
        abs_below(0.5),
        "our check",
        n=SAMPLED,
        limit="half of the bias that must be told from none, by a power of 10 standard errors",
        given={"estimators.n_flips": 2},
        kind="example",
        post_hoc=True,
    ),
)
