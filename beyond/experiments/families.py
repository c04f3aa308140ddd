"""Conclusions of several panels: estimates with intervals, and p-values corrected as a family.

A family is the p-values of all its comparisons, corrected by Holm for their number; a prediction
has the largest of its own. A family that is not whole, for want of a panel or a method, concludes
nothing: its p-values would be of fewer tests.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from beyond.experiments.statistics import sign_test
from experiments.engine.declare.experiment import Data, Quantity, band, listed
from experiments.statistics import holm

ARRAYS = {
    "solved": ("difference", "only", "solved by one alone in {} of {} tasks, by the other in {}"),
    "wrong": ("more_wrong_difference", "more_wrong", "more wrong in {} of {} tasks, fewer in {}"),
    "loss": ("paired", "lower", "lower in {} of {} tasks, higher in {}"),
}
"""Differences or ratios with intervals, counts of tasks and their words, by what is compared."""

ALPHA = 0.05


class Compared(NamedTuple):
    """Two methods of a panel.

    Attributes:
        prediction: what it belongs to.
        first: name of the method.
        second: the other's.
        what: a key of `ARRAYS`, or "lost": an array that has its p-value beside it.
        end: of the quantity's name, where a prediction has several in a panel.
    """

    prediction: str
    first: str
    second: str
    what: str = "solved"
    end: str = ""


def estimate(row: np.ndarray, why: str) -> Quantity:
    """Return a value with the ends of its interval as a quantity."""
    value, low, high = map(float, row)
    return Quantity(value, "statistical", ci_low=low, ci_high=high, why=why)


def corrected(p_values: Mapping[str, float]) -> dict[str, Quantity]:
    """Return corrected p-values, each by its name with "_p"."""
    each = holm(np.array(list(p_values.values())))
    why = f"Holm, of {len(each)}"
    return {f"{name}_p": band(p, 0, 1, why) for name, p in zip(p_values, each, strict=True)}


def decided(said: Mapping[str, Quantity], names: Iterable[str]) -> np.ndarray:
    """Return whether the corrected p-value of each name is there and below 0.05 (`ALPHA`)."""
    p_values = (said.get(f"{name}_p") for name in names)
    return np.array([p is not None and p.value < ALPHA for p in p_values], bool)


def family(
    panels: Mapping[str, Data], names: Sequence[str], pairs: Sequence[Compared], prefix: str = ""
) -> dict[str, Quantity]:
    """Return what is compared, with corrected p-values; of several comparisons the largest, too.

    Args:
        panels: with their pooled arrays.
        names: of the panels of the family.
        pairs: what is compared in each.
        prefix: of the names of the predictions' p-values.
    """
    methods = {name for pair in pairs for name in (pair.first, pair.second)}
    if not all(n in panels and methods <= {*listed(panels[n], "methods")} for n in names):
        return {}
    found, p_values, own = {}, {}, {}
    for panel in names:
        for pair in pairs:
            name = f"{panel}.{pair.prediction}{pair.end}"
            found[name], p_values[name] = compared(panels[panel], pair)
            own.setdefault(pair.prediction, []).append(f"{name}_p")
    each = corrected(p_values)
    for prediction, of in own.items():
        if len(of) == 1:
            continue
        why = f"the largest of {len(of)}; Holm, of {len(each)}"
        found[f"{prefix}{prediction}_p"] = band(max(each[n].value for n in of), 0, 1, why)
    return found | each


def compared(data: Data, pair: Compared) -> tuple[Quantity, float]:
    """Return a panel's difference or ratio of two methods, and its p-value, not corrected."""
    # Over time, every seed is a task.
    n = data.get("n_tasks", len(data["methods"]))
    if pair.what not in ARRAYS:
        return estimate(data[pair.what], f"{n} tasks"), float(data[f"{pair.what}_p"])
    *names, words = ARRAYS[pair.what]
    interval, counts = (data[name] for name in names)
    i, j = (listed(data, "methods").index(name) for name in (pair.first, pair.second))
    why = words.format(counts[i, j], n, counts[j, i])
    return estimate(interval[i, j], why), sign_test(counts[i, j], counts[j, i])
