"""Hypotheses on learning spike times: the arm that ends lower in a task.

Each family was committed before any number of its judged draws. Rules:
beyond/docs/event_gradients.md#learning.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from beyond.experiments.families import corrected, estimate
from experiments.engine.experiment import Data, Quantity, listed


class Statement(NamedTuple):
    """A hypothesis: in a panel the final loss of an arm is lower than another arm's.

    Attributes:
        name: Name of the quantity.
        panel: Panel of figure 11.
        lower: The arm that ends lower.
        higher: The other arm.
        prefix: Start of the arrays' names: "quiet_" for losses without noise.
    """

    name: str
    panel: str
    lower: str
    higher: str
    prefix: str = ""


FIRST_FAMILY = (
    Statement("events_over_matched", "active", "event_based", "matched"),
    Statement("events_over_broad", "active", "event_based", "broad"),
    Statement("pathwise_over_unbiased", "active", "pathwise", "unbiased"),
    Statement("broad_over_events", "silent", "broad", "event_based"),
    Statement("unbiased_over_pathwise", "silent", "unbiased", "pathwise"),
)
SECOND_FAMILY = (
    Statement("broad_over_events", "first_spikes", "broad", "event_based"),
    Statement("matched_over_events", "first_spikes", "matched", "event_based"),
    Statement("pathwise_over_unbiased", "first_spikes", "pathwise", "unbiased"),
    Statement("broad_over_pathwise", "first_spikes", "broad", "pathwise"),
    Statement("quiet_broad_over_events", "first_spikes", "broad", "event_based", "quiet_"),
)
"""Hypotheses on the task that was computed after the outcome of the first family was known."""
FAMILIES = FIRST_FAMILY, SECOND_FAMILY


def predictions(panels: Mapping[str, Data]) -> dict[str, Quantity]:
    """Return log ratios with intervals, and their p-values corrected within each family."""
    quantities = {}
    for family in FAMILIES:
        quantities |= _compared(panels, family)
    return quantities


def _compared(panels: Mapping[str, Data], family: Sequence[Statement]) -> dict[str, Quantity]:
    """Return a family's quantities; none if a panel or an arm of the family is missing."""
    quantities, p_values = {}, {}
    for statement in family:
        if statement.panel not in panels:
            return {}
        data = panels[statement.panel]
        arms = listed(data, "methods")
        if not {statement.lower, statement.higher} <= set(arms):
            return {}
        place = arms.index(statement.lower), arms.index(statement.higher)
        name, prefix = f"{statement.panel}.{statement.name}", statement.prefix
        ratio = data[f"{prefix}log_ratio"][place]
        quantities[name] = estimate(ratio, f"{len(data['methods'])} draws")
        # Where an arm chose an end of the grid, a better rate may lie beyond: undecided.
        chosen_inside = not data[f"{prefix}at_end"][list(place)].any()
        p_values[name] = float(data[f"{prefix}log_ratio_p"][place]) if chosen_inside else 1.0
    return quantities | corrected(p_values)
