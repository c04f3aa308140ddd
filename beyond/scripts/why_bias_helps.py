"""Write the tables on trainings of figure 10, in docs/why_bias_helps.md."""

from collections.abc import Mapping
from pathlib import Path

from beyond.experiments.families import RESPONSE_HIGH, RESPONSE_LOW, SLOPES_HIGH, SLOPES_LOW
from beyond.experiments.predictions import RESET_ARMS
from beyond.scripts.comparisons import interval, percent
from experiments.engine.config import Project
from experiments.engine.experiment import Data
from experiments.replication.goldens import committed_arrays
from experiments.tables import filled, table
from figures.panels import names_of

PAGE = Path(__file__).parents[1] / "docs" / "why_bias_helps.md"
NOISE = {RESPONSE_HIGH: "high noise", RESPONSE_LOW: "low noise"}
SLOPES = {SLOPES_HIGH: "high noise", SLOPES_LOW: "low noise"}
PICTURE = "response_picture"
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
CROSSED = {
    "matched": "matched SG, through the reset",
    "broad": "broad SG, through the reset",
    "super_spike": "SuperSpike, reset detached",
}
LOSSES = ("expected loss", "loss of the mean response")


def written() -> str:
    """Return the page with up-to-date tables."""
    data = committed_arrays(Project(), "fig10")
    blocks = {
        "directions": directions_table(data),
        "arms": arms_table(data),
        "crossed": crossed_table(data),
        "reached": reached_table(data),
    }
    return filled(PAGE.read_text(), blocks)


def directions_table(panels: Mapping[str, Data]) -> str:
    """Return the shares of Boolean tasks solved, by direction and family."""
    families = {
        "low noise": ["loss_low_noise"],
        "high noise": ["loss_high_noise"],
        "three literals": ["loss_three_literals"],
    }
    rows = []
    for name, words in DIRECTIONS.items():
        row = [words]
        for names in families.values():
            trained = [panels[panel] for panel in names if name in names_of(panels[panel])]
            row += [percent(x["share"][names_of(x).index(name)]) for x in trained[:1]] or [""]
        rows.append(row)
    return table(["direction", *families], rows)


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


def crossed_table(panels: Mapping[str, Data]) -> str:
    """Return final losses of SGs of the mean response over those of usual SGs."""
    rows = []
    for name, words in CROSSED.items():
        pair = f"{name}_of_response", f"{name}_usual"
        cells = [_ratio(panels[panel], *pair, j) for panel in SLOPES for j in range(len(LOSSES))]
        rows.append([words, *cells])
    return table(["surrogate gradient", *_columns()], rows)


def reached_table(panels: Mapping[str, Data]) -> str:
    """Return final losses of unbiased gradients of the mean response over that of broad SGs."""
    columns = {words: panels[panel] for panel, words in NOISE.items()}
    if PICTURE in panels:
        columns["figure 6's task"] = panels[PICTURE]
    pair = "unbiased_of_response", "broad_usual"
    rows = [
        [words, *(_ratio(data, *pair, j) for data in columns.values())]
        for j, words in enumerate(LOSSES)
    ]
    return table(["loss at the end", *columns], rows)


def _columns() -> list[str]:
    short = "expected loss", "mean response"
    return [f"{words}, {noise}" for noise in NOISE.values() for words in short]


def _final(data: Data, arm: str, j: int) -> str:
    return interval(data["relative"][j, names_of(data).index(arm)])


def _ratio(data: Data, first: str, second: str, j: int) -> str:
    names = names_of(data)
    return interval(data["paired"][j, names.index(first), names.index(second)])
