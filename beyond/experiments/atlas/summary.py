"""Quantities that summarise an atlas and decide claims.

Variances of two estimators are compared by the share of networks in which the first one is larger,
since ratios of sampled variances have heavy tails. The exact interval of this share lies on one
side of 1/2 where a sign test decides. Networks in which few trials carry one of the variances count
against the statement.
"""

from collections.abc import Sequence

import numpy as np

from beyond.experiments.atlas.choice import FEW
from beyond.experiments.statistics import clopper_pearson
from experiments.engine.experiment import Data, Quantity, band, exact, listed, statistical
from experiments.estimators import is_unbiased

Cell = tuple[float, ...]
"""Cell: depth, width, beta and curvature."""
KEYS = ("cosine", "variance", "projection", "projection_se", "effective")

REFERENCE = "stochastic_ad"
"""Estimator whose variance is the reference."""

CHANCE = "a normal mean has |z| > 5 once in 1.7 million networks"


def summary(data: Data) -> dict[str, Quantity]:
    """Return quantities of unbiased estimators, and of biased ones by cell.

    Args:
        data: arrays of the atlas, with axes of seeds, estimators, cells and networks.
    """
    estimators, cells = listed(data, "estimators"), list(map(tuple, data["cells"][0]))
    quantities = {}
    for i, name in enumerate(estimators):
        own = {key: data[key][:, i] for key in KEYS}
        if not is_unbiased(name):
            quantities |= _biased(name, cells, own)
            continue
        quantities |= _unbiased(name, own)
        if name != REFERENCE and REFERENCE in estimators:
            least = {key: data[key][:, estimators.index(REFERENCE)] for key in KEYS}
            quantities |= _more_variance(name, cells, own, least)
    return quantities


def _more_variance(
    name: str, cells: Sequence[Cell], arrays: Data, least: Data
) -> dict[str, Quantity]:
    """Return the share of networks with more variance than the reference's, cell by cell."""
    judged = np.minimum(arrays["effective"], least["effective"]) >= FEW
    more = (arrays["variance"] > least["variance"]) & judged
    quantities, n = {}, more[:, 0].size
    for j, cell in enumerate(cells):
        count = more[:, j].sum()
        low, high = clopper_pearson(count, n)
        value = band(count / n, 0, 1, "a share of networks", (low, high))
        quantities[f"{name}_{cell_name(cell)}_more_variance"] = value
    return quantities


def _unbiased(name: str, arrays: Data) -> dict[str, Quantity]:
    """Summarise projections onto the gradient; axes of seeds, cells and networks."""
    projection, se = arrays["projection"], arrays["projection_se"]
    # Cells share their noise, networks do not.
    means, errors = projection.mean(axis=1), np.sqrt(np.mean(se**2, axis=1))
    error = np.sqrt(np.sum(errors**2)) / errors.size
    # If few trials carry the variance, the standard error is too small.
    judged = arrays["effective"] >= FEW
    z = np.divide(np.abs(projection - 1), se, out=np.zeros_like(se), where=judged)
    return {
        f"{name}_projection": statistical(means.mean(), error),
        f"{name}_max_abs_z": band(z.max(), 0, 5, CHANCE),
        f"{name}_judged": exact(judged.mean()),
    }


def _biased(name: str, cells: Sequence[Cell], arrays: Data) -> dict[str, Quantity]:
    """Summarise the direction of the mean, cell by cell."""
    return {
        f"{name}_{cell_name(cell)}_cosine": exact(arrays["cosine"][:, j].mean(), 1e-5, 1e-6)
        for j, cell in enumerate(cells)
    }


def cell_name(cell: Cell) -> str:
    """Return the name of a cell in quantities, such as "d2_w4_b4_c1"."""
    return "_".join(f"{letter}{value:g}" for letter, value in zip("dwbc", cell, strict=True))
