"""Statements of figure 10 on Boolean tasks, with p-values corrected as its hypotheses require."""

from collections.abc import Mapping

import numpy as np

from beyond.experiments.families import Compared, corrected, estimate, family
from beyond.experiments.statistics import rank_test
from experiments.engine.declare.experiment import Data, Quantity, listed

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
"""Hypotheses H1 to H9: the first direction is to solve more tasks than the second."""
MAIN = ("steep", "shallow")
"""Panels of the hypotheses, of both slopes."""
GENERAL = ("surrogate_over_exact", "orthogonal_over_exact")
"""Hypotheses H1 and H2: they are also tested in other cells."""
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
"""Panels with a single change from the panel "steep"."""


def comparisons(panels: Mapping[str, Data]) -> dict[str, Quantity]:
    """Return differences of shares of solved tasks, and the larger p-value of both slopes."""
    return family(panels, [Compared(name, *pair, MAIN) for name, pair in COMPARED.items()])


def generality(panels: Mapping[str, Data]) -> dict[str, Quantity]:
    """Return the differences of `GENERAL` in other cells, and the largest p-value of all cells."""
    return family(panels, [Compared(name, *COMPARED[name], CELLS) for name in GENERAL], "cells_")


def alignment(data: Data) -> dict[str, Quantity]:
    """Return rank correlations of alignment and right answers, with corrected p-values.

    Args:
        data: arrays of `exact_flow` along many directions, with its pooled arrays.
    """
    n = f"{len(data['methods'][0]) - 1} directions; range with one left out"
    quantities, p_values = {}, {}
    for i, name in enumerate(data["predictors"]):
        quantities[f"surrogates.{name}_rank_correlation"] = estimate(data["rank_correlation"][i], n)
        p_values[f"surrogates.{name}"] = data["rank_p"][i]
    return quantities | corrected(p_values) | _by_kind(data)


def _by_kind(data: Data) -> dict[str, Quantity]:
    """Correlate the cosine before training with right answers in surrogates, and in the others."""
    names = listed(data, "methods")
    surrogate = np.array([name.startswith("surrogate") for name in names])
    kinds = {"surrogates": surrogate, "others": ~surrogate & (np.array(names) != "exact")}
    cosine, right = data["aligned"][0], data["right"]
    quantities, p_values = {}, {}
    for kind, members in kinds.items():
        test = rank_test(cosine[None, members], right[None, members])
        name = f"cosine_before_of_{kind}"
        n = f"{members.sum()} directions; range with one left out"
        quantities[f"surrogates.{name}_rank_correlation"] = estimate(np.array(test[:3]), n)
        p_values[f"surrogates.{name}"] = test.p
    return quantities | corrected(p_values)


MAPS, WHICH = ("map_steep", "map_shallow"), ("which_steep", "which_shallow")
BREADTHS = (1.0, 0.5, 0.25, 0.125, 0.0625)
STEPS = ((0.0, -0.5), (0.5, 0.0), (1.0, 0.5))
"""Prediction M1: the first lambda solves more than the second."""


def arm(ratio: float, lam: float) -> str:
    """Return the name of the mean of a surrogate gradient."""
    return f"surrogate_x{ratio:g}_lambda{lam:g}"


RISES = [
    Compared(f"lambda{a:g}_over_{b:g}", arm(r, a), arm(r, b), MAPS, end=f"_x{r:g}")
    for a, b in STEPS
    for r in BREADTHS[1:]
]
ABOVE = [
    Compared("wrong_above_1", arm(r, 1.1), arm(r, 1.0), MAPS, "wrong", f"_x{r:g}")
    for r in BREADTHS[1:]
]
NEVER = [Compared("zero_over_exact", arm(r, 0.0), "exact", MAPS, end=f"_x{r:g}") for r in BREADTHS]
PARTS = [
    Compared("between_over_exact", "plus_between", "exact", WHICH),
    Compared("between_over_linear", "plus_between", "plus_linear", WHICH),
]
SAME = [Compared("between_over_orthogonal", "plus_between", "plus_orthogonal", WHICH)]


def predictions(panels: Mapping[str, Data]) -> dict[str, Quantity]:
    """Return differences of arms of the map and of its parts, and the largest p of each."""
    quantities: dict[str, Quantity] = {}
    for pairs in (RISES, ABOVE, NEVER, PARTS, SAME):
        quantities |= family(panels, pairs)
    return quantities
