"""Claims on single neurons: where surrogate gradients are exact, and the deterministic limit."""

from experiments.replication.claim import Claim
from experiments.replication.relations import abs_below, increasing, opposite_signs, within

PERCEPTRON = "one perceptron of 5 inputs per seed; 13 potentials, 400 trials each"
LIMIT = "one LIF network (20-30-10) per seed, 100 steps; 200 trials"

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "C1a",
        "In every sample, the matched surrogate gradient (SG) of a perceptron is the derivative "
        "dp/dw of its firing probability.",
        "largest |SG - dp/dw| over samples, weights and potentials",
        ("fig2.perceptron.sg_minus_exact_max",),
        abs_below(1e-12),
        "abstract; derivation in docs/estimators/surrogate.md",
        n=PERCEPTRON,
    ),
    Claim(
        "C1b",
        "In every sample, the matched SG of a LIF neuron with detached reset is the derivative of "
        "its firing probability given its own past spikes.",
        # The difference quotient of fourth order is off by h^4/30 times the fifth derivative, at
        # most (beta |dv/dw|)^5 / 4; with h = 1e-3, beta = 10 and |dv/dw| <= 1.21, by 2.2e-9.
        "largest |SG - dP(S[t]=1 | past)/dw| over time and weights; P is differentiated by finite "
        "differences, whose own error is up to 2e-9 (derivatives: up to 2.4)",
        ("fig2.lif.sg_minus_conditional_max",),
        abs_below(1e-8),
        "abstract; derivation in docs/estimators/surrogate.md",
        n="one neuron of 20 inputs per seed, one path of 120 steps",
        limit="a few times the error of the finite differences",
    ),
    Claim(
        "C1c",
        "Marginalised over the neuron's own past, the matched SG of a LIF neuron is biased, and "
        "can even have the wrong sign.",
        "exact dP(S[t]=1)/dw, and the expected SG",
        ("fig2.lif.marginal_exact", "fig2.lif.marginal_sg"),
        opposite_signs(),
        "our check",
        n="one neuron, its eighth step; all spike patterns",
    ),
    Claim(
        "C1d",
        "A nonlinear loss of one neuron breaks the equality: with the loss (S-z)^2 at p = 0.1 and "
        "z = 0.25, the expected matched SG is 2 (p - z) dp/dw.",
        "expected SG over dp/dw",
        ("fig2.perceptron.squared_loss_sg_over_slope",),
        within(-0.3, rtol=1e-12),
        "our check",
        n="one perceptron; exact means",
        given={"perceptron.reference_p": 0.1, "perceptron.target": 0.25},
    ),
    Claim(
        "C1e",
        "The exact derivative of the expected loss (S-z)^2 at p = 0.1 and z = 0.25, (1 - 2z) "
        "dp/dw, and the expected matched SG have opposite signs.",
        "exact derivative over dp/dw",
        ("fig2.perceptron.squared_loss_exact_over_slope",),
        within(0.5, rtol=1e-12),
        "our check",
        n="one perceptron; exact means",
        given={"perceptron.reference_p": 0.1, "perceptron.target": 0.25},
    ),
    Claim(
        "C8a",
        "Deterministic networks are the limit of vanishing noise: at a fixed surrogate slope the "
        "stochastic network's SG tends to the deterministic one.",
        "relative distance of the two at escape slopes 10000, 1000, 100, 10",
        tuple(f"fig2.limit.distance_beta_{b}" for b in (10000, 1000, 100, 10)),
        increasing(),
        "abstract",
        n=LIMIT,
    ),
    Claim(
        "C8b",
        "At escape slope 10 000, the stochastic network's SG has come within 5 % of the "
        "deterministic one.",
        "relative distance of the two at escape slope 10000",
        ("fig2.limit.distance_beta_10000",),
        abs_below(0.05),
        "abstract",
        n=LIMIT,
        limit="ours: a twentieth of the SG",
    ),
    Claim(
        "C8c",
        "The SG of a deterministic neuron is the slope of the stochastic neuron's mean response.",
        "largest |SG - slope| over potentials",
        ("fig1.neuron.surrogate_minus_slope_max",),
        abs_below(1e-12),
        "figure 1",
        n="one neuron, 401 potentials; exact means",
    ),
)
