"""Write the tables of docs/bias_or_variance.md, on enumerable networks and on initial scales."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from beyond.experiments import chosen_rates
from beyond.experiments.families import ENUMERATED_HIGH, ENUMERATED_LOW, SCALES_HIGH, SCALES_LOW
from beyond.experiments.lif.enumerated_training import EnumeratedTraining
from beyond.experiments.lif.initial_scales import InitialScales
from beyond.experiments.methods import AT_ONE, BROAD, MATCHED, UNBIASED
from beyond.experiments.predictions import DECIDED_ANEW
from beyond.experiments.study import Chosen, choose
from beyond.scripts.comparisons import comparisons, interval, ratio
from experiments.engine.config import Project
from experiments.engine.experiment import Data
from experiments.replication.goldens import committed_arrays
from experiments.tables import filled, table

PAGE = Path(__file__).parents[1] / "docs" / "bias_or_variance.md"
ENUMERATED = {ENUMERATED_HIGH: "high noise", ENUMERATED_LOW: "low noise"}
SCALES = {SCALES_HIGH: "high noise", SCALES_LOW: "low noise"}
GRADIENTS = {
    "exact_of_expected": "exact gradient, expected loss",
    "exact_of_response": "exact gradient, mean response",
    "mean_of_broad": "mean of the broad SG",
    "mean_of_matched": "mean of the matched SG",
    "stochastic_ad": "stochastic AD",
    "stochastic_ad_of_response": "stochastic AD, mean response",
    "broad": "broad SG",
    "matched": "matched SG",
    UNBIASED: "stochastic AD",
    BROAD: "broad SG",
    MATCHED: "matched SG",
}
"""Gradients in words."""
REASONS = {
    "E185": ("V1 *the lead*", "supported"),
    "E186": ("V2 *variance*", "supported in high noise, undecided in low noise"),
    "E195": ("V3 *bias*", "supported"),
    "E187": ("V3 *bias*", "supported"),
    "E196": ("V4", "undecided"),
    "E188": ("V4", "undecided"),
    "E189": ("V5 *loss*", "supported"),
    "E190": ("V6", "undecided"),
}
STARTS = {
    "E191": ("W1", "supported"),
    "E192": ("W2", "supported"),
    "E193": ("W3", "undecided"),
    "E194": ("W4 *start*", "undecided in high noise, supported in low noise"),
}
"""Names in the rule and expected outcomes, by claim."""


def written() -> str:
    """Return the page with up-to-date tables."""
    data = committed_arrays(Project(), "fig9")
    blocks = {
        "decided anew": f"E187 and E188 (V4) are {DECIDED_ANEW}\n",
        "losses": losses_table(data),
        "reasons": comparisons(REASONS, ENUMERATED, ratio),
        "options": options_table(data),
        "scales": scales_table(data),
        "starts": comparisons(STARTS, SCALES, ratio),
    }
    return filled(PAGE.read_text(), blocks)


def losses_table(panels: Mapping[str, Data]) -> str:
    """Return final expected losses of enumerable networks, by gradient and noise."""
    both = [_chosen(panels, panel) for panel in ENUMERATED]
    rows = [[GRADIENTS[arm], *(_loss(one, arm) for one in both)] for arm in both[0].outcomes.arms]
    return table(["gradient", *ENUMERATED.values()], rows)


def options_table(panels: Mapping[str, Data]) -> str:
    """Return chosen scales and rates, and dead responses after training with them."""
    rows = []
    for panel, noise in ENUMERATED.items():
        data, chosen = panels[panel], _chosen(panels, panel)
        dead = data["dead"][0].reshape(len(chosen.which), -1, data["dead"].shape[-1])
        for i, arm in enumerate(chosen.outcomes.arms):
            share = f"{100 * dead[i, chosen.which[i]].mean():.0f}"
            rows.append([noise, GRADIENTS[arm], *_option(data, chosen.which[i]), share])
    return table(["noise", "gradient", "scale", "rate", "dead responses (%)"], rows)


def scales_table(panels: Mapping[str, Data]) -> str:
    """Return final over first losses of LIF networks, from scale 1 and from the own scale."""
    rows = []
    for panel, noise in SCALES.items():
        chosen = _chosen(panels, panel)
        for arm in (UNBIASED, BROAD, MATCHED):
            option = _option(panels[panel], chosen.which[chosen.outcomes.arms.index(arm)])
            cells = _loss(chosen, f"{arm}{AT_ONE}"), _loss(chosen, arm)
            rows.append([noise, GRADIENTS[arm], *cells, *option])
    header = ["noise", "gradient", "from scale 1", "from its own scale", "own scale", "its rate"]
    return table(header, rows)


def _chosen(panels: Mapping[str, Data], panel: str) -> Chosen:
    kind = EnumeratedTraining if panel in ENUMERATED else InitialScales
    return choose(kind.outcomes(panels[panel]))


def _option(data: Data, which: int) -> tuple[str, str]:
    """Return scale and rate of an option; bold at an end of its grid."""
    scales, rates = data["scales"][0], data["rates"][0]
    places = zip((scales, rates), divmod(int(which), len(rates)), strict=True)
    scale, rate = (
        f"**{grid[i]:g}**" if i in (0, len(grid) - 1) else f"{grid[i]:g}" for grid, i in places
    )
    return scale, rate


def _loss(chosen: Chosen, arm: str) -> str:
    i = chosen.outcomes.arms.index(arm)
    row = chosen_rates.with_interval(chosen.end[i].mean(), chosen.samples[:, i])
    return interval(np.exp(row))
