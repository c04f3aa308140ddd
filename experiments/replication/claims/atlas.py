"""Claims beyond the paper: on estimators that it does not have."""

from experiments.replication.claim import Claim
from experiments.replication.relations import above, abs_below, below, increasing, within

UNBIASED = ("stochastic_ad", "stochastic_ad_few_flips", "disarm", "score_function")
SOURCE = "our extension, figure 8"
SAMPLED = "10 networks, two hidden layers of 3, slopes 1 and 4; 8 192 trials each"
EXACT = "10 networks, two hidden layers of 3; exact means"


def at(name: str, beta: int, what: str) -> str:
    """A quantity of one cell: two hidden layers of three neurons, quadratic loss."""
    return f"fig8.beta.{name}_d2_w3_b{beta}_c1_{what}"


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "E1",
        "Stochastic AD with all flips and with few, DisARM and the score function are unbiased.",
        "mean projection of each onto the gradient, over its squared norm",
        tuple(f"fig8.beta.{name}_projection" for name in UNBIASED),
        within(1.0, atol=0.005),
        SOURCE,
        n=SAMPLED,
    ),
    Claim(
        "E2",
        "So they are in each random network.",
        "largest |z| of the projection, over networks",
        tuple(f"fig8.beta.{name}_max_abs_z" for name in UNBIASED),
        below(5.0),
        SOURCE,
        n=SAMPLED,
    ),
    Claim(
        "E3a",
        "Smoothed two-sided stochastic AD is ReinMax for binary units, in every spike pattern.",
        "largest relative difference",
        ("fig8.identities.two_sided_minus_reinmax",),
        abs_below(1e-12),
        SOURCE,
        n="10 networks, two hidden layers of 3, two outputs; all 256 spike patterns",
    ),
    Claim(
        "E3b",
        "The matched SG is not.",
        "largest relative difference",
        ("fig8.identities.straight_through_minus_reinmax",),
        above(0.1),
        SOURCE,
        n="as E3a",
    ),
    Claim(
        "E4a",
        "It is exact for a loss that is quadratic in the spikes of one layer.",
        "largest relative bias",
        ("fig8.identities.two_sided_bias_quadratic",),
        abs_below(1e-12),
        SOURCE,
        n="10 networks of one layer of 3; exact means",
    ),
    Claim(
        "E4b",
        "The matched SG is not.",
        "largest relative bias",
        ("fig8.identities.straight_through_bias_quadratic",),
        above(0.1),
        SOURCE,
        n="as E4a",
    ),
    Claim(
        "E5a",
        "The path sample-analytic estimator is exact with one hidden layer and one output.",
        "largest relative bias",
        ("fig8.identities.path_sample_analytic_bias_one_hidden_layer",),
        abs_below(1e-12),
        SOURCE,
        n="10 networks, one hidden layer of 3; exact means",
    ),
    Claim(
        "E5b",
        "With two hidden layers it is not.",
        "largest relative bias",
        ("fig8.identities.path_sample_analytic_bias_two_hidden_layers",),
        above(1e-4),
        SOURCE,
        n="10 networks, two hidden layers of 3; exact means",
    ),
    Claim(
        "E6",
        "Among estimators of one run, bias falls from the matched SG to two-sided smoothing to the "
        "path sample-analytic estimator.",
        "median relative bias of random networks, the last one first",
        tuple(
            at(name, 4, "bias")
            for name in ("path_sample_analytic", "smoothed_two_sided", "surrogate")
        ),
        increasing(),
        SOURCE,
        n=EXACT,
    ),
    Claim(
        "E7",
        "The steeper the SG beyond the matched slope, the more its direction is off.",
        "mean cosine of E[SG] and gradient at 4, 2 and 1 times the slope",
        tuple(at(name, 1, "cosine") for name in ("surrogate_x4", "surrogate_x2", "surrogate")),
        increasing(),
        SOURCE,
        n=EXACT,
    ),
    Claim(
        "E8",
        "Fewer runs of the network cost variance: that of few flips, of DisARM and of the score "
        "function exceeds that of stochastic AD with all flips.",
        "mean log10 of the ratio, over networks",
        tuple(f"fig8.beta.{name}_log10_variance_ratio" for name in UNBIASED[1:]),
        above(0.1),
        SOURCE,
        n=SAMPLED,
    ),
)
