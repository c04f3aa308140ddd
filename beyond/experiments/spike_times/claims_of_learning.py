"""Claims beyond the paper, on figure 11: networks that are trained on spike times."""

from experiments.replication.claim import Claim
from experiments.replication.relations import Relation, above, below, significant

SOURCE = "figure 11, beyond the paper; beyond/docs/event_gradients.md"
LEARNING = "mean log ratio of final losses in the noisy network, bootstrap interval; Holm for five"
QUIET = "mean log ratio of final losses without noise, bootstrap interval; Holm for five"
DRAWS = "32 draws (12-12-{} LIF neurons, 32 ms, slope 10)"


def _learned(name: str, statement: str, words: str, relation: Relation) -> Claim:
    """Return the claim that an arm ends lower, or higher, than a second arm in a task."""
    values, first = (f"fig11.{statement}", f"fig11.{statement}_p"), statement.startswith("first")
    quantity = QUIET if ".quiet" in statement else LEARNING
    draws = DRAWS.format(4 if first else 3)
    return Claim(name, words, quantity, values, significant(relation), n=draws, preset="paper")


CLAIMS: tuple[Claim, ...] = (
    # The opposite of E103, E104 and E107 was stated beforehand.
    _learned(
        "E103",
        "active.events_over_matched",
        "On spike times, from an active network, EventProp ends higher than the matched SG.",
        above(0.0),
    ),
    _learned(
        "E104",
        "active.events_over_broad",
        "On spike times, from an active network, EventProp ends higher than a broad SG.",
        above(0.0),
    ),
    _learned(
        "E105",
        "active.pathwise_over_unbiased",
        "On spike times, from an active network, pathwise with noise ends lower than unbiased.",
        below(0.0),
    ),
    _learned(
        "E107",
        "silent.unbiased_over_pathwise",
        "On spike times, from a silent network, unbiased ends higher than pathwise with noise.",
        above(0.0),
    ),
    _learned(
        "E129",
        "first_spikes.broad_over_events",
        "In a code of first spikes a broad SG ends lower than EventProp.",
        below(0.0),
    ),
    _learned(
        "E130",
        "first_spikes.matched_over_events",
        "In a code of first spikes the matched SG ends lower than EventProp.",
        below(0.0),
    ),
    _learned(
        "E131",
        "first_spikes.pathwise_over_unbiased",
        "In a code of first spikes pathwise with noise ends lower than unbiased.",
        below(0.0),
    ),
    _learned(
        "E132",
        "first_spikes.broad_over_pathwise",
        "In a code of first spikes a broad SG ends lower than pathwise with noise.",
        below(0.0),
    ),
    _learned(
        "E133",
        "first_spikes.quiet_broad_over_events",
        "In a code of first spikes, judged without noise, a broad SG ends lower than EventProp.",
        below(0.0),
    ),
)
