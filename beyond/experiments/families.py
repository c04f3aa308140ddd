"""Conclusions of several panels: estimates with intervals, and p-values corrected as a family.

A family is the set of p-values of all its comparisons, corrected by Holm's procedure for their
number. A prediction has the largest p-value of its comparisons. A family without all of its panels
and methods concludes nothing: its p-values would be corrected for fewer tests.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from beyond.experiments.statistics import sign_test
from experiments.engine.experiment import Data, Quantity, band, listed
from experiments.statistics import holm

ARRAYS = {
    "solved": ("difference", "only", "solved by one alone in {} of {} tasks, by the other in {}"),
    "loss": ("paired", "lower", "lower in {} of {} tasks, higher in {}"),
}
"""Names of differences or ratios, names of counts, and words, by kind of comparison."""

ALPHA = 0.05


class Compared(NamedTuple):
    """Comparison of two methods, in one or several panels.

    Attributes:
        prediction: name of the prediction that the comparison belongs to.
        first: name of the first method.
        second: name of the second method.
        panels: names of the panels.
        what: a key of `ARRAYS`, or "lost": an array with its p-value in another array.
        end: end of the quantity's name, if a prediction has several comparisons in a panel.
        index: index into the first axis of the arrays, if they have one of losses.
    """

    prediction: str
    first: str
    second: str
    panels: tuple[str, ...]
    what: str = "solved"
    end: str = ""
    index: int | None = None

    def named(self, panel: str) -> str:
        """Return the name of the quantity in a panel."""
        return f"{panel}.{self.prediction}{self.end}"


def estimate(row: np.ndarray, why: str) -> Quantity:
    """Return a value with the ends of its interval as a quantity."""
    value, low, high = map(float, row)
    return Quantity(value, "statistical", ci_low=low, ci_high=high, why=why)


def corrected(p_values: Mapping[str, float], withdrawn: int = 0) -> dict[str, Quantity]:
    """Return corrected p-values, by name with the end "_p".

    Args:
        p_values: p-values without correction.
        withdrawn: number of further tests, which count with a p-value of 1.
    """
    adjusted = holm(np.array([*p_values.values(), *[1.0] * withdrawn]))
    why = f"Holm, of {len(adjusted)}"
    return {f"{name}_p": band(p, 0, 1, why) for name, p in zip(p_values, adjusted, strict=False)}


def decided(quantities: Mapping[str, Quantity], names: Iterable[str]) -> np.ndarray:
    """Return for each name whether its corrected p-value exists and is below 0.05 (`ALPHA`)."""
    p_values = (quantities.get(f"{name}_p") for name in names)
    return np.array([p is not None and p.value < ALPHA for p in p_values], bool)


def excluded(quantities: Mapping[str, Quantity], names: Iterable[str], value: float) -> np.ndarray:
    """Return for each name whether its quantity exists and its interval excludes a value."""
    results = []
    for name in names:
        q = quantities.get(name)
        if q is None or q.ci_low is None or q.ci_high is None:
            results.append(False)
        else:
            results.append(not q.ci_low <= value <= q.ci_high)
    return np.array(results, bool)


def complete(panels: Mapping[str, Data], pairs: Iterable[Compared]) -> bool:
    """Return whether all panels of all comparisons are there, with both methods."""
    return all(
        panel in panels and {pair.first, pair.second} <= {*listed(panels[panel], "methods")}
        for pair in pairs
        for panel in pair.panels
    )


def estimates(panels: Mapping[str, Data], pairs: Iterable[Compared]) -> dict[str, Quantity]:
    """Return the differences or ratios of comparisons, without p-values."""
    return {
        pair.named(panel): compared(panels[panel], pair)[0]
        for pair in pairs
        for panel in pair.panels
    }


def family(
    panels: Mapping[str, Data],
    pairs: Sequence[Compared],
    prefix: str = "",
    looks: int = 1,
    withdrawn: int = 0,
) -> dict[str, Quantity]:
    """Return comparisons with corrected p-values; predictions with several have the largest, too.

    Args:
        panels: pooled arrays by panel.
        pairs: comparisons of the family.
        prefix: prefix of the names of the predictions' p-values.
        looks: number of times that the family is tested, by which p-values are multiplied.
        withdrawn: number of tests that the committed rule has besides, and that are no longer
            reported. They count with a p-value of 1, so that all others keep their correction.
    """
    if not complete(panels, pairs):
        return {}
    p_values, members = {}, {}
    for pair in pairs:
        for panel in pair.panels:
            name = pair.named(panel)
            p_values[name] = min(1.0, looks * compared(panels[panel], pair)[1])
            members.setdefault(pair.prediction, []).append(f"{name}_p")
    adjusted = corrected(p_values, withdrawn)
    quantities = estimates(panels, pairs) | adjusted
    for prediction, names in members.items():
        if len(names) > 1:
            why = f"the largest of {len(names)}; Holm, of {len(adjusted) + withdrawn}"
            largest = max(adjusted[name].value for name in names)
            quantities[f"{prefix}{prediction}_p"] = band(largest, 0, 1, why)
    return quantities


def compared(data: Data, pair: Compared) -> tuple[Quantity, float]:
    """Return a panel's difference or ratio of two methods, and the p-value without correction."""
    # In panels over time, every seed is a task.
    n = data.get("n_tasks", len(data["methods"]))
    if pair.what not in ARRAYS:
        return estimate(data[pair.what], f"{n} tasks"), float(data[f"{pair.what}_p"])
    *names, words = ARRAYS[pair.what]
    interval, counts = (
        data[name] if pair.index is None else data[name][pair.index] for name in names
    )
    i, j = (listed(data, "methods").index(name) for name in (pair.first, pair.second))
    why = words.format(counts[i, j], n, counts[j, i])
    return estimate(interval[i, j], why), sign_test(counts[i, j], counts[j, i])
