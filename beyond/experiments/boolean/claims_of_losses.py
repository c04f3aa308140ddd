"""Claims beyond the paper, on figure 10: does the gradient decide what learns, or the loss?"""

from beyond.experiments.boolean.loss_statements import (
    EQUIVALENT,
    HIGH,
    LATER,
    LOGIC,
    LOW,
    MARGIN,
    TESTED,
    WITHDRAWN,
)
from beyond.experiments.families import Compared
from experiments.replication.claim import Claim
from experiments.replication.relations import above, significant, within

SOURCE = "figure 10, beyond the paper; beyond/docs/hypotheses.md"
N = "800 new tasks a panel (three literals: 400), no sampling"
PLACES = {LOW: "low noise", HIGH: "high noise", LOGIC: "three literals"}
TESTS = "difference of shares solved, bootstrap interval; largest p, Holm for 15"
MARGINS = "difference of shares solved, bootstrap interval"
GIVEN = {f"{LOW}.beta": 16.0, f"{HIGH}.beta": 4.0}
WORDS = {
    "response_over_expected": (
        "E110",
        "The exact gradient of the loss of the mean response solves more "
        "Boolean tasks than that of the expected loss.",
    ),
    "entropy_over_expected": (
        "E111",
        "The exact gradient of the cross-entropy solves more Boolean tasks "
        "than that of the expected loss.",
    ),
    "broad_over_response": (
        "E112",
        "In low noise the usual broad SG solves more Boolean tasks than the "
        "exact gradient of the loss of the mean response.",
    ),
    "breadth": (
        "E113",
        "In low noise breadth helps: the broad SG of the loss of the mean response solves "
        "more Boolean tasks than its exact gradient.",
    ),
    "loss_of_broad": (
        "E116",
        "The broad SG of the loss of the mean response solves more Boolean tasks than "
        "that of the expected loss.",
    ),
    "broad_over_matched": (
        "E117",
        "Choice of the surrogate: a broad SG solves more Boolean tasks than "
        "the matched one, which the theory supports.",
    ),
    "response_equals_broad": (
        "E118",
        "In high noise the exact gradient of the loss of the mean response "
        "solves as many Boolean tasks as the usual broad SG, to 0.05.",
    ),
    "crossed_equals_usual": (
        "E119",
        "The broad SG of the loss of the mean response solves as many Boolean "
        "tasks as the usual broad SG, to 0.05.",
    ),
}
"""Ids and statements by prediction; all statements were made before the numbers."""


LATER_IDS = ("E156", "E159", "E160")
"""Ids of the statements on the new family whose directions were trained later."""
LATER_N = "400 tasks of three literals, no sampling"


def _words(pair: Compared) -> str:
    """Return a statement on the new family, without the noise, which is in its name."""
    sentence = WORDS[pair.prediction][1]
    for start in ("In low noise ", "Choice of the surrogate: "):
        sentence = sentence.removeprefix(start)
    return f"For three literals {sentence[0].lower()}{sentence[1:]}"


def _later(id_: str, pair: Compared) -> Claim:
    values = tuple(f"fig10.{LOGIC}.{name}" for name in (pair.prediction, f"{pair.prediction}_p"))
    quantity = TESTS.replace("15", f"{len(LATER) + WITHDRAWN}")
    relation = significant(above(0.0))
    return Claim(id_, _words(pair), quantity, values, relation, n=LATER_N, preset="paper")


def _claim(pair: Compared) -> Claim:
    id_, words = WORDS[pair.prediction]
    values = tuple(f"fig10.{panel}.{pair.prediction}" for panel in pair.panels)
    where = ", ".join(PLACES[panel] for panel in pair.panels)
    common = {"n": N, "preset": "paper", "given": GIVEN}
    if pair in EQUIVALENT:
        relation, limit = within(0.0, atol=MARGIN), "ours: as committed before the numbers"
        quantity = f"{MARGINS}; {where}"
        return Claim(id_, words, quantity, values, relation, limit=limit, **common)
    relation, quantity = significant(above(0.0)), f"{TESTS}; {where}"
    one = f"{pair.panels[0]}." if len(pair.panels) == 1 else ""
    values = (*values, f"fig10.{one}{pair.prediction}_p")
    return Claim(id_, words, quantity, values, relation, **common)


CLAIMS: tuple[Claim, ...] = (
    *map(_claim, (*TESTED, *EQUIVALENT)),
    *map(_later, LATER_IDS, LATER),
)
