"""Predictions on the loss of the mean response over time: a family of tests, and intervals.

Hypotheses R1 to R5 and R7 of beyond/docs/hypotheses.md.
"""

from collections.abc import Mapping
from typing import NamedTuple

from beyond.experiments.families import corrected, estimate
from beyond.experiments.statistics import sign_test
from beyond.experiments.true_gradient.response_arms import EXPECTED, LOSSES, RESPONSE
from experiments.engine.declare.experiment import Data, Quantity, band, listed

HIGH, LOW = "response_high_noise", "response_low_noise"
REGIMES = (HIGH, LOW)
REACHED = 1.25
"""Ratio of final losses; if the ratio is lower, the first arm counts as reaching the second."""


class Predicted(NamedTuple):
    """A prediction on the ratio of two arms' final losses.

    Attributes:
        name: name of the quantity.
        first: the arm in the numerator.
        second: the arm in the denominator.
        loss: the loss that is compared, and chooses the option.
        panels: panels to which the prediction applies.
    """

    name: str
    first: str
    second: str
    loss: str
    panels: tuple[str, ...] = REGIMES


FREE = ("unbiased_of_response", "unbiased_of_expected")
TRADE = ("broad_of_response", "broad_of_expected")
TESTED = (
    *(Predicted(f"unbiased_by_loss_in_{loss}", *FREE, loss) for loss in LOSSES),
    Predicted(f"broad_by_loss_in_{RESPONSE}", *TRADE, RESPONSE),
    Predicted(f"broad_by_loss_in_{EXPECTED}", *TRADE, EXPECTED),
    Predicted("matched_over_unbiased", "matched_of_expected", FREE[1], EXPECTED),
    Predicted("broad_over_matched", TRADE[1], "matched_of_expected", EXPECTED),
)
"""R1 to R5, in order."""
BY_INTERVAL = (*(Predicted(f"reached_in_{loss}", FREE[0], TRADE[1], loss) for loss in LOSSES),)
"""R7."""


def predictions(panels: Mapping[str, Data]) -> dict[str, Quantity]:
    """Return ratios of final losses, with p-values corrected for all tests of the family.

    If a regime or an arm is missing, no quantity is returned, since the correction would count
    fewer tests.

    Args:
        panels: panels by name, with their pooled arrays.
    """
    quantities: dict[str, Quantity] = {}
    if _complete(panels, REGIMES, (*TESTED, *BY_INTERVAL)):
        quantities |= _ratios(panels, BY_INTERVAL) | _tested(panels)
    return quantities


def _complete(
    panels: Mapping[str, Data], names: tuple[str, ...], predicted: tuple[Predicted, ...]
) -> bool:
    arms = {arm for pair in predicted for arm in (pair.first, pair.second)}
    return all(n in panels and arms <= {*listed(panels[n], "methods")} for n in names)


def _tested(panels: Mapping[str, Data]) -> dict[str, Quantity]:
    p_values = {}
    for pair in TESTED:
        for panel in pair.panels:
            lower, higher, _ = _counts(panels[panel], pair)
            p_values[f"{panel}.{pair.name}"] = sign_test(lower, higher)
    each = corrected(p_values)
    quantities = _ratios(panels, TESTED) | each
    for pair in TESTED:
        why = f"the largest of {len(pair.panels)}; Holm, of {len(each)}"
        largest = max(each[f"{panel}.{pair.name}_p"].value for panel in pair.panels)
        quantities[f"response_{pair.name}_p"] = band(largest, 0, 1, why)
    return quantities


def _ratios(panels: Mapping[str, Data], predicted: tuple[Predicted, ...]) -> dict[str, Quantity]:
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


def _counts(data: Data, pair: Predicted) -> tuple[int, int, int]:
    j, first, second = _place(data, pair)
    lower = data["lower"][j]
    return int(lower[first, second]), int(lower[second, first]), len(data["methods"])


def _place(data: Data, pair: Predicted) -> tuple[int, int, int]:
    names = listed(data, "methods")
    return LOSSES.index(pair.loss), names.index(pair.first), names.index(pair.second)
