"""Claims beyond the paper, on figure 10: predictions on losses that agree on all spike trains."""

from beyond.experiments.exact_flows.statements import ABOVE, MAPS, NEVER, RISES, SAME, WHICH
from beyond.experiments.true_gradient.between_spikes_over_time import (
    HIDDEN,
    LOST,
    PAINTED,
    PICTURE,
    REGIMES,
    SILENCE,
)
from beyond.experiments.true_gradient.between_spikes_over_time import RISES as OVER_TIME
from experiments.replication.claim import Claim
from experiments.replication.relations import (
    above,
    below,
    significant,
    within,
)

SOURCE = "figure 10, beyond the paper; beyond/docs/hypotheses.md"
TASKS = "200 new tasks at each slope, 16 and 4; 600 updates of Adam"
SHARES = (
    "difference of shares solved, bootstrap interval with the choice of rates; largest p, sign "
    "tests by Holm"
)
RATIOS = (
    "ratio of final losses, geometric mean, bootstrap interval with the choice of rates; larger p, "
    "sign tests by Holm"
)
LIF = "32 tasks in each regime (10-10-5, 40 steps); 600 updates"
PICTURES = "48 seeds (50-50-50, 47 steps), one picture; 400 updates"


MAPPED = {
    "lambda0_over_-0.5": ("lambda 0 solves more Boolean tasks than -1/2.", above(0)),
    "lambda0.5_over_0": ("lambda 1/2 solves more Boolean tasks than 0.", above(0)),
    "lambda1_over_0.5": ("lambda 1 solves more Boolean tasks than 1/2.", above(0)),
    "wrong_above_1": ("lambda 1.1 leaves more patterns wrong than 1.", above(0)),
    "zero_over_exact": (
        "lambda 0 does not solve 5 % more Boolean tasks than the exact gradient.",
        below(0.05),
    ),
}
PARTED = {
    "between_over_exact": (
        "The exact gradient solves more tasks with the orthogonal part of g_c, the SG of a "
        "function that is zero on all spike trains.",
        above(0),
    ),
    "between_over_linear": (
        "That part is worth more than the linear loss's, at equal length.",
        above(0),
    ),
    "between_over_orthogonal": (
        "That part is as good as the orthogonal part of the whole SG.",
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
        words = f"At each surrogate slope {words}"
        ends = [p.end for p in (*RISES, *ABOVE, *NEVER) if p.prediction == prediction]
    values = [f"fig10.{panel}.{prediction}{end}" for panel in panels for end in ends]
    if prediction in {pair.prediction for pair in (*NEVER, *SAME)}:
        limit = "ours: as committed before the numbers"
    else:
        values, relation = [*values, f"fig10.{prediction}_p"], significant(relation)
    return Claim(name, words, SHARES, tuple(values), relation, limit=limit, n=n, preset="paper")


def _lost(name: str, panel: str, where: str) -> Claim:
    words = f"In spiking networks, {where} noise, broad SGs with lambda 0 lose at least half of "
    words += "their lead over unbiased gradients."
    said = "lost share of the lead in log loss, bootstrap interval; Student's t"
    values, relation = (f"fig10.{panel}.{LOST}", f"fig10.{panel}.{LOST}_p"), above(0.5)
    return Claim(name, words, said, values, significant(relation), n=LIF, preset="paper")


def _ends_lower(pair: tuple[str, str]) -> str:
    first, second = (arm.removeprefix("lambda") for arm in pair)
    return f"broad SGs end lower with lambda {first} than {second}."


def _timed(name: str, pair: tuple[str, str]) -> Claim:
    """Return the claim that the first arm's final loss is lower, in both regimes."""
    over = "_over_".join(pair)
    words = f"In spiking networks {_ends_lower(pair)}"
    values = (*(f"fig10.{panel}.{over}" for panel in REGIMES), f"fig10.{over}_p")
    relation = significant(below(1))
    return Claim(name, words, RATIOS, values, relation, n=LIF, preset="paper")


def _painted(name: str, pair: tuple[str, str]) -> Claim:
    """Return the claim that the first arm's final loss is lower in figure 6's task."""
    words = f"In figure 6's task, a quarter in size, {_ends_lower(pair)}"
    (panel,), over = PAINTED, "_over_".join(pair)
    values, relation = (f"fig10.{panel}.{over}", f"fig10.{panel}.{over}_p"), below(1)
    return Claim(name, words, RATIOS, values, significant(relation), n=PICTURES, preset="paper")


def _silent(name: str, pair: tuple[str, str]) -> Claim:
    """Return the claim that a term of hidden spikes raises the final loss, in both regimes."""
    words = "A term of hidden spikes, zero on all spike trains, of weight "
    words += f"{pair[0].removeprefix('gamma')} raises the final loss of broad SGs."
    over = "_over_".join(pair)
    values = (*(f"fig10.{panel}.{over}" for panel in SILENCE), f"fig10.{over}_p")
    return Claim(name, words, RATIOS, values, significant(above(1)), n=LIF, preset="paper")


CLAIMS: tuple[Claim, ...] = (
    _compared("E57", "lambda0_over_-0.5"),
    _compared("E58", "lambda0.5_over_0"),
    _compared("E59", "lambda1_over_0.5"),
    _compared("E60", "wrong_above_1"),
    _compared("E61", "zero_over_exact"),
    _compared("E62", "between_over_exact"),
    _compared("E63", "between_over_linear"),
    _compared("E64", "between_over_orthogonal"),
    _lost("E65", REGIMES[0], "ample"),
    _lost("E66", REGIMES[1], "steep"),
    _timed("E67", OVER_TIME[0]),
    _timed("E68", OVER_TIME[1]),
    _timed("E69", OVER_TIME[2]),
    Claim(
        "E70",
        "Unbiased trainings do not depend on lambda.",
        "largest relative difference of final losses under four lambda",
        tuple(f"fig10.{panel}.invariant" for panel in REGIMES),
        below(1e-4),
        n=LIF,
        preset="paper",
        limit="ours: rounding",
    ),
    _painted("E85", PICTURE[0]),
    _painted("E86", PICTURE[1]),
    _painted("E87", PICTURE[2]),
    _silent("E88", HIDDEN[0]),
    _silent("E89", HIDDEN[1]),
)
