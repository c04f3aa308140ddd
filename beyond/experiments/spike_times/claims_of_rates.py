"""Claims beyond the paper, on figure 11: event-based gradients with a term on firing rates."""

from beyond.experiments.spike_times.firing_rates import PREDICTIONS
from experiments.replication.claim import Claim
from experiments.replication.relations import below, significant

SOURCE = "figure 11, beyond the paper; beyond/docs/event_gradients.md"
N = "64, 64, 32 draws, 16 others choose the options; active, silent, first spikes"
WORDS = {
    "broad_over_term": (
        "E180",
        "In noise the broad SG ends lower than EventProp with a term on firing rates.",
    ),
    "quiet_broad_over_term": (
        "E181",
        "Trained and judged without noise the broad SG ends lower than EventProp with a term on "
        "firing rates.",
    ),
    "broad_over_pathwise_term": (
        "E182",
        "In noise the broad SG ends lower than pathwise gradients with a term on firing rates.",
    ),
    "term": ("E183", "Judged in noise EventProp ends lower with a term on firing rates."),
    "quiet_term": (
        "E184",
        "Judged without noise EventProp ends lower with a term on firing rates.",
    ),
}
"""Ids and statements of U1 to U5."""


def _claim(name: str) -> Claim:
    id_, words = WORDS[name]
    values = (*(f"fig11.{panel}.{name}" for panel in PREDICTIONS[name][-1]), f"fig11.{name}_p")
    quantity = "ratio of final losses, bootstrap interval; largest p, Holm for 14"
    return Claim(id_, words, quantity, values, significant(below(1)), n=N, preset="paper")


CLAIMS: tuple[Claim, ...] = tuple(map(_claim, PREDICTIONS))
