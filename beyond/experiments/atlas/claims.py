"""Claims beyond the paper, on estimators that the paper does not have."""

import itertools

from experiments.replication.claim import Claim
from experiments.replication.relations import above, below, within

UNBIASED = ("stochastic_ad", "stochastic_ad_few_flips", "disarm", "score_function")
SOURCE = "our extension, figure 8"
SAMPLED = "40 networks (two layers of 3), slopes 1, 4; 2 048 trials"
MANY = "2 000 networks (two layers of 3); exact means, 95 % intervals by order statistics"

BY_BIAS = ("surrogate", "smoothed_two_sided", "path_sample_analytic")
"""Estimators with one forward pass, the most biased first."""


def cell(beta: int) -> str:
    """Return the name of a cell in quantities: two hidden layers of three neurons, squared loss."""
    return f"d2_w3_b{beta}_c1"


def opposed(name: str, beta: int) -> str:
    """Return the share of networks in which an estimator's mean opposes the gradient."""
    return f"fig8.directions.{name}_{cell(beta)}_opposed"


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "E1",
        "Stochastic AD (all flips, few), DisARM and the score function are unbiased, to 5 %.",
        "projection of each mean onto the gradient, relative",
        tuple(f"fig8.beta.{name}_projection" for name in UNBIASED),
        within(1.0, atol=0.05),
        n=SAMPLED,
        limit="the error of a derivative that `make verify` has to catch",
        post_hoc=True,
    ),
    Claim(
        "E2a",
        "Stochastic AD, DisARM and the score function show no bias in any random network.",
        "largest |z| of the projection",
        tuple(f"fig8.beta.{name}_max_abs_z" for name in UNBIASED),
        below(5.0),
        n=SAMPLED,
        limit="a normal mean exceeds it once in 1.7 million",
    ),
    Claim(
        "E6",
        "Bias falls from the matched SG to two-sided smoothing to path sample-analytic.",
        "median log10 ratio of neighbours' biases; slope 1, then 4",
        tuple(
            f"fig8.directions.{first}_over_{second}_{cell(beta)}_median"
            for beta in (1, 4)
            for first, second in itertools.pairwise(BY_BIAS)
        ),
        above(0.0),
        n=MANY,
    ),
    Claim(
        "E7",
        "In noise of slope 4 an SG of twice or four times the slope points further off than the "
        "matched one, in more than half of the networks.",
        "median difference of cosines, matched minus twice, minus four times",
        tuple(
            f"fig8.directions.surrogate_minus_{steep}_{cell(4)}_median"
            for steep in ("surrogate_x2", "surrogate_x4")
        ),
        above(0.0),
        n=MANY,
    ),
    Claim(
        "E8",
        "Few flips, DisARM and the score function have more variance than stochastic AD with all "
        "flips, each in more than half of the networks.",
        "share of networks with more variance, slopes 1 and 4; exact interval",
        tuple(
            f"fig8.variances.{name}_{cell(beta)}_more_variance"
            for name in UNBIASED[1:]
            for beta in (1, 4)
        ),
        above(0.5),
        n="1 000 networks (two layers of 3); 2 048 trials",
    ),
    Claim(
        "E9a",
        "At slopes 1 and 4 means of two-sided smoothing and path sample-analytic oppose the "
        "gradient in less than 1 % of random networks.",
        "share of networks with a negative cosine, slopes 1 and 4; exact interval",
        tuple(opposed(name, beta) for name in BY_BIAS[1:] for beta in (1, 4)),
        below(0.01),
        n=MANY,
        limit="ours: one network in a hundred",
        post_hoc=True,
    ),
    Claim(
        "E9b",
        "At slope 1 means of the matched SG and of mean field each oppose the gradient of some "
        "networks.",
        "share of networks with a negative cosine; exact interval",
        tuple(opposed(name, 1) for name in ("surrogate", "mean_field")),
        above(0.0),
        n=MANY,
    ),
)
