"""Hypotheses on learning spike times: the arm that ends lower in a task.

Committed before any number of a judged draw; see beyond/docs/event_gradients.md#learning.
"""

from collections.abc import Mapping
from typing import NamedTuple

from beyond.experiments.families import corrected, estimate
from experiments.engine.declare.experiment import Data, Quantity, listed


class Statement(NamedTuple):
    """A hypothesis: in a panel the final loss of an arm is lower than another arm's.

    Attributes:
        name: Name of the quantity.
        panel: Panel of figure 11.
        lower: The arm that ends lower.
        higher: The other arm.
    """

    name: str
    panel: str
    lower: str
    higher: str


STATEMENTS = (
    Statement("events_over_matched", "active", "event_based", "matched"),
    Statement("events_over_broad", "active", "event_based", "broad"),
    Statement("pathwise_over_unbiased", "active", "pathwise", "unbiased"),
    Statement("broad_over_events", "silent", "broad", "event_based"),
    Statement("unbiased_over_pathwise", "silent", "unbiased", "pathwise"),
)
STUCK = "events_fall"
"""In the silent task: the log of final over first loss of event-based updates."""


def predictions(panels: Mapping[str, Data]) -> dict[str, Quantity]:
    """Return log ratios with intervals, and their p-values corrected as one family.

    A family that is not whole, for want of a panel or an arm, concludes nothing.
    """
    quantities, p_values = {}, {}
    for statement in STATEMENTS:
        if statement.panel not in panels:
            return {}
        data = panels[statement.panel]
        arms = listed(data, "methods")
        if not {statement.lower, statement.higher} <= set(arms):
            return {}
        place = arms.index(statement.lower), arms.index(statement.higher)
        name = f"{statement.panel}.{statement.name}"
        quantities[name] = estimate(data["log_ratio"][place], f"{len(data['methods'])} draws")
        # Where an arm chose an end of the grid, a better rate may lie beyond: undecided.
        chosen_inside = not data["at_end"][list(place)].any()
        p_values[name] = float(data["log_ratio_p"][place]) if chosen_inside else 1.0
    silent = panels["silent"]
    fall = silent["log_fall"][listed(silent, "methods").index("event_based")]
    return quantities | corrected(p_values) | {f"silent.{STUCK}": estimate(fall, "draws")}
