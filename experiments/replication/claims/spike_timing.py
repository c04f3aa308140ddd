"""Claims on learning precise spike times."""

from experiments.replication.claim import Claim
from experiments.replication.relations import above, ratio_below, ratio_between

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "C6a",
        "SG descent learns precise spike times: a deterministic network with trained hidden "
        "weights ends at a smaller van Rossum distance than with frozen ones, the readout at its "
        "published learning rate.",
        "van Rossum distance after 150 epochs, over that with frozen hidden weights (1 seed)",
        ("fig6.deterministic.van_rossum", "fig6.deterministic_frozen.van_rossum"),
        ratio_below(0.5),
        "figure 6",
    ),
    Claim(
        "C6e",
        "In the L2 distance of the deterministic network nothing is gained: after 1 500 epochs the "
        "frozen one is lower in five of five seeds (table below), after 150 the two are alike.",
        "L2 distance after 150 epochs, over that with frozen hidden weights (1 seed)",
        ("fig6.deterministic.l2", "fig6.deterministic_frozen.l2"),
        ratio_between(0.95, 1.05),
        "our check, figure 6",
    ),
    Claim(
        "C6b",
        "A stochastic network with trained hidden weights ends at a smaller L2 distance than with "
        "frozen ones.",
        "L2 distance after 150 epochs, over that with frozen hidden weights (1 seed)",
        ("fig6.stochastic.l2", "fig6.stochastic_frozen.l2"),
        ratio_below(0.99),
        "figure 6",
    ),
    Claim(
        "C6f",
        "The van Rossum distance of the stochastic network is smaller, too, after 1 500 epochs "
        "(table below); after 150 the two are alike.",
        "van Rossum distance after 150 epochs, over that with frozen hidden weights (1 seed)",
        ("fig6.stochastic.van_rossum", "fig6.stochastic_frozen.van_rossum"),
        ratio_between(0.7, 1.3),
        "figure 6",
    ),
    Claim(
        "C6c",
        "The hidden layer of the stochastic network fires more reliably after training.",
        "Fano factor per bin of the hidden layer, after over before training",
        ("fig6.stochastic.fano_hidden", "fig6.stochastic.first_fano_hidden"),
        ratio_below(0.92),
        "figure 6",
    ),
    Claim(
        "C6d",
        "It stays stochastic.",
        "Fano factors per bin of hidden and output layer after training",
        ("fig6.stochastic.fano_hidden", "fig6.stochastic.fano_output"),
        above(0.4),
        "figure 6",
    ),
    Claim(
        "C8d",
        "The deterministic network, threshold spikes with a finite-slope SG, learns by the same "
        "rule.",
        "van Rossum distance of the deterministic network, after over before training",
        ("fig6.deterministic.van_rossum", "fig6.deterministic.first_van_rossum"),
        ratio_below(0.05),
        "figure 6",
    ),
)
