"""Claims beyond the paper, on figure 10: why biased gradients learn, where nothing is sampled."""

from beyond.experiments.exact_flows.statements import CELLS
from experiments.replication.claim import Claim
from experiments.replication.relations import (
    Relation,
    above,
    significant,
)

SOURCE = "figure 10, beyond the paper; beyond/docs/hypotheses.md"
TASKS = "200 tasks a slope, no sampling"
BROAD = "the mean of a broad SG solves more Boolean tasks."
EXACT = "the exact gradient of the expected loss"
PART = f"the SG's orthogonal part, added to {EXACT}, solves more tasks."
DIFFERENCE = "difference of shares solved at slopes 16 and 4; larger p, Holm for 20"


def _claim(name: str, statement: str, quantity: str) -> Claim:
    values = f"fig10.steep.{quantity}", f"fig10.shallow.{quantity}", f"fig10.{quantity}_p"
    relation = significant(above(0.0))
    slopes = {"steep.beta": 16.0, "shallow.beta": 4.0}
    return Claim(
        name, statement, DIFFERENCE, values, relation, n=TASKS, preset="paper", given=slopes
    )


def _general(name: str, statement: str, quantity: str) -> Claim:
    values = (*(f"fig10.{cell}.{quantity}" for cell in CELLS), f"fig10.cells_{quantity}_p")
    measured = "difference of shares solved in a cell; largest p, Holm for 18"
    n = "200 tasks a cell"
    return Claim(name, statement, measured, values, significant(above(0.0)), n=n, preset="paper")


def _aligned(name: str, statement: str, predictor: str, relation: Relation, n: str) -> Claim:
    values = (
        f"fig10.surrogates.{predictor}_rank_correlation",
        f"fig10.surrogates.{predictor}_p",
    )
    measured = "Spearman's correlation, range with one left out; permutation, Holm for two"
    n = f"{n}, means of 200 tasks, slope 16"
    return Claim(name, statement, measured, values, significant(relation), n=n, preset="paper")


CLAIMS: tuple[Claim, ...] = (
    _claim(
        "E24",
        f"Against {EXACT}: {BROAD}",
        "surrogate_over_exact",
    ),
    _claim(
        "E25",
        f"With the SG's orthogonal part added: {EXACT} solves more tasks than unchanged.",
        "orthogonal_over_exact",
    ),
    _claim(
        "E26",
        f"{EXACT.capitalize()} solves fewer tasks with the SG's orthogonal part subtracted.",
        "exact_over_minus",
    ),
    _claim(
        "E27",
        f"Against a fixed random vector of its length: {PART}",
        "orthogonal_over_fixed",
    ),
    _claim(
        "E28",
        f"Against random vectors of its length, new at each update: {PART}",
        "orthogonal_over_new",
    ),
    _claim(
        "E29",
        f"Against another task's part, of its length: {PART}",
        "orthogonal_over_other_task",
    ),
    _claim(
        "E30",
        f"Cut to the length of {EXACT}, against it: {BROAD}",
        "direction_over_exact",
    ),
    _claim(
        "E31",
        f"Against {EXACT} in noise as broad: {BROAD}",
        "surrogate_over_broader_noise",
    ),
    _claim(
        "E32",
        f"Of the squared loss, against the linear one, whose exact gradient is the same: {BROAD}",
        "surrogate_over_linear_loss",
    ),
    _claim(
        "E33",
        f"With the SG at the output's weights: {EXACT} solves more tasks than unchanged.",
        "readout_over_exact",
    ),
    _general(
        "E37",
        "In each of nine cells with one change each the mean of a broad SG solves more tasks than "
        f"{EXACT}.",
        "surrogate_over_exact",
    ),
    _general(
        "E38",
        f"In each of nine cells with one change each {EXACT} solves more tasks with the "
        "SG's orthogonal part added.",
        "orthogonal_over_exact",
    ),
    _aligned(
        "E40",
        f"Directions better aligned with {EXACT} along their own training learn more patterns.",
        "cosine_along",
        above(0.0),
        "31 directions",
    ),
)
