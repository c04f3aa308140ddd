"""Claims on training, and on the deterministic network as a limit."""

from experiments.engine.claims import Claim
from experiments.engine.relations import Above, AbsBelow, Increasing, RatioBelow

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "C6a",
        "SG descent learns precise spike times: the hidden layer of a deterministic network "
        "learns, too.",
        "van Rossum distance after training, over that with frozen hidden weights",
        ("fig6.deterministic.van_rossum", "fig6.deterministic_frozen.van_rossum"),
        RatioBelow(0.5),
        "figure 6",
    ),
    Claim(
        "C6b",
        "So does that of a stochastic network.",
        "L2 distance after training, over that with frozen hidden weights",
        ("fig6.stochastic.l2", "fig6.stochastic_frozen.l2"),
        RatioBelow(0.99),
        "figure 6",
    ),
    Claim(
        "C6c",
        "The hidden layer of the stochastic network fires more reliably after training.",
        "Fano factor per bin of the hidden layer, after over before training",
        ("fig6.stochastic.fano_hidden", "fig6.stochastic.first_fano_hidden"),
        RatioBelow(0.92),
        "figure 6",
    ),
    Claim(
        "C6d",
        "It stays stochastic.",
        "Fano factors per bin of hidden and output layer after training",
        ("fig6.stochastic.fano_hidden", "fig6.stochastic.fano_output"),
        Above(0.4),
        "figure 6",
    ),
    Claim(
        "C7a",
        "SG descent trains deep recurrent convolutional networks to classify speech, stochastic "
        "and deterministic ones.",
        "accuracy on 56 held-out utterances of 20 classes (chance: 0.05; exceeds 0.16 once in 570)",
        ("fig7.stochastic.held_out_accuracy", "fig7.deterministic.held_out_accuracy"),
        Above(0.16),
        "figure 7",
    ),
    Claim(
        "C7b",
        "The hidden layers of the stochastic network learn, too.",
        "accuracy on training utterances with frozen hidden weights, over that of the whole "
        "network",
        ("fig7.stochastic_frozen.train_accuracy", "fig7.stochastic.train_accuracy"),
        RatioBelow(0.75),
        "figure 7",
    ),
    Claim(
        "C7c",
        "So do those of the deterministic network.",
        "the same, with deterministic spikes",
        ("fig7.deterministic_frozen.train_accuracy", "fig7.deterministic.train_accuracy"),
        RatioBelow(0.75),
        "figure 7",
    ),
    Claim(
        "C7d",
        "The trained stochastic network keeps its variability from trial to trial.",
        "Fano factors of spike counts over repeats of one utterance, layer by layer",
        tuple(f"fig7.stochastic.fano_of_counts_{layer}" for layer in (1, 2, 3)),
        Above(0.1),
        "figure 7",
    ),
    Claim(
        "C7e",
        "The deterministic one has none.",
        "the same, without noise",
        tuple(f"fig7.deterministic.fano_of_counts_{layer}" for layer in (1, 2, 3)),
        AbsBelow(1e-12),
        "figure 7",
    ),
    Claim(
        "C8a",
        "Deterministic networks are the limit of vanishing noise: at a fixed surrogate slope the "
        "stochastic network's SG tends to the deterministic one.",
        "relative distance in a LIF network at escape slopes 10000, 1000, 100, 10",
        tuple(f"fig2.limit.distance_beta_{b}" for b in (10000, 1000, 100, 10)),
        Increasing(),
        "abstract",
    ),
    Claim(
        "C8b",
        "The distance vanishes.",
        "relative distance in a LIF network at escape slope 10000",
        ("fig2.limit.distance_beta_10000",),
        AbsBelow(0.05),
        "abstract",
    ),
    Claim(
        "C8c",
        "The surrogate of the deterministic neuron is the slope of the stochastic one's mean.",
        "largest |SG - slope| over potentials",
        ("fig1.neuron.surrogate_minus_slope_max",),
        AbsBelow(1e-12),
        "figure 1",
    ),
    Claim(
        "C8d",
        "The deterministic network, threshold spikes with a finite-slope SG, learns by the same "
        "rule.",
        "van Rossum distance of the deterministic network, after over before training",
        ("fig6.deterministic.van_rossum", "fig6.deterministic.first_van_rossum"),
        RatioBelow(0.05),
        "figure 6",
    ),
)
