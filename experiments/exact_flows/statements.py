"""What the committed numbers of figure 10 say; p-values are corrected as its hypotheses ask for."""

from collections.abc import Mapping

import numpy as np

from experiments.engine.base import Data, Quantity, band
from experiments.statistics import holm

COMPARED = {
    "surrogate_over_exact": ("surrogate_x0.25", "exact"),
    "orthogonal_over_exact": ("plus_orthogonal", "exact"),
    "exact_over_minus": ("exact", "minus_orthogonal"),
    "orthogonal_over_fixed": ("plus_orthogonal", "plus_random_fixed"),
    "orthogonal_over_new": ("plus_orthogonal", "plus_random_new"),
    "orthogonal_over_other_task": ("plus_orthogonal", "plus_other_task"),
    "direction_over_exact": ("surrogate_of_exact_length", "exact"),
    "surrogate_over_broader_noise": ("surrogate_x0.25", "exact_x0.25"),
    "surrogate_over_linear_loss": ("surrogate_x0.25", "linear_loss_surrogate_x0.25"),
    "readout_over_exact": ("surrogate_readout", "exact"),
}
"""Hypotheses H1 to H9: which direction is to solve more tasks than which."""
MAIN = ("steep", "shallow")
"""Panels of the hypotheses, of both slopes."""


def comparisons(panels: Mapping[str, Data]) -> dict[str, Quantity]:
    """Differences of shares of solved tasks, with p-values; of both slopes together, the larger p.

    Args:
        panels: those of `exact_flow`, with their pooled arrays.
    """
    found, p_values = {}, {}
    for panel in MAIN:
        for name in COMPARED:
            found[f"{panel}.{name}"], p_values[panel, name] = _compared(panels[panel], name)
    corrected = dict(zip(p_values, holm(np.array(list(p_values.values()))), strict=True))
    for name in COMPARED:
        p = max(corrected[panel, name] for panel in MAIN)
        found[f"{name}_p"] = band(float(p), 0, 1, f"the larger of two; Holm, of {len(p_values)}")
    return found


def ends(data: Data) -> dict[str, Quantity]:
    """Where the exact flow ends, and what leads away from there.

    Args:
        data: of `flow_ends`, with its pooled arrays.
    """
    n = f"{data['stuck']} unsolved ends"
    found = {f"ends.{name}": _share(data[name], n) for name in ("flat", "saddle")}
    for way, leaves, barrier in zip(data["ways"][0], data["leaves"], data["barrier"], strict=True):
        found[f"ends.{way}_leaves"] = _share(leaves, n)
        found[f"ends.{way}_barrier"] = _share(barrier, "of those that it leaves")
    found["ends.surrogate_x0.25_minus_exact"] = _share(data["gain"], n)
    found["ends.sign_p"] = band(float(data["leaves_p"]), 0, 1, "surrogate against exact")
    return found


def _compared(data: Data, name: str) -> tuple[Quantity, float]:
    listed = [str(method) for method in data["methods"][0]]
    i, j = (listed.index(method) for method in COMPARED[name])
    mean, low, high = map(float, data["difference"][i, j])
    why = f"{data['only'][i, j]} and {data['only'][j, i]} of {data['n_tasks']} tasks"
    return Quantity(mean, "statistical", ci_low=low, ci_high=high, why=why), data["sign_p"][i, j]


def _share(row: np.ndarray, n: str) -> Quantity:
    value, low, high = map(float, row)
    return Quantity(value, "statistical", ci_low=low, ci_high=high, why=n)
