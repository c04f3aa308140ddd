"""Decisions on two losses over time, on slopes and on resets: ratios and corrected p-values."""

from collections.abc import Mapping

import numpy as np

from beyond.experiments.families import corrected, estimate
from beyond.experiments.statistics import sign_test
from beyond.experiments.true_gradient.response_arms import LOSSES
from beyond.experiments.true_gradient.response_options import effects
from beyond.experiments.true_gradient.response_predictions import (
    ARMS,
    BY_INTERVAL,
    FACTORS,
    LOOKS,
    OF_SLOPES,
    PAINTED,
    SAME,
    SLOPES,
    TESTED,
    Predicted,
)
from experiments.engine.declare.experiment import Data, Quantity, band, listed

Predictions = tuple[Predicted, ...]


def predictions(panels: Mapping[str, Data]) -> dict[str, Quantity]:
    """Return ratios of final losses, with p-values corrected for all tests of a family.

    If a panel or an arm of a family is missing, the family returns nothing, since the correction
    would count fewer tests. P-values of the first family are doubled for the second look.

    Args:
        panels: panels by name, with their pooled arrays.
    """
    quantities: dict[str, Quantity] = {}
    if _complete(panels, (*TESTED, *BY_INTERVAL)):
        quantities |= _ratios(panels, BY_INTERVAL) | _tested(panels, TESTED, "response", LOOKS)
    if _complete(panels, (*OF_SLOPES, *SAME)):
        quantities |= _logs(_ratios(panels, SAME)) | _tested(panels, OF_SLOPES, "slopes")
        quantities |= _effects(panels)
    if _complete(panels, PAINTED):
        quantities |= _ratios(panels, PAINTED)
    return quantities


def _complete(panels: Mapping[str, Data], predicted: Predictions) -> bool:
    return all(
        panel in panels and {pair.first, pair.second} <= {*listed(panels[panel], "methods")}
        for pair in predicted
        for panel in pair.panels
    )


def _tested(
    panels: Mapping[str, Data], predicted: Predictions, prefix: str, looks: int = 1
) -> dict[str, Quantity]:
    p_values, members = {}, {}
    for pair in predicted:
        for panel in pair.panels:
            lower, higher, _ = _counts(panels[panel], pair)
            name = f"{panel}.{pair.name}"
            p_values[name] = min(1.0, looks * sign_test(lower, higher))
            members.setdefault(pair.name, []).append(f"{name}_p")
    each = corrected(p_values)
    quantities = _ratios(panels, predicted) | each
    for prediction, names in members.items():
        if len(names) == 1:
            continue
        why = f"the largest of {len(names)}; Holm, of {len(each)}"
        largest = max(each[name].value for name in names)
        quantities[f"{prefix}_{prediction}_p"] = band(largest, 0, 1, why)
    return quantities


def _ratios(panels: Mapping[str, Data], predicted: Predictions) -> dict[str, Quantity]:
    quantities = {}
    for pair in predicted:
        for panel in pair.panels:
            lower, higher, n = _counts(panels[panel], pair)
            why = f"lower in {lower} of {n} tasks, higher in {higher}"
            j, first, second = _place(panels[panel], pair)
            quantities[f"{panel}.{pair.name}"] = estimate(
                panels[panel]["paired"][j, first, second], why
            )
    return quantities


def _logs(ratios: Mapping[str, Quantity]) -> dict[str, Quantity]:
    """Return the logs of ratios, in which a margin is the same on both sides."""
    return {
        name: estimate(
            np.log(np.array([ratio.value, ratio.ci_low, ratio.ci_high], float)), ratio.why
        )
        for name, ratio in ratios.items()
    }


def _effects(panels: Mapping[str, Data]) -> dict[str, Quantity]:
    quantities = {}
    for panel in SLOPES:
        n = len(panels[panel]["methods"])
        for factor, columns in FACTORS.items():
            for name, row in effects(panels[panel], columns, ARMS).items():
                quantities[f"{panel}.{factor}_{name}"] = estimate(row, f"2 x 2, {n} tasks")
    return quantities


def _counts(data: Data, pair: Predicted) -> tuple[int, int, int]:
    j, first, second = _place(data, pair)
    lower = data["lower"][j]
    return int(lower[first, second]), int(lower[second, first]), len(data["methods"])


def _place(data: Data, pair: Predicted) -> tuple[int, int, int]:
    names = listed(data, "methods")
    return LOSSES.index(pair.loss), names.index(pair.first), names.index(pair.second)
