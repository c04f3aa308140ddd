"""Claims beyond the paper, on figure 10: predictions on losses that agree on all spike trains."""

from beyond.experiments.boolean.statements import MAPS, NEVER, RISES, SAME, WHICH
from beyond.experiments.lif.between_spikes_over_time import (
    LOST,
    PAINTED,
    PICTURE,
    REGIMES,
)
from beyond.experiments.lif.between_spikes_over_time import RISES as OVER_TIME
from experiments.replication.claim import Claim
from experiments.replication.relations import (
    above,
    below,
    significant,
    within,
)

EXACT = "the exact gradient of the expected loss"
SOURCE = "figure 10, beyond the paper; beyond/docs/hypotheses.md"
TASKS = "200 new tasks a slope (16, 4)"
SHARES = "difference of shares solved, bootstrap interval; largest p (Holm), if any"
RATIOS = "ratio of final losses: geometric mean, bootstrap interval; Holm"
LIF = "32 tasks a regime (LIF, 10-10-5, 40 steps)"
PICTURES = "48 seeds (quarter size: 50-50-50, 47 steps), one picture, 400 updates"


EACH = "at each surrogate slope"
BELOW = f"{EACH} below the noise's"
SOLVES = f"the larger solves more Boolean tasks {BELOW}."
MAPPED = {
    "lambda0_over_-0.5": (f"Lambda 0 versus -1/2: {SOLVES}", above(0)),
    "lambda0.5_over_0": (f"Lambda 1/2 versus 0: {SOLVES}", above(0)),
    "lambda1_over_0.5": (f"Lambda 1 versus 1/2: {SOLVES}", above(0)),
    "zero_over_exact": (
        f"Lambda 0 solves less than 0.05 more of the tasks than {EXACT} {EACH}.",
        below(0.05),
    ),
}
ZERO = "the orthogonal part of the SG of a function zero on spike trains"
PARTED = {
    "between_over_exact": (f"{EXACT.capitalize()} solves more tasks with {ZERO}.", above(0)),
    "between_over_linear": (
        f"At equal length {ZERO} is worth more than the linear loss's.",
        above(0),
    ),
    "between_over_orthogonal": (
        f"To 0.1 {ZERO} is as good as the whole SG's.",
        within(0, atol=0.1),
    ),
}


def _compared(name: str, prediction: str) -> Claim:
    """Return the claim on arms of Boolean tasks, in all panels of its family."""
    words, relation = (MAPPED | PARTED)[prediction]
    panels, n, limit = WHICH, TASKS.replace("200", "400"), ""
    ends = [""]
    if prediction in MAPPED:
        panels, n = MAPS, TASKS
        ends = [p.end for p in (*RISES, *NEVER) if p.prediction == prediction]
    values = [f"fig10.{panel}.{prediction}{end}" for panel in panels for end in ends]
    if prediction in {pair.prediction for pair in (*NEVER, *SAME)}:
        limit = "ours: as committed before the numbers"
    else:
        values, relation = [*values, f"fig10.{prediction}_p"], significant(relation)
    return Claim(name, words, SHARES, tuple(values), relation, limit=limit, n=n, preset="paper")


def _lost(name: str, panel: str, where: str) -> Claim:
    words = f"{where} noise: broad SGs with lambda 0 lose at least half of their lead over "
    words += "unbiased gradients."
    quantity = "lost share of the lead in log loss, bootstrap interval; Holm"
    values, relation = (f"fig10.{panel}.{LOST}", f"fig10.{panel}.{LOST}_p"), above(0.5)
    return Claim(name, words, quantity, values, significant(relation), n=LIF, preset="paper")


def _ends_lower(lambdas: str, pair: tuple[str, str]) -> str:
    first, second = (arm.removeprefix("lambda") for arm in pair)
    return f"{lambdas} {first} versus {second}: broad SGs end lower with the larger lambda."


def _timed(name: str, pair: tuple[str, str]) -> Claim:
    """Return the claim that the first arm's final loss is lower, in both regimes."""
    over = "_over_".join(pair)
    words = _ends_lower("Lambda", pair)
    values = (*(f"fig10.{panel}.{over}" for panel in REGIMES), f"fig10.{over}_p")
    relation = significant(below(1))
    return Claim(name, words, RATIOS, values, relation, n=LIF, preset="paper")


def _painted(name: str, pair: tuple[str, str]) -> Claim:
    """Return the claim that the first arm's final loss is lower in figure 6's task."""
    words = _ends_lower("Figure 6's task, lambda", pair)
    (panel,), over = PAINTED, "_over_".join(pair)
    values, relation = (f"fig10.{panel}.{over}", f"fig10.{panel}.{over}_p"), below(1)
    return Claim(name, words, RATIOS, values, significant(relation), n=PICTURES, preset="paper")


CLAIMS: tuple[Claim, ...] = (
    _compared("E57", "lambda0_over_-0.5"),
    _compared("E58", "lambda0.5_over_0"),
    _compared("E59", "lambda1_over_0.5"),
    _compared("E61", "zero_over_exact"),
    _compared("E62", "between_over_exact"),
    _compared("E63", "between_over_linear"),
    _compared("E64", "between_over_orthogonal"),
    _lost("E65", REGIMES[0], "High"),
    _lost("E66", REGIMES[1], "Low"),
    _timed("E67", OVER_TIME[0]),
    _timed("E68", OVER_TIME[1]),
    _timed("E69", OVER_TIME[2]),
    _painted("E85", PICTURE[0]),
    _painted("E86", PICTURE[1]),
    _painted("E87", PICTURE[2]),
)
