"""Claims on learning precise spike times.

C6a to C6d are decided at the smoke preset, early in training; C6e to C6j by the committed numbers
of the paper preset and the rule of `experiments.spike_timing.control`.
"""

from experiments.replication.claim import Claim
from experiments.replication.relations import above, interval_above, interval_below, ratio_below

NETWORK = "one network of each kind, 200 neurons a layer, 189 steps, 150 of 1 500 epochs"

RATIO = (
    "after training, over that of the control of the same seed: geometric mean, and Student's "
    "interval over seeds"
)
PAIRS = "one network of each kind and seed, 200 neurons a layer, 189 steps, 1 500 epochs"

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "C6a",
        "SG descent learns precise spike times: early in training, a deterministic network with "
        "trained hidden weights is nearer to the target in van Rossum distance than one with "
        "frozen ones and the published learning rate of the readout.",
        "van Rossum distance after training, over that with frozen hidden weights",
        ("fig6.deterministic.van_rossum", "fig6.deterministic_frozen.van_rossum"),
        ratio_below(0.5),
        "figure 6",
        n=NETWORK,
    ),
    Claim(
        "C6b",
        "Early in training, a stochastic network with trained hidden weights is nearer to the "
        "target in L2 distance than one with frozen ones.",
        "L2 distance after training, over that with frozen hidden weights",
        ("fig6.stochastic.l2", "fig6.stochastic_frozen.l2"),
        ratio_below(0.99),
        "figure 6",
        n=NETWORK,
    ),
    Claim(
        "C6c",
        "The hidden layer of the stochastic network fires more reliably after training.",
        "Fano factor per bin of the hidden layer, after over before training",
        ("fig6.stochastic.fano_hidden", "fig6.stochastic.first_fano_hidden"),
        ratio_below(0.92),
        "figure 6",
        n=NETWORK,
    ),
    Claim(
        "C6d",
        "It stays stochastic.",
        "Fano factors per bin of hidden and output layer after training",
        ("fig6.stochastic.fano_hidden", "fig6.stochastic.fano_output"),
        above(0.4),
        "figure 6",
        n=NETWORK,
    ),
    Claim(
        "C6e",
        "After training, the deterministic network with trained hidden weights has the "
        "smaller van Rossum distance.",
        "van Rossum distance " + RATIO,
        ("fig6.deterministic_frozen.van_rossum_ratio",),
        interval_below(1),
        "figure 6",
        n=PAIRS,
        preset="paper",
    ),
    Claim(
        "C6f",
        "After training, the deterministic network with frozen hidden weights has the smaller L2 "
        "distance.",
        "L2 distance " + RATIO,
        ("fig6.deterministic_frozen.l2_ratio",),
        interval_above(1),
        "our check, figure 6",
        n=PAIRS,
        preset="paper",
    ),
    Claim(
        "C6g",
        "After training, the stochastic network with trained hidden weights has the smaller "
        "van Rossum distance.",
        "van Rossum distance " + RATIO,
        ("fig6.stochastic_frozen.van_rossum_ratio",),
        interval_below(1),
        "figure 6",
        n=PAIRS,
        preset="paper",
    ),
    Claim(
        "C6h",
        "After training, the stochastic network with trained hidden weights has the smaller "
        "L2 distance.",
        "L2 distance " + RATIO,
        ("fig6.stochastic_frozen.l2_ratio",),
        interval_below(1),
        "figure 6",
        n=PAIRS,
        preset="paper",
    ),
    Claim(
        "C6i",
        "The deterministic network with trained hidden weights has the smaller van Rossum "
        "distance even where the readout of the control learns slowly enough to be steady.",
        "van Rossum distance " + RATIO,
        ("fig6.deterministic_frozen_slow.van_rossum_ratio",),
        interval_below(1),
        "our check, figure 6",
        n=PAIRS,
        preset="paper",
    ),
    Claim(
        "C6j",
        "Against the control with a steady readout, the deterministic network with trained "
        "hidden weights has the smaller L2 distance, too, by an interval that six comparisons "
        "would widen beyond 1.",
        "L2 distance " + RATIO,
        ("fig6.deterministic_frozen_slow.l2_ratio",),
        interval_below(1),
        "our check, figure 6",
        n=PAIRS,
        preset="paper",
    ),
    Claim(
        "C8d",
        "The deterministic network, threshold spikes with a finite-slope SG, learns by the same "
        "rule.",
        "van Rossum distance of the deterministic network, after over before training",
        ("fig6.deterministic.van_rossum", "fig6.deterministic.first_van_rossum"),
        ratio_below(0.05),
        "figure 6",
        n=NETWORK,
    ),
)
