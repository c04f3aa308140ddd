"""Claims beyond the paper, on figure 11: event-based gradients with a term on firing rates."""

from beyond.experiments.spike_times.firing_rates import PREDICTIONS
from experiments.replication.claim import Claim
from experiments.replication.relations import above, below, significant

SOURCE = "figure 11, beyond the paper; beyond/docs/event_training.md"
N = "64 draws of spike times (active, silent), 32 of first spikes; 16 others choose the options"
TERM = "a term on firing rates"
WORDS = {
    "broad_over_term": (
        "E180",
        f"On spike times, in noise, the broad SG ends lower than EventProp with {TERM}.",
    ),
    "quiet_broad_over_term": (
        "E181",
        "On spike times, trained and judged without noise, the broad SG ends lower than EventProp "
        f"with {TERM}.",
    ),
    "broad_over_pathwise_term": (
        "E182",
        f"On spike times, in noise, the broad SG ends lower than pathwise gradients with {TERM}.",
    ),
    "term": ("E183", f"Judged in noise EventProp ends lower with {TERM}."),
    "quiet_term": ("E184", f"Judged without noise EventProp ends lower with {TERM}."),
    "broad_above_term": (
        "E197",
        f"In a code of first spikes, in noise, EventProp with {TERM} ends lower than the broad SG.",
    ),
    "quiet_broad_above_term": (
        "E198",
        "In a code of first spikes, trained and judged without noise, EventProp with "
        f"{TERM} ends lower than the broad SG.",
    ),
}
"""Ids and statements of U1 to U5. The rule states the opposite of E197 and E198."""


def _claim(name: str) -> Claim:
    id_, words = WORDS[name]
    values = (*(f"fig11.{panel}.{name}" for panel in PREDICTIONS[name][-1]), f"fig11.{name}_p")
    quantity = "ratio of final losses, bootstrap interval; largest p, Holm for 14"
    turned = "above" in name
    relation = significant(above(1) if turned else below(1))
    return Claim(id_, words, quantity, values, relation, n=N, preset="paper", post_hoc=turned)


CLAIMS: tuple[Claim, ...] = tuple(map(_claim, WORDS))
