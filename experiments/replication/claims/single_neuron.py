"""Claims on single neurons: where surrogate gradients are exact, and the deterministic limit."""

from experiments.replication.claim import Claim
from experiments.replication.relations import abs_below, increasing, opposite_signs, within

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "C1a",
        "The matched surrogate gradient (SG) of a perceptron is dp/dw in every sample.",
        "largest |SG - dp/dw| over samples and potentials",
        ("fig2.perceptron.sg_minus_exact_max",),
        abs_below(1e-12),
        "abstract; derivation in docs/estimators/surrogate.md",
    ),
    Claim(
        "C1b",
        "That of a LIF neuron, reset detached, is the derivative of the spike probability given "
        "the neuron's own past.",
        "largest |SG - dP(S[t]=1 | past)/dw| over time and trials",
        ("fig2.lif.sg_minus_conditional_max",),
        abs_below(1e-6),
        "abstract; derivation in docs/estimators/surrogate.md",
    ),
    Claim(
        "C1c",
        "Marginalised over its own past, the same SG is biased, even in sign.",
        "exact dP(S[t]=1)/dw, and the expected SG",
        ("fig2.lif.marginal_exact", "fig2.lif.marginal_sg"),
        opposite_signs(),
        "our check",
    ),
    Claim(
        "C1d",
        "A nonlinear loss of one neuron breaks the equality: (S-z)^2 at p = 0.1, z = 0.25.",
        "E[SG] over the slope p': 2 (p - z)",
        ("fig2.perceptron.squared_loss_sg_over_slope",),
        within(-0.3, rtol=1e-9),
        "our check",
    ),
    Claim(
        "C1e",
        "The exact derivative of that loss has the other sign.",
        "exact derivative over the slope p': 1 - 2z",
        ("fig2.perceptron.squared_loss_exact_over_slope",),
        within(0.5, rtol=1e-9),
        "our check",
    ),
    Claim(
        "C8a",
        "Deterministic networks are the limit of vanishing noise: at a fixed surrogate slope the "
        "stochastic network's SG tends to the deterministic one.",
        "relative distance in a LIF network at escape slopes 10000, 1000, 100, 10",
        tuple(f"fig2.limit.distance_beta_{b}" for b in (10000, 1000, 100, 10)),
        increasing(),
        "abstract",
    ),
    Claim(
        "C8b",
        "The distance vanishes.",
        "relative distance in a LIF network at escape slope 10000",
        ("fig2.limit.distance_beta_10000",),
        abs_below(0.05),
        "abstract",
    ),
    Claim(
        "C8c",
        "The surrogate of the deterministic neuron is the slope of the stochastic one's mean.",
        "largest |SG - slope| over potentials",
        ("fig1.neuron.surrogate_minus_slope_max",),
        abs_below(1e-12),
        "figure 1",
    ),
)
