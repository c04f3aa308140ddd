"""Claims beyond the paper, on figure 10: is breadth a cure for a bad start?"""

from beyond.experiments.boolean.starts import AGAIN, FUNCTIONS, PREDICTIONS, TWICE, WINDOWS
from experiments.replication.claim import Claim
from experiments.replication.relations import above, significant

SOURCE = "figure 10, beyond the paper; beyond/docs/initial_weights.md"
N = "600 random functions, 400 of three literals, at slopes 16 and 4; 64 others choose; no sampling"
N_AGAIN = "1 000 random functions, 800 of three literals; 256 others choose; no sampling"
OWN = "With gain and rate chosen for each, "
RESPONSE = "the exact gradient of the mean response"
EXPECTED = "the exact gradient of the expected loss"
WORDS = {
    "breadth": ("E165", f"{OWN}the usual broad SG solves more Boolean tasks than {RESPONSE}."),
    "breadth_of_response": (
        "E166",
        f"{OWN}the broad SG of the mean response solves more Boolean tasks than its exact "
        "gradient.",
    ),
    "broad_over_expected": (
        "E167",
        f"{OWN}the usual broad SG solves more Boolean tasks than {EXPECTED}.",
    ),
    "loss": ("E168", f"{OWN}{RESPONSE} solves more Boolean tasks than that of the expected loss."),
    "surrogate": (
        "E169",
        f"{OWN}the usual broad SG solves more Boolean tasks than the matched one.",
    ),
    "best": (
        "E170",
        f"{OWN}the best of three SGs solves more Boolean tasks than the best of three exact "
        "gradients.",
    ),
    "start": (
        "E171",
        f"{RESPONSE[0].upper()}{RESPONSE[1:]} solves more Boolean tasks from its own initial "
        "gain than from gain 1.",
    ),
    "breadth_at_one": (
        "E172",
        f"From gain 1 the usual broad SG solves more Boolean tasks than {RESPONSE}.",
    ),
    "updates": (
        "E173",
        f"From gain 1 {RESPONSE} solves more Boolean tasks in 6 000 updates than in 600.",
    ),
    "breadth_long": (
        "E174",
        f"In 6 000 updates from gain 1 the usual broad SG solves more Boolean tasks than "
        f"{RESPONSE}.",
    ),
    "annealing": (
        "E175",
        f"From gain 1 {RESPONSE} solves more Boolean tasks if the slope of the noise rises from a "
        "quarter.",
    ),
    "breadth_annealed": (
        "E176",
        f"From gain 1 the usual broad SG solves more Boolean tasks than {RESPONSE}, annealed.",
    ),
}
"""Ids and statements of K1 to K12, which were made before the numbers."""
IDS_AGAIN = {"breadth": "E177", "breadth_of_response": "E178"}
TESTS = "difference of shares solved, bootstrap interval; largest p, Holm for {}"


def _claim(name: str) -> Claim:
    id_, words = WORDS[name]
    values = [
        f"fig10.{start}.{name}_slope_{slope}"
        for start, _ in FUNCTIONS.values()
        for slope in WINDOWS
    ]
    number = len(PREDICTIONS) * len(FUNCTIONS) * len(WINDOWS)
    relation, quantity = significant(above(0.0)), TESTS.format(number)
    values = (*values, f"fig10.{name}_p")
    return Claim(id_, words, quantity, values, relation, n=N, preset="paper")


def _again(name: str) -> Claim:
    words = f"In a second look, {WORDS[name][1][0].lower()}{WORDS[name][1][1:]}"
    values = (*(f"fig10.{panel}.{name}" for panel in AGAIN.values()), f"fig10.again_{name}_p")
    relation, quantity = significant(above(0.0)), TESTS.format(len(TWICE) * len(AGAIN))
    return Claim(IDS_AGAIN[name], words, quantity, values, relation, n=N_AGAIN, preset="paper")


CLAIMS: tuple[Claim, ...] = (*map(_claim, PREDICTIONS), *map(_again, TWICE))
