"""Claims on learning precise spike times."""

from experiments.replication.claim import Claim
from experiments.replication.relations import above, ratio_below

NETWORK = "one network of each kind, 200 neurons a layer, 189 steps, 150 of 1 500 epochs"

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "C6a",
        "SG descent learns precise spike times: the hidden layer of a deterministic network "
        "learns, too.",
        "van Rossum distance after training, over that with frozen hidden weights",
        ("fig6.deterministic.van_rossum", "fig6.deterministic_frozen.van_rossum"),
        ratio_below(0.5),
        "figure 6",
        n=NETWORK,
    ),
    Claim(
        "C6b",
        "So does that of a stochastic network.",
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
