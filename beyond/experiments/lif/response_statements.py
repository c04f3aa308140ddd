"""Decisions on two losses over time, on slopes and on resets: ratios and corrected p-values."""

from collections.abc import Mapping

import numpy as np

from beyond.experiments.families import complete, estimate, estimates, family
from beyond.experiments.lif.response_options import effects
from beyond.experiments.lif.response_predictions import (
    ARMS,
    BY_INTERVAL,
    FACTORS,
    LOOKS,
    OF_SLOPES,
    PAINTED,
    SAME,
    SLOPES,
    TESTED,
)
from experiments.engine.experiment import Data, Quantity


def predictions(panels: Mapping[str, Data]) -> dict[str, Quantity]:
    """Return ratios of final losses, with p-values corrected for all tests of a family.

    If a panel or an arm of a family is missing, the family returns nothing, since the correction
    would count fewer tests. P-values of the first family are doubled for the second look.

    Args:
        panels: panels by name, with their pooled arrays.
    """
    quantities: dict[str, Quantity] = {}
    if complete(panels, (*TESTED, *BY_INTERVAL)):
        quantities |= family(panels, TESTED, "response_", LOOKS) | estimates(panels, BY_INTERVAL)
    if complete(panels, (*OF_SLOPES, *SAME)):
        quantities |= family(panels, OF_SLOPES, "slopes_") | _logs(estimates(panels, SAME))
        quantities |= _effects(panels)
    if complete(panels, PAINTED):
        quantities |= estimates(panels, PAINTED)
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
