"""Claims on learning to tell spoken digits apart."""

from experiments.replication.claim import Claim
from experiments.replication.relations import above, abs_below, ratio_below

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "C7a",
        "SG descent trains deep recurrent convolutional networks to classify speech, stochastic "
        "and deterministic ones.",
        "accuracy on 56 held-out utterances of 20 classes (chance: 0.05; exceeds 0.16 once in 570)",
        ("fig7.stochastic.held_out_accuracy", "fig7.deterministic.held_out_accuracy"),
        above(0.16),
        "figure 7",
    ),
    Claim(
        "C7b",
        "The hidden layers of the stochastic network learn, too.",
        "accuracy on training utterances with frozen hidden weights, over that of the whole "
        "network",
        ("fig7.stochastic_frozen.train_accuracy", "fig7.stochastic.train_accuracy"),
        ratio_below(0.75),
        "figure 7",
    ),
    Claim(
        "C7c",
        "So do those of the deterministic network.",
        "the same, with deterministic spikes",
        ("fig7.deterministic_frozen.train_accuracy", "fig7.deterministic.train_accuracy"),
        ratio_below(0.75),
        "figure 7",
    ),
    Claim(
        "C7d",
        "The trained stochastic network keeps its variability from trial to trial.",
        "Fano factors of spike counts over repeats of one utterance, layer by layer",
        tuple(f"fig7.stochastic.fano_of_counts_{layer}" for layer in (1, 2, 3)),
        above(0.1),
        "figure 7",
    ),
    Claim(
        "C7e",
        "The deterministic one has none.",
        "the same, without noise",
        tuple(f"fig7.deterministic.fano_of_counts_{layer}" for layer in (1, 2, 3)),
        abs_below(1e-12),
        "figure 7",
    ),
)
