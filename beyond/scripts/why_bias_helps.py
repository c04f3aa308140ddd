"""Write the tables on trainings of figure 10, in docs/why_bias_helps.md."""

from collections.abc import Mapping
from pathlib import Path

from beyond.experiments.families import (
    LAMBDA_HIGH,
    LAMBDA_LOW,
    LITERALS,
    LOSS_HIGH,
    LOSS_LOW,
    MAPS,
    PARTS,
    RESPONSE_HIGH,
    RESPONSE_LOW,
    SLOPES_HIGH,
    SLOPES_LOW,
)
from beyond.experiments.methods import UNBIASED, between
from beyond.experiments.predictions import DECIDED_ANEW
from beyond.scripts.comparisons import interval, percent, statements
from experiments.engine.config import Project
from experiments.engine.experiment import Data
from experiments.replication.goldens import committed_arrays
from experiments.tables import filled, table
from figures.panels import names_of

PAGE = Path(__file__).parents[1] / "docs" / "why_bias_helps.md"
NOISE = {RESPONSE_HIGH: "high noise", RESPONSE_LOW: "low noise"}
SLOPES = {SLOPES_HIGH: "high noise", SLOPES_LOW: "low noise"}
LAMBDA = {LAMBDA_HIGH: "high noise", LAMBDA_LOW: "low noise"}
PICTURES = dict.fromkeys(("lambda_picture", "response_picture"), "figure 6's task")
FUNCTIONS = {LOSS_LOW: "low noise", LOSS_HIGH: "high noise", LITERALS: "three literals"}
"""Heads of columns, by panel."""
LOSSES_COMPARED = tuple(f"E{i}" for i in (110, 111, 156, 116, 159, 112, 118, 113, 119, 117, 160))
MAP_COMPARED, PARTS_COMPARED = ("E57", "E58", "E59", "E61"), ("E62", "E63", "E64")
REACHED = ("E127", "E128", "E154", "E155")
OVER_TIME = ("E120", "E121", "E126", "E123", "E122")
LAMBDAS_COMPARED = ("E65", "E66", "E67", "E68", "E69", "E85", "E86", "E87")
"""Claims of the tables of statements."""
RESET_ARMS = {
    "matched": ("matched_usual", "matched_detached_usual"),
    "broad": ("broad_usual", "broad_detached_usual"),
    "super_spike": ("super_spike_through_usual", "super_spike_usual"),
}
"""Arms of each surrogate derivative, through the reset and detached."""
DERIVATIVES = {
    "matched": "sigmoid, the noise's slope (matched)",
    "broad": "sigmoid, a quarter of it (broad)",
    "super_spike": "SuperSpike, slope 10",
}
DIRECTIONS = {
    "exact_of_expected": "exact, expected loss",
    "exact_of_response": "exact, loss of the mean response",
    "exact_of_cross_entropy": "exact, cross-entropy",
    "broad_of_expected": "broad SG, expected loss",
    "broad_of_response": "broad SG, loss of the mean response",
    "broad_usual": "broad SG, usual",
    "matched_usual": "matched SG, usual",
}
TRAINED = {
    "unbiased_of_expected": "unbiased, expected loss",
    "unbiased_of_response": "unbiased, mean response",
    "matched_usual": "matched SG, usual",
    "broad_usual": "broad SG, usual",
    "broad_of_response": "broad SG, mean response",
}
CURVATURES = {
    between(0.25, 1.0): "a quarter of the noise's slope, $\\lambda = 1$",
    between(0.25, 0.0): "the same, $\\lambda = 0$",
    between(0.25, -0.5): "the same, $\\lambda = -1/2$",
    "exact": "$h$",
}
ADDED = {
    "exact": "$h$ alone",
    "plus_orthogonal": "$h$ and the orthogonal part of $g$, the whole SG",
    "plus_between": "$h$ and that of $g_c$, zero on all spike trains",
    "plus_linear": "$h$ and that of $g_0$, the linear loss",
}
"""Directions in words."""
LOSSES = ("expected loss", "loss of the mean response")


def written() -> str:
    """Return the page with up-to-date tables."""
    data = committed_arrays(Project(), "fig10")
    blocks = {
        "decided anew": f"E187 and E188 (V4) are {DECIDED_ANEW}\n",
        "directions": shares_table(data, DIRECTIONS, FUNCTIONS),
        "losses": statements(LOSSES_COMPARED, FUNCTIONS),
        "curvature": shares_table(data, CURVATURES, _noise(MAPS)),
        "curvature statements": statements(MAP_COMPARED, _noise(MAPS)),
        "parts": shares_table(data, ADDED, _noise(PARTS)),
        "parts statements": statements(PARTS_COMPARED, _noise(PARTS)),
        "arms": arms_table(data),
        "reached": statements(REACHED, NOISE | PICTURES),
        "over time statements": statements(OVER_TIME, NOISE | SLOPES),
        "lambda": lambda_table(data),
        "lambda statements": statements(LAMBDAS_COMPARED, LAMBDA | PICTURES),
    }
    return filled(PAGE.read_text(), blocks)


def shares_table(
    panels: Mapping[str, Data], names: Mapping[str, str], columns: Mapping[str, str]
) -> str:
    """Return the shares of Boolean tasks solved, in percent.

    Args:
        panels: arrays by panel.
        names: words of a row, by direction.
        columns: heads, by panel.
    """
    rows = []
    for name, words in names.items():
        row = [words]
        for data in map(panels.__getitem__, columns):
            arms = names_of(data)
            row.append(percent(data["share"][arms.index(name)]) if name in arms else "")
        rows.append(row)
    return table(["direction", *columns.values()], rows)


def lambda_table(panels: Mapping[str, Data]) -> str:
    """Return final losses of broad SGs over that of unbiased gradients, by lambda."""
    rows = []
    for lam in (-0.5, 0, 0.5, 1):
        pairs = ((panels[panel], f"lambda{lam:g}", UNBIASED) for panel in LAMBDA)
        rows.append([f"{lam:g}".replace("-", "−"), *(_ratio(*pair) for pair in pairs)])
    return table(["$\\lambda$", *LAMBDA.values()], rows)


def slopes_table(panels: Mapping[str, Data]) -> str:
    """Return final over first expected losses, by surrogate derivative and reset."""
    noises = SLOPES
    resets = ("through the reset", "detached")
    header = [f"{noise}, {reset}" for noise in noises.values() for reset in resets]
    rows = [
        [words, *(_final(panels[panel], arm, 0) for panel in noises for arm in RESET_ARMS[name])]
        for name, words in DERIVATIVES.items()
    ]
    return table(["surrogate derivative", *header], rows)


def arms_table(panels: Mapping[str, Data]) -> str:
    """Return final over first losses of all tasks, by arm."""
    rows = [
        [words, *(_final(panels[panel], arm, j) for panel in NOISE for j in range(len(LOSSES)))]
        for arm, words in TRAINED.items()
    ]
    return table(["gradient", *_columns()], rows)


def _columns() -> list[str]:
    short = "expected loss", "mean response"
    return [f"{words}, {noise}" for noise in NOISE.values() for words in short]


def _final(data: Data, arm: str, j: int) -> str:
    return interval(data["relative"][j, names_of(data).index(arm)])


def _ratio(data: Data, first: str, second: str) -> str:
    """Return a ratio of final losses."""
    names = names_of(data)
    return interval(data["paired"][names.index(first), names.index(second)])


def _noise(panels: tuple[str, str]) -> dict[str, str]:
    """Return heads of columns for panels in low and in high noise."""
    return dict(zip(panels, ("low noise (slope 16)", "high noise (slope 4)"), strict=True))
