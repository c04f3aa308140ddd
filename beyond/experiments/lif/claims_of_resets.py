"""Claims beyond the paper, on figure 9: gradients through the reset, and causes of harm."""

from beyond.experiments.lif.resets_over_time import DIRECTION, MARGIN
from experiments.replication.claim import Claim
from experiments.replication.relations import Relation, above, below, significant, within

SOURCE = "figure 9, beyond the paper; beyond/docs/hypotheses.md"
N = "32 tasks (LIF), 16 others choose rates"
REGIMES = {"resets_easy": "High noise", "resets_steep": "Low noise"}
TESTED = "Holm for 14"
LOG_RATIO = "mean log ratio of final losses, through over detached or changed over not"
LOG_RATIO += f"; bootstrap interval; {TESTED}"
COSINE = f"mean cosine of an update, through minus detached; {TESTED}"
ALIKE = "losses end alike through the reset and detached, to a factor of 1.25."
FURTHER = "the matched SG through the reset trains further."
LESS_FAR = "the matched SG through the reset trains less far."
DETACHED, UNTURNED = ", against detached: ", ", if no reset turns its sign: "


STATED: dict[str, tuple[str, Relation]] = {
    "scaled": (f", scaled sigmoid: {ALIKE}", within(0.0, atol=MARGIN)),
    "super_spike": (f", SuperSpike: {ALIKE}", within(0.0, atol=MARGIN)),
    "matched": (DETACHED + LESS_FAR, above(0.0)),
    "length": (f", if no reset makes it longer: {FURTHER}", below(0.0)),
    "sign": (UNTURNED + FURTHER, below(0.0)),
    "variance": (f", with four times the runs: {FURTHER}", below(0.0)),
    DIRECTION: (
        ": the matched SG before training points better through the reset than detached.",
        above(0.0),
    ),
}
"""Claim of a prediction that held."""
TURNED: dict[str, tuple[str, Relation]] = {
    "E73": (DETACHED + FURTHER, below(0.0)),
    "E75": (UNTURNED + LESS_FAR, above(0.0)),
    "E84": (
        ": the matched SG before training points further off through the reset than detached.",
        below(0.0),
    ),
}
"""Claim of a result whose opposite had been predicted."""


def _stated(name: str, panel: str, statement: str) -> Claim:
    words, relation = TURNED.get(name, STATED[statement])
    return Claim(
        name,
        REGIMES[panel] + words,
        COSINE if statement == DIRECTION else LOG_RATIO,
        (f"fig9.{panel}.{statement}", f"fig9.{panel}.{statement}_p"),
        significant(relation),
        n=N,
        preset="paper",
    )


CLAIMS: tuple[Claim, ...] = (
    _stated("E71", "resets_easy", "scaled"),
    _stated("E72", "resets_easy", "super_spike"),
    _stated("E73", "resets_easy", "matched"),
    _stated("E74", "resets_easy", "length"),
    _stated("E75", "resets_easy", "sign"),
    _stated("E76", "resets_easy", "variance"),
    _stated("E77", "resets_easy", DIRECTION),
    _stated("E78", "resets_steep", "scaled"),
    _stated("E79", "resets_steep", "super_spike"),
    _stated("E80", "resets_steep", "matched"),
    _stated("E81", "resets_steep", "length"),
    _stated("E82", "resets_steep", "sign"),
    _stated("E83", "resets_steep", "variance"),
    _stated("E84", "resets_steep", DIRECTION),
)
