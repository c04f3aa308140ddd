"""Quantities that summarise an atlas and decide claims."""

from collections.abc import Sequence

import numpy as np

from beyond.experiments.atlas.choice import FEW
from experiments.engine.experiment import Data, Quantity, band, exact, listed, statistical
from experiments.estimators import is_unbiased

Cell = tuple[float, ...]
"""Cell: depth, width, beta and curvature."""
KEYS = ("cosine", "bias", "variance", "projection", "projection_se", "effective")

REFERENCE = "stochastic_ad"
"""Estimator whose variance is the reference."""

PAIRS = (
    ("cosine", "surrogate", "surrogate_x2"),
    ("cosine", "surrogate", "surrogate_x4"),
    ("bias", "surrogate", "smoothed_two_sided"),
    ("bias", "smoothed_two_sided", "path_sample_analytic"),
)
"""Comparisons in pairs: cosines, first minus second, or log10 of biases, first over second."""

CHANCE = "a normal mean has |z| > 5 once in 1.7 million networks"


def summary(data: Data) -> dict[str, Quantity]:
    """Return quantities of unbiased estimators, of biased ones by cell, and of pairs by network.

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
        if name != REFERENCE and REFERENCE in estimators and np.all(own["variance"] > 0):
            least = data["variance"][:, estimators.index(REFERENCE)]
            # Compared in pairs, since networks differ more than estimators.
            logs = np.log10(own["variance"] / least).mean(axis=1).ravel()
            quantities[f"{name}_log10_variance_ratio"] = statistical(*mean_se(logs))
    return quantities | _pairs(data, estimators, cells)


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
    """Summarise direction and bias of the mean, cell by cell."""
    quantities, (cosine, bias) = {}, (arrays["cosine"], arrays["bias"])
    for j, cell in enumerate(cells):
        label = f"{name}_{cell_name(cell)}"
        quantities[f"{label}_cosine"] = exact(cosine[:, j].mean(), 1e-5, 1e-6)
        quantities[f"{label}_min_cosine"] = exact(cosine[:, j].min(), 1e-5, 1e-6)
        quantities[f"{label}_bias"] = exact(np.median(bias[:, j]), 1e-5, 1e-6)
    return quantities


def _pairs(data: Data, estimators: Sequence[str], cells: Sequence[Cell]) -> dict[str, Quantity]:
    """Summarise differences between two estimators in the same networks."""
    quantities = {}
    for j, cell in enumerate(cells):
        for key, *pair in PAIRS:
            if not set(pair) <= set(estimators):
                continue
            both = (data[key][:, estimators.index(name), j] for name in pair)
            x, y = (values.ravel().astype(float) for values in both)
            name = f"{'_minus_'.join(pair)}_{cell_name(cell)}_cosine"
            values = x - y
            if key == "bias":
                name = f"{'_over_'.join(pair)}_{cell_name(cell)}_log10_bias"
                values = np.log10(x / y)
            quantities[name] = statistical(*mean_se(values))
    return quantities


def cell_name(cell: Cell) -> str:
    """Return the name of a cell in quantities, such as "d2_w4_b4_c1"."""
    return "_".join(f"{letter}{value:g}" for letter, value in zip("dwbc", cell, strict=True))


def mean_se(values: np.ndarray) -> tuple[float, float]:
    """Return mean and standard error of one number per network."""
    return float(values.mean()), float(values.std(ddof=1) / len(values) ** 0.5)
