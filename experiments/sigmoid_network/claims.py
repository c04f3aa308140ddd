"""Claims on the network of five weights: wrong signs, and fields that are not gradients."""

from experiments.replication.claim import Claim
from experiments.replication.relations import (
    above,
    abs_above,
    abs_below,
    increasing,
    opposite_signs,
    within,
)

SCAN = "one network; 10 001 values of w"
LOOPS = "one network; circles of radius 1.8"
STOCHASTIC_LOOP = "one network; one circle of radius 1.8"
QUADRATURE = 1e-9

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "C4c",
        "In a differentiable network of slope 100 an SG of slope 15 has the wrong sign at 53.27 "
        "% of the weights w scanned.",
        "share of w",
        ("fig4.along_w.wrong_sign_fraction_15",),
        within(0.5327, atol=2e-4),
        "figure 4",
        n=SCAN,
        limit="the published computation, run again; two points of the scan",
        given={"along_w.beta_forward": 100.0},
    ),
    Claim(
        "C4d",
        "Descent along an SG of another slope than the network's can miss the output's minimum.",
        "w at the minimum of the output, of the integrated SG (slope 15)",
        ("fig4.along_w.minimum_of_output", "fig4.along_w.minimum_of_integrated_sg_15"),
        increasing(),
        "figure 4",
        n=SCAN,
        given={"along_w.beta_forward": 100.0},
    ),
    Claim(
        "C4e",
        "In a stochastic network the expected matched SG can have the wrong sign.",
        "exact derivative for w, expected SG",
        ("fig4.stochastic.exact", "fig4.stochastic.expected_sg"),
        opposite_signs(),
        "figure 4, our extension",
        n="one network of five weights; all 16 spike patterns",
    ),
    Claim(
        "C4f",
        "At the network's own slope, 20, the SG vanishes to rounding where the network saturates.",
        "norm of the SG",
        ("fig4.plane.sg_norm_20",),
        abs_below(1e-15),
        "figure 4",
        n="one network, (v1, v2) = (1.7, -1.3)",
        given={"plane.beta_forward": 20.0},
    ),
    Claim(
        "C4g",
        "Where a saturated network's gradient vanishes to rounding, an SG of slope 2 does not.",
        "norm of the SG",
        ("fig4.plane.sg_norm_2",),
        above(1e-12),
        "figure 4",
        n="one network, (v1, v2) = (1.7, -1.3)",
        given={"plane.beta_forward": 20.0},
    ),
    Claim(
        "C5a",
        "Around two closed loops an SG's integral does not vanish, so it is not a gradient.",
        "integrals at slopes 1, 5, 20; first loop, second",
        tuple(f"fig5.{loop}.sg_loop_{b}" for loop in ("published", "second") for b in (1, 5, 20)),
        abs_above(QUADRATURE),
        "figure 5",
        n=LOOPS,
        limit="ten times the tolerance of the integrals",
    ),
    Claim(
        "C5b",
        "Around two closed loops the integral of the smoothed network's gradient vanishes.",
        "integrals at slopes 1, 5, 20; first loop, second",
        tuple(
            f"fig5.{loop}.smoothed_loop_{b}" for loop in ("published", "second") for b in (1, 5, 20)
        ),
        abs_below(1e-14),
        "figure 5",
        n=LOOPS,
    ),
    Claim(
        "C5c",
        "Around a closed loop the integral of a stochastic network's expected matched SG does not "
        "vanish, so it is not a gradient.",
        "integral at slope 5",
        ("fig5.stochastic.expected_sg_loop",),
        abs_above(QUADRATURE),
        "figure 5, our extension",
        n=STOCHASTIC_LOOP,
        given={"stochastic.beta": 5.0},
        limit="ten times the tolerance of the integral",
    ),
    Claim(
        "C5d",
        "Around a closed loop the integral of a stochastic network's exact gradient vanishes.",
        "integral at slope 5",
        ("fig5.stochastic.exact_loop",),
        abs_below(1e-14),
        "figure 5, our extension",
        n=STOCHASTIC_LOOP,
        given={"stochastic.beta": 5.0},
    ),
)
