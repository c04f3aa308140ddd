"""Claims beyond the paper, on figure 9: the true gradient of spiking networks over time."""

from beyond.experiments.study import claims
from experiments.replication.claim import Claim
from experiments.replication.relations import (
    above,
    below,
    increasing,
    ratio_below,
    within,
)

SOURCE = "figure 9, beyond the paper"
LARGER = "one network (20-20-10), 60 steps; 1 024 trials of stochastic AD, 512 of an SG"
SMALLEST_SLOPE, LARGEST_SLOPE = {"noise.betas[0]": 2.5}, {"noise.betas[-1]": 10.0}
TASKS = "one task a seed, 40 updates of 32 runs"


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "E12",
        "At escape slope 2.5 the matched SG through the reset has a cosine above 0.99 to the "
        "true gradient.",
        "cosine",
        ("fig9.noise.surrogate_through_cosine_first",),
        above(0.99),
        n=LARGER,
        limit="ours",
        given=SMALLEST_SLOPE,
    ),
    Claim(
        "E13",
        "At escape slope 2.5 the matched SG through the reset is as long as the true gradient, "
        "to 10 %.",
        "ratio of norms",
        ("fig9.noise.surrogate_through_ratio_first",),
        within(1.0, rtol=0.1),
        n=LARGER,
        limit="ours",
        given=SMALLEST_SLOPE,
    ),
    Claim(
        "E14",
        "At escape slope 10 detaching the reset worsens the matched SG's direction.",
        "cosine, detached and through",
        ("fig9.noise.surrogate_cosine_last", "fig9.noise.surrogate_through_cosine_last"),
        increasing(),
        n=LARGER,
        given=LARGEST_SLOPE,
    ),
    Claim(
        "E15",
        "At escape slope 10 the matched SG, reset detached, is over twice as long as the true "
        "gradient.",
        "ratio of norms",
        ("fig9.noise.surrogate_ratio_last",),
        above(2.0),
        n=LARGER,
        limit="ours",
        given=LARGEST_SLOPE,
    ),
    Claim(
        "E16",
        "At escape slope 2.5 a trial of the SG has less than a fifth of the variance of stochastic "
        "AD with 64 flips.",
        "relative variances, hidden weights: SG, stochastic AD",
        (
            "fig9.noise.variance_of_surrogate_through_hidden",
            "fig9.noise.variance_of_stochastic_ad_systematic_hidden",
        ),
        ratio_below(0.2),
        n=LARGER,
        given=SMALLEST_SLOPE | {"noise.n_flips": 64},
    ),
    Claim(
        "E17",
        "A network can be trained with unbiased stochastic AD.",
        "loss after training over before",
        ("fig9.trained_high_noise.stochastic_ad_systematic_final_over_first",),
        below(0.8),
        n=TASKS,
        kind="check",
        limit="between 0.55, which was measured, and 1, where nothing is learned",
        post_hoc=True,
    ),
    *claims("fig9"),
)
