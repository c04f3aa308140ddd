"""Claims on the network of five weights: wrong signs, and fields that are no gradients."""

from experiments.replication.claim import Claim
from experiments.replication.relations import (
    above,
    abs_above,
    abs_below,
    increasing,
    opposite_signs,
    within,
)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "C4c",
        "In a differentiable network with a mismatched slope, the SG has the wrong sign.",
        "share of weights w with the wrong sign at surrogate slope 15",
        ("fig4.along_w.wrong_sign_fraction_15",),
        within(0.5327, atol=2e-4),
        "figure 4",
    ),
    Claim(
        "C4d",
        "Descent along it can end elsewhere.",
        "minima along w: of the integrated SG (slope 15), and of the output",
        ("fig4.along_w.minimum_of_output", "fig4.along_w.minimum_of_integrated_sg_15"),
        increasing(),
        "figure 4",
    ),
    Claim(
        "C4e",
        "The matched SG of the stochastic network can have the wrong sign, too.",
        "exact derivative and expected SG for w",
        ("fig4.stochastic.exact", "fig4.stochastic.expected_sg"),
        opposite_signs(),
        "figure 4, our extension",
    ),
    Claim(
        "C4f",
        "Where the gradient is numerically zero,",
        "norm of the SG at slope 20, which is the gradient",
        ("fig4.plane.sg_norm_20",),
        abs_below(1e-15),
        "figure 4",
    ),
    Claim(
        "C4g",
        "SGs enable learning.",
        "norm of the SG at slope 2",
        ("fig4.plane.sg_norm_2",),
        above(0.01),
        "figure 4",
    ),
    Claim(
        "C5a",
        "SGs are not gradients: their integral along a closed path does not vanish.",
        "loop integrals at slopes 1, 5 and 20, two loops",
        tuple(f"fig5.{loop}.sg_loop_{b}" for loop in ("published", "second") for b in (1, 5, 20)),
        abs_above(0.02),
        "figure 5",
    ),
    Claim(
        "C5b",
        "That of the smoothed network's own gradient does.",
        "loop integrals at slopes 1, 5 and 20, two loops",
        tuple(
            f"fig5.{loop}.smoothed_loop_{b}" for loop in ("published", "second") for b in (1, 5, 20)
        ),
        abs_below(1e-14),
        "figure 5",
    ),
    Claim(
        "C5c",
        "The same holds for the expected matched SG of the stochastic network.",
        "loop integral at slope 5",
        ("fig5.stochastic.expected_sg_loop",),
        within(-0.25556, atol=1e-5),
        "figure 5, our extension",
    ),
    Claim(
        "C5d",
        "The stochastic network's exact gradient is one.",
        "loop integral of the exact gradient",
        ("fig5.stochastic.exact_loop",),
        abs_below(1e-14),
        "figure 5, our extension",
    ),
)
