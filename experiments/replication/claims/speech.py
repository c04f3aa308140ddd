"""Claims on learning to tell spoken digits apart.

C7a to C7e are decided at the smoke preset, whose data are too few to compare the two spike modes.
C7f, "as good as deterministic", is decided by the committed numbers of preset `medium` and by a
rule that was fixed before they were there: with seeds 0, 1 and 2 for both modes, test accuracy of
the stochastic minus the deterministic network of the same seed, each under its own spikes;
Student's 95 % interval over seeds; margin -0.03. An interval above the margin: holds
(non-inferior). Below: fails (inferior). Otherwise: undecided. See `experiments.speech.comparison`.
"""

from experiments.replication.claim import Claim
from experiments.replication.relations import above, abs_below, interval_above, ratio_below
from experiments.speech.comparison import MARGIN

SMALL = "one small network per mode (8, 16, 32 filters, 140 channels), 144 training utterances"

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "C7a",
        "SG descent trains deep recurrent convolutional networks, stochastic and deterministic "
        "ones, to classify speech: two small networks are above chance on 56 held-out utterances.",
        "accuracy on 16 validation and 40 test utterances of 20 classes, stochastic and "
        "deterministic (chance: 0.05), and Wilson's interval over utterances",
        ("fig7.stochastic.held_out_accuracy", "fig7.deterministic.held_out_accuracy"),
        above(0.05),
        "figure 7",
        n=SMALL,
    ),
    Claim(
        "C7b",
        "The hidden layers of the stochastic network learn, too: with frozen hidden weights it "
        "learns its training utterances less well.",
        "accuracy on training utterances with frozen hidden weights, over that of the whole "
        "network",
        ("fig7.stochastic_frozen.train_accuracy", "fig7.stochastic.train_accuracy"),
        ratio_below(0.75),
        "figure 7",
        n=SMALL,
    ),
    Claim(
        "C7c",
        "The hidden layers of the deterministic network learn, too: with frozen hidden weights it "
        "learns its training utterances less well.",
        "accuracy on training utterances with frozen hidden weights, over that of the whole "
        "network",
        ("fig7.deterministic_frozen.train_accuracy", "fig7.deterministic.train_accuracy"),
        ratio_below(0.75),
        "figure 7",
        n=SMALL,
    ),
    Claim(
        "C7d",
        "The trained stochastic network keeps its variability from trial to trial.",
        "Fano factors of spike counts over repeats of one utterance, layers 1, 2 and 3",
        tuple(f"fig7.stochastic.fano_of_counts_{layer}" for layer in (1, 2, 3)),
        above(0.1),
        "figure 7",
        n="the network of C7a, 32 repeats of one test utterance",
    ),
    Claim(
        "C7e",
        "The trained deterministic network does not vary from trial to trial.",
        "Fano factors of spike counts over repeats of one utterance, layers 1, 2 and 3",
        tuple(f"fig7.deterministic.fano_of_counts_{layer}" for layer in (1, 2, 3)),
        abs_below(1e-12),
        "figure 7",
        n="the network of C7a, 32 repeats of one test utterance",
    ),
    Claim(
        "C7f",
        "Stochastic networks classify speech as well as deterministic ones, up to 0.03 of test "
        "accuracy.",
        "test accuracy of the stochastic minus the deterministic network of the same seed, each "
        "under its own spikes: mean, and Student's interval over seeds",
        ("fig7.stochastic.minus_deterministic",),
        interval_above(MARGIN),
        "figure 7",
        n="the published network, one per mode and seed; 2 700 training, 800 test utterances",
        preset="medium",
    ),
)
