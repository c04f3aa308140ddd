"""Claims on single neurons: where surrogate gradients are exact, and the deterministic limit."""

from experiments.engine.quantity import at
from experiments.replication.claim import Claim
from experiments.replication.relations import abs_below, increasing, opposite_signs
from experiments.statistics import ROUNDING

PERCEPTRON = "one perceptron a seed; 13 potentials, 400 trials each"
LIMIT = "one LIF network (20-30-10) per seed; 200 trials"

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "C1a",
        "In every sample a perceptron's matched surrogate gradient (SG) is the derivative of its "
        "firing probability p.",
        "largest |SG - dp/dw|",
        ("fig2.perceptron.minus_exact_max[sg]",),
        abs_below(10 * ROUNDING),
        "abstract; derivation in docs/estimators/surrogate.md",
        n=PERCEPTRON,
        kind="identity",
    ),
    Claim(
        "C1b",
        "In every sample a LIF neuron's matched SG, reset detached, is the derivative of its "
        "firing probability given the past.",
        # The difference quotient of fourth order is off by h^4/30 times the fifth derivative, at
        # most (beta |dv/dw|)^5 / 4; with h = 1e-3, beta = 10 and |dv/dw| <= 1.21, by 2.2e-9.
        "largest |SG - finite difference| (error up to 2e-9)",
        ("fig2.lif.minus_conditional_max[sg]",),
        abs_below(1e-8),
        "abstract; derivation in docs/estimators/surrogate.md",
        n="one neuron and path (120 steps) a seed",
        limit="a few times the error of the finite differences",
        kind="identity",
        post_hoc=True,
    ),
    Claim(
        "C1c",
        "Averaged over the past, the matched SG can have the wrong sign.",
        "exact dP(S[t]=1)/dw, expected SG",
        ("fig2.lif.marginal[exact]", "fig2.lif.marginal[sg]"),
        opposite_signs(),
        "our check",
        n="one neuron, eighth step; all spike patterns",
        kind="example",
    ),
    Claim(
        "C1f",
        "For escape noise of the shape of SuperSpike and for Gaussian noise, too, a perceptron's "
        "matched SG is in every sample the derivative of p.",
        "largest |SG - dp/dw|: SuperSpike, Gaussian",
        ("fig2.superspike.minus_exact_max[sg]", "fig2.gaussian.minus_exact_max[sg]"),
        abs_below(10 * ROUNDING),
        "abstract; derivation in docs/estimators/surrogate.md",
        n=PERCEPTRON,
        kind="identity",
    ),
    Claim(
        "C8a",
        "As noise vanishes, a stochastic network's SG with a fixed surrogate tends to the "
        "deterministic network's.",
        "relative distance at escape slopes 10000, 1000, 100, 10",
        tuple(at("fig2.limit.distance", b) for b in (10000, 1000, 100, 10)),
        increasing(),
        "abstract",
        n=LIMIT,
        kind="example",
    ),
    Claim(
        "C8b",
        "At escape slope 10 000 a stochastic network's SG is within 5 % of the deterministic "
        "network's.",
        "relative distance",
        ("fig2.limit.distance[10000]",),
        abs_below(0.05),
        "abstract",
        n=LIMIT,
        limit="ours: a twentieth of the SG",
        kind="example",
    ),
    Claim(
        "C8c",
        "A deterministic neuron's SG is the slope of the stochastic neuron's mean response.",
        "largest |SG - slope|",
        ("fig1.neuron.surrogate_minus_slope_max",),
        abs_below(10 * ROUNDING),
        "figure 1",
        n="one neuron, 401 potentials; exact",
        kind="identity",
    ),
)
