"""Write the tables of docs/bias_or_variance.md, on enumerable networks and on initial scales.

Nothing is computed: the numbers are the committed ones, in beyond/figures/reference.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from beyond.experiments import chosen_rates, predictions, study
from beyond.experiments.lif.enumerated_training import EnumeratedTraining
from beyond.experiments.lif.initial_scales import InitialScales
from beyond.experiments.methods import AT_ONE, BROAD, MATCHED, UNBIASED
from beyond.experiments.predictions import ENUMERATED_HIGH, ENUMERATED_LOW, SCALES_HIGH, SCALES_LOW
from beyond.experiments.study import Chosen, choose
from experiments.engine.config import Project
from experiments.engine.experiment import Data, Quantity
from experiments.replication.goldens import committed_arrays, committed_quantities
from experiments.tables import filled, table

PAGE = Path(__file__).parents[1] / "docs" / "bias_or_variance.md"
NOISES = {
    ENUMERATED_HIGH: "high",
    ENUMERATED_LOW: "low",
    SCALES_HIGH: "high",
    SCALES_LOW: "low",
}
GRADIENTS = {
    "exact_of_expected": "exact gradient, expected loss",
    "exact_of_response": "exact gradient, mean response",
    "mean_of_broad": "mean of the broad SG",
    "mean_of_matched": "mean of the matched SG",
    "stochastic_ad": "stochastic AD",
    "stochastic_ad_of_response": "stochastic AD, mean response",
    "broad": "broad SG",
    "matched": "matched SG",
    UNBIASED: "stochastic AD, own scale",
    BROAD: "broad SG, own scale",
    MATCHED: "matched SG, own scale",
    f"{UNBIASED}{AT_ONE}": "stochastic AD, scale 1",
}
"""Gradients in words."""
NAMES = {
    "E185": "V1",
    "E186": "V2 *variance*",
    "E187": "V3 *bias*",
    "E195": "V3 *bias*",
    "E188": "V4",
    "E196": "V4",
    "E189": "V5 *loss*",
    "E190": "V6",
    "E191": "W1",
    "E192": "W2",
    "E193": "W3",
    "E194": "W4 *start*",
}
"""Names of the rule, by claim."""
OUTCOME = {True: "**supported**", False: "**refuted**", None: "undecided"}


def written() -> str:
    """Return the page with up-to-date tables."""
    project = Project()
    data, quantities = committed_arrays(project, "fig9"), committed_quantities(project)
    blocks = {
        "losses": losses_table(data),
        "reasons": predictions_table("enumerated", quantities),
        "options": options_table(data),
        "scales": scales_table(data),
        "starts": predictions_table("scales", quantities),
    }
    return filled(PAGE.read_text(), blocks)


def losses_table(panels: Mapping[str, Data]) -> str:
    """Return final expected losses of enumerable networks, by gradient and noise."""
    both = [_chosen(panels, panel) for panel in (ENUMERATED_HIGH, ENUMERATED_LOW)]
    rows = [[GRADIENTS[arm], *(_loss(one, arm) for one in both)] for arm in both[0].outcomes.arms]
    return table(["gradient", "high noise", "low noise"], rows)


def options_table(panels: Mapping[str, Data]) -> str:
    """Return chosen scales and rates, and dead responses after training with them."""
    rows = []
    for panel in (ENUMERATED_HIGH, ENUMERATED_LOW):
        data, chosen = panels[panel], _chosen(panels, panel)
        dead = data["dead"][0].reshape(len(chosen.which), -1, data["dead"].shape[-1])
        for i, arm in enumerate(chosen.outcomes.arms):
            share = f"{100 * dead[i, chosen.which[i]].mean():.0f}"
            rows.append([NOISES[panel], GRADIENTS[arm], *_option(data, chosen.which[i]), share])
    return table(["noise", "gradient", "scale", "rate", "dead responses (%)"], rows)


def scales_table(panels: Mapping[str, Data]) -> str:
    """Return final over first losses of LIF networks, from scale 1 and from the own scale."""
    rows = []
    for panel in (SCALES_HIGH, SCALES_LOW):
        chosen = _chosen(panels, panel)
        for arm in (UNBIASED, BROAD, MATCHED):
            option = _option(panels[panel], chosen.which[chosen.outcomes.arms.index(arm)])
            cells = _loss(chosen, f"{arm}{AT_ONE}"), _loss(chosen, arm)
            words = GRADIENTS[arm].removesuffix(", own scale")
            rows.append([NOISES[panel], words, *cells, *option])
    header = ["noise", "gradient", "from scale 1", "from its own scale", "own scale", "its rate"]
    return table(header, rows)


def predictions_table(family: str, quantities: Mapping[str, Quantity]) -> str:
    """Return the predictions of a family, noise by noise.

    A prediction on both noises has one p, the larger one.
    """
    header = ["id", "first over second", "noise", "ratio of losses", "corrected p"]
    rows = _predictions(family, quantities)
    return table([*header, "tasks: first lower, higher", "verdict"], sorted(rows))


def _predictions(family: str, quantities: Mapping[str, Quantity]) -> Iterator[list[str]]:
    for row in predictions.ROWS:
        if row.family != family:
            continue
        (pair,) = row.pairs
        for panel in row.panels:
            name = f"fig9.{row.named(panel, pair)}"
            ratio, p = quantities[name], quantities[f"fig9.{row.p_name}"].value
            turned = int(quantities[f"fig9.{row.turned_name(panel)}"].value)
            holds = row.relation.holds(ratio) if p < study.ALPHA and not turned else None
            why = f"; {turned} tasks turn it, left out alone" if turned else ""
            better, _, worse = ratio.why.removeprefix("better in ").partition(" of ")
            yield [
                NAMES[row.id],
                " over ".join(GRADIENTS[arm] for arm in pair),
                NOISES[panel],
                _interval(np.array([ratio.value, ratio.ci_low, ratio.ci_high])),
                f"{p:.1g}" if p < 0.1 else f"{p:.2g}",
                f"{better}, {worse.rpartition(' ')[2]}",
                OUTCOME[holds] + why,
            ]


def _chosen(panels: Mapping[str, Data], panel: str) -> Chosen:
    kind = EnumeratedTraining if panel in (ENUMERATED_HIGH, ENUMERATED_LOW) else InitialScales
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
    return _interval(np.exp(row))


def _interval(row: np.ndarray) -> str:
    value, low, high = (f"{x:.2f}" if x >= 0.095 else f"{x:.3f}" for x in row)
    return f"{value} [{low}, {high}]"
