"""Write the tables of docs/true_gradient.md, on gradients before training and on trainings."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from beyond.experiments.families import RESETS_HIGH, RESETS_LOW, RESPONSE_HIGH, RESPONSE_LOW
from beyond.experiments.lif.tuned_training import UPDATE, frozen, silent
from beyond.experiments.methods import MATCHED, UNBIASED
from beyond.experiments.predictions import DECIDED_ANEW
from beyond.scripts.comparisons import interval, statements
from experiments.engine.config import Project
from experiments.engine.experiment import Data
from experiments.replication.goldens import committed_arrays
from experiments.tables import filled, table
from figures.panels import names_of
from snn.stats.batch_means import KNOWN_SE

PAGE = Path(__file__).parents[1] / "docs" / "true_gradient.md"
TRAINED_HIGH, TRAINED_LOW = "trained_high_noise", "trained_low_noise"
UNTRAINED = {
    MATCHED: "matched, through the reset",
    "surrogate": "matched, reset detached",
    "surrogate_ignored": "matched, reset ignored",
    "super_spike": "SuperSpike of slope 10, detached",
}
SLOPES = (2.5, 10.0, 40.0)
"""Slopes of the noise with a column."""
TRAINED = {
    MATCHED: "matched, through the reset",
    "surrogate_through_x0.25": "quarter slope, through the reset",
    "surrogate": "matched, detached",
    "super_spike": "SuperSpike of slope 10, detached",
    "score_function": "score function, leave-one-out",
    f"{UNBIASED}_more": "stochastic AD, four times the flips and forward passes",
    UNBIASED: "stochastic AD",
}
BY_RESET = {
    MATCHED: "matched, through",
    "surrogate": "matched, detached",
    "scaled_sigmoid_through": "scaled, through",
    "super_spike_through": "SuperSpike of slope 10, through",
    f"{MATCHED}_bounded": "matched, through: length bounded",
    UNBIASED: "stochastic AD",
}
AGAIN = ("E124", "E125", "E20")
RESETS = tuple(f"E{i}" for i in (71, 78, 72, 79, 73, 80, 74, 81, 75, 82, 76, 83, 77, 84))
"""Claims; those on high and on low noise in turn."""
AGAIN_IN: tuple[str, ...] = (RESPONSE_HIGH, RESPONSE_LOW, RESETS_LOW, TRAINED_LOW)
RESETS_IN: tuple[str, ...] = (RESETS_HIGH, RESETS_LOW)
"""Panels that decide them."""


def written() -> str:
    """Return the page with up-to-date tables."""
    data = committed_arrays(Project(), "fig9")
    ratio = "ratio of final losses"
    by_reset = f"{ratio} (E77, E84: difference of cosines)"
    blocks = {
        "decided anew": f"E187 and E188 (V4) are {DECIDED_ANEW}\n",
        "cosines": untrained_table(data["noise"], "cosine"),
        "norms": untrained_table(data["noise"], "ratio"),
        "training": losses_table(data[TRAINED_HIGH], data[TRAINED_LOW], TRAINED),
        "other tasks": statements(AGAIN, dict.fromkeys(AGAIN_IN, ratio)),
        "resets": losses_table(data[RESETS_HIGH], data[RESETS_LOW], BY_RESET),
        "directions": directions_table(data),
        "statements": statements(RESETS, dict.fromkeys(RESETS_IN, by_reset)),
    }
    return filled(PAGE.read_text(), blocks)


def untrained_table(panel: Data, number: str) -> str:
    """Return means of a number over networks before training, by gradient and slope."""
    betas, names = list(panel["betas"][0]), names_of(panel, "surrogates")
    what = "cosine to" if number == "cosine" else "norm over that of"
    rows = []
    for name, words in UNTRAINED.items():
        means = (panel[f"{number}_range"][betas.index(x), names.index(name), 0] for x in SLOPES)
        rows.append([words, *(_known(mean) for mean in means)])
    header = [f"{what} the true gradient (1 is best)", *(f"slope {x:g}" for x in SLOPES)]
    return table(header, rows)


def losses_table(high: Data, low: Data, names: Mapping[str, str]) -> str:
    """Return final losses over that of stochastic AD in both noises, and stalled trainings.

    A ratio is bold if the panels compare it with stochastic AD and it is decided.
    """
    judged = ~silent(low)
    stalled = frozen(low["loss"])[judged].sum(axis=0)
    rows = []
    for name, words in names.items():
        count = stalled[names_of(low).index(name)]
        rows.append([words, *(_over_unbiased(data, name) for data in (high, low)), f"{count}"])
    return table(
        ["descends along", "high noise", "low noise", f"stalled in low noise, of {sum(judged)}"],
        rows,
    )


def directions_table(panels: Mapping[str, Data]) -> str:
    """Return cosines and norms of the mean, and cosines of an update, before training.

    Means over tasks; of norms the geometric mean.
    """
    regimes = {RESETS_HIGH: "high noise", RESETS_LOW: "low noise"}
    rows = []
    for name, words in BY_RESET.items():
        row = [words]
        for panel in regimes:
            data, i = panels[panel], names_of(panels[panel]).index(name)
            judged = ~silent(data)
            known = judged & (data["cosine_se"][:, i] < KNOWN_SE)
            few = f" ({sum(known)} tasks)" if not known[judged].all() else ""
            row += [
                f"{data['cosine'][known, i].mean():.2f}{few}",
                f"{np.exp(np.log(data['ratio'][known, i]).mean()):.3g}",
                f"{data['update_cosine'][judged, i].mean():.2f}",
            ]
        rows.append(row)
    numbers = ("cosine", "norm", "update")
    heads = (f"{number}, {noise}" for noise in regimes.values() for number in numbers)
    return table(["", *heads], rows)


def _over_unbiased(data: Data, name: str) -> str:
    names = names_of(data)
    if name == UNBIASED:
        return "1"
    i = names.index(name)
    numbers = interval(data["paired"][i, names.index(UNBIASED)])
    # Panels with first updates decide other pairs.
    compared = UPDATE not in data
    return f"**{numbers}**" if compared and data["decided"][i] else numbers


def _known(mean: float) -> str:
    if np.isnan(mean):
        return "lost in its noise"
    return f"{mean:.2f}" if mean < 0.995 else f"{mean:.3g}"
