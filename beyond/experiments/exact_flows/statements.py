"""What the committed numbers of figure 10 say; p-values are corrected as its hypotheses ask for."""

from collections.abc import Mapping

import numpy as np

from beyond.experiments.statistics import rank_test
from experiments.engine.base import Data, Quantity, band, listed
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
GENERAL = ("surrogate_over_exact", "orthogonal_over_exact")
"""Hypotheses H1 and H2, which are tested in other cells, too."""
CELLS = (
    "slope_1",
    "slope_64",
    "one_layer",
    "three_layers",
    "four_bits",
    "small_weights",
    "large_weights",
    "plain",
    "no_epsilon",
)
"""Panels that differ in one respect from the steep one."""


def comparisons(panels: Mapping[str, Data]) -> dict[str, Quantity]:
    """Differences of shares of solved tasks, with p-values; of both slopes the larger p."""
    return _family(panels, MAIN, tuple(COMPARED), "")


def generality(panels: Mapping[str, Data]) -> dict[str, Quantity]:
    """Return the first two of these differences in the other cells; of all cells, the largest p."""
    return _family(panels, CELLS, GENERAL, "cells_")


def alignment(data: Data) -> dict[str, Quantity]:
    """Rank correlations of alignment and right answers, with p-values corrected for both.

    Args:
        data: of `exact_flow` along many directions, with its pooled arrays.
    """
    found = {}
    rows = zip(data["predictors"], data["rank_correlation"], holm(data["rank_p"]), strict=True)
    for name, row, p in rows:
        n = f"{len(data['methods'][0]) - 1} directions; range with one left out"
        found[f"surrogates.{name}_rank_correlation"] = _share(row, n)
        found[f"surrogates.{name}_p"] = band(float(p), 0, 1, "Holm, of 2")
    return found | _by_kind(data)


def _by_kind(data: Data) -> dict[str, Quantity]:
    """Correlate the cosine before training with right answers in surrogates, and in the others."""
    names = listed(data, "methods")
    surrogate = np.array([name.startswith("surrogate") for name in names])
    kinds = {"surrogates": surrogate, "others": ~surrogate & (np.array(names) != "exact")}
    cosine, right = data["aligned"][0], data["right"]
    tests = {kind: rank_test(cosine[None, of], right[None, of]) for kind, of in kinds.items()}
    found = {}
    corrected = holm(np.array([test.p for test in tests.values()]))
    for (kind, test), p in zip(tests.items(), corrected, strict=True):
        n = f"{kinds[kind].sum()} directions; range with one left out"
        row = np.array([test.correlation, test.low, test.high])
        found[f"surrogates.cosine_before_of_{kind}_rank_correlation"] = _share(row, n)
        found[f"surrogates.cosine_before_of_{kind}_p"] = band(float(p), 0, 1, "Holm, of 2")
    return found


def _family(
    panels: Mapping[str, Data], of: tuple[str, ...], names: tuple[str, ...], prefix: str
) -> dict[str, Quantity]:
    """Differences in each panel, and of each the largest p, corrected for all panels and names.

    None if a panel or one of the directions is not there: p would be of a smaller family.
    """
    needed = {direction for name in names for direction in COMPARED[name]}
    if not all(panel in panels and needed <= {*listed(panels[panel], "methods")} for panel in of):
        return {}
    found, p_values = {}, {}
    for panel in of:
        for name in names:
            found[f"{panel}.{name}"], p_values[panel, name] = _compared(panels[panel], name)
    corrected = dict(zip(p_values, holm(np.array(list(p_values.values()))), strict=True))
    for name in names:
        p = max(corrected[panel, name] for panel in of)
        why = f"the largest of {len(of)}; Holm, of {len(p_values)}"
        found[f"{prefix}{name}_p"] = band(float(p), 0, 1, why)
    return found


def _compared(data: Data, name: str) -> tuple[Quantity, float]:
    i, j = (listed(data, "methods").index(method) for method in COMPARED[name])
    mean, low, high = map(float, data["difference"][i, j])
    why = f"{data['only'][i, j]} and {data['only'][j, i]} of {data['n_tasks']} tasks"
    return Quantity(mean, "statistical", ci_low=low, ci_high=high, why=why), data["sign_p"][i, j]


def _share(row: np.ndarray, n: str) -> Quantity:
    value, low, high = map(float, row)
    return Quantity(value, "statistical", ci_low=low, ci_high=high, why=n)
