"""Conclusions from the atlas of all seeds: statistics over networks, and the best gradients."""

from typing import Any

import numpy as np

from beyond.experiments.statistics import clopper_pearson, median_interval
from experiments.engine.experiment import Data, array, listed
from experiments.statistics import mean_interval

LAYERS_ONLY = frozenset({"path_sample_analytic", "disarm"})
"""Estimators that need layers without time."""

LOW = 0.1
"""Quantile over networks that represents bad networks; see `low`."""

FEW = 30
"""Least number of effective trials for a sampled variance, whose error is then a fifth."""

ARRAYS = {
    "n_networks": array("", "networks of a cell, all seeds together"),
    "median_cosine": array("estimator, cell", "median over networks"),
    "median_cosine_interval": array("end, estimator, cell", "95 % interval of this median"),
    "p10_cosine": array("estimator, cell", "10th percentile over networks"),
    "min_cosine": array("estimator, cell", "the least"),
    "median_bias": array("estimator, cell", "median over networks"),
    "typical_variance": array(
        "estimator, cell", "median over networks, infinite if too few trials carry the variance"
    ),
    "few_carry": array("estimator, cell", "number of these networks"),
    "projection_interval": array(
        "end, estimator, cell", "95 % interval of the mean projection over networks"
    ),
    "max_abs_z": array("estimator, cell", "largest z of the projection against 1, other networks"),
    "runs": array("estimator, cell", "runs of the network per trial"),
    "any_program": array("estimator", "whether the estimator takes any program"),
    "alignment": array(
        "estimator, cell, budget",
        "median over networks of the mean cosine; -inf if the budget is below one gradient",
    ),
    "p10_alignment": array(
        "estimator, cell, budget", "10th percentile over networks of the mean cosine"
    ),
    "min_alignment": array("estimator, cell, budget", "the least"),
    "best": array("scope, cell, budget", "estimator of the largest median"),
    "rivals": array(
        "scope, estimator, cell, budget",
        "whether the 95 % interval of the median paired difference from the best contains 0",
    ),
    "betas": array(
        "slope", "slopes of the escape noise, for which advice is given", unit="1/potential"
    ),
    "n_draws": array("", "draws of weights, each with a network at every slope"),
    "against": array(
        "estimator, slope",
        "draws in which an estimator's mean has a negative cosine with the gradient",
    ),
    "against_any": array("estimator", "draws in which this happens at any slope"),
    "against_any_interval": array("end, estimator", "95 % interval of their share"),
    "advised": array(
        "scope, slope, budget",
        "estimator with the best worst median, without cells that can be enumerated",
    ),
    "advised_low": array("scope, slope, budget", "estimator with the best worst 10th percentile"),
}
"""Declarations of the arrays that `pooled` returns."""


ALL_PATHS = -1
"""Index that represents enumeration, if the budget is enough for every path."""


def pooled(panel: Data) -> Data:
    """Statistics over the networks of all seeds, and the best estimators.

    Arrays with an axis of scopes have *any program* first; the second scope includes estimators
    that need layers without time.
    """
    data = _statistics(panel)
    if not panel["budgets"].size:
        return data
    aligned = _networks(panel, "aligned").astype(float)
    aligned = np.where(np.isnan(aligned), -np.inf, aligned)  # not bought
    data |= {
        "alignment": np.median(aligned, axis=2),
        "p10_alignment": low(aligned, axis=2),
        "min_alignment": aligned.min(axis=2),
    }
    best = _best(panel, data["alignment"], _all_paths(panel))
    return data | {
        "best": best,
        "rivals": rivals(panel, aligned, best),
        "advised": advised(panel, data["alignment"]),
        "advised_low": advised(panel, data["p10_alignment"]),
        **_against(panel),
    }


def advised(panel: Data, score: np.ndarray) -> np.ndarray:
    """Return the estimator to use at a slope, whatever the depth, ``(scope, beta, budget)``.

    Args:
        panel: the cells.
        score: ``(estimator, cell, budget)``; the lowest score at a slope counts.
    """
    slopes = panel["cells"][0][:, 2]
    score = np.where(_all_paths(panel), np.inf, score)
    worst = np.stack([score[:, slopes == beta].min(axis=1) for beta in np.unique(slopes)], axis=1)
    return _best(panel, worst, np.isposinf(worst).all(axis=0))


def rivals(panel: Data, aligned: np.ndarray, best: np.ndarray) -> np.ndarray:
    """Return which estimators may equal the best, ``(scope, estimator, cell, budget)``."""
    bought = np.isfinite(aligned).all(axis=2)
    finite = np.where(np.isfinite(aligned), aligned, 0.0)
    equals = []
    for allowed, place in zip(_scopes(panel), best, strict=True):
        # Every estimator minus the best, in the same network.
        chosen = np.take_along_axis(finite, place[None, :, None], axis=0)
        low, high = median_interval(np.moveaxis(finite - chosen, 2, -1))
        others = np.arange(len(aligned))[:, None, None] != place
        undecided = ~((high < 0) | (low > 0))
        equals.append(undecided & others & bought & allowed & (place != ALL_PATHS))
    return np.stack(equals)


def _best(panel: Data, score: np.ndarray, all_paths: Any) -> np.ndarray:
    """Return the estimator of the largest score by scope, over the first axis."""
    best = [np.where(allowed, score, -np.inf).argmax(axis=0) for allowed in _scopes(panel)]
    return np.where(all_paths, ALL_PATHS, np.stack(best))


def _all_paths(panel: Data) -> np.ndarray:
    """Return where a budget is enough for enumeration, ``(cell, budget)``."""
    return 2.0 ** panel["sites"][0][:, None] <= panel["budgets"][0]


def _scopes(panel: Data) -> tuple[np.ndarray, np.ndarray]:
    """Return masks of the usable estimators by scope, ``(estimator, 1, 1)``.

    The first mask is of any program; the second, of layers, contains all estimators.
    """
    anywhere = _any_program(panel)[:, None, None]
    return anywhere, np.ones_like(anywhere)


def _statistics(panel: Data) -> Data:
    """Return direction, bias and noise of every estimator over networks; see `ARRAYS`."""
    cosine = _networks(panel, "cosine")
    few = _networks(panel, "effective") < FEW
    return {
        "n_networks": np.array(cosine.shape[-1]),
        "median_cosine": np.median(cosine, axis=-1),
        "median_cosine_interval": median_interval(cosine),
        "p10_cosine": low(cosine, axis=-1),
        "min_cosine": cosine.min(axis=-1),
        "median_bias": np.median(_networks(panel, "bias"), axis=-1),
        "typical_variance": np.median(np.where(few, np.inf, _networks(panel, "variance")), axis=-1),
        "few_carry": few.sum(axis=-1),
        "runs": panel["evaluations"].mean(axis=0),
        "any_program": _any_program(panel),
        **_projections(panel, few),
    }


def _projections(panel: Data, few: np.ndarray) -> Data:
    projection, se = _networks(panel, "projection"), _networks(panel, "projection_se")
    z = np.divide(np.abs(projection - 1), se, out=np.full_like(se, np.nan), where=~few & (se > 0))
    interval = mean_interval(projection, axis=-1)[..., 1:]
    judged = np.where(np.isnan(z), -np.inf, z).max(axis=-1)
    return {
        "projection_interval": np.moveaxis(interval, -1, 0).astype(projection.dtype),
        "max_abs_z": np.where(np.isfinite(judged), judged, np.nan),
    }


def _against(panel: Data) -> Data:
    """Count the draws of weights where an estimator's mean points against the gradient.

    Networks of the same depth and width have the same weights at every slope and curvature: one
    draw.
    """
    cells, cosine = panel["cells"][0], _networks(panel, "cosine")
    shapes, slopes = np.unique(cells[:, :2], axis=0), np.unique(cells[:, 2])
    draws = np.stack(
        [
            [
                cosine[:, (cells[:, :2] == shape).all(axis=1) & (cells[:, 2] == slope)].min(axis=1)
                for shape in shapes
            ]
            for slope in slopes
        ]
    )  # (slope, shape, estimator, network)
    draws = np.moveaxis(draws, 2, 0).reshape(len(cosine), len(slopes), -1)
    anywhere, n = _count(draws.min(axis=1)), draws.shape[-1]
    return {
        "betas": slopes,
        "n_draws": np.array(n),
        "against": _count(draws),
        "against_any": anywhere,
        "against_any_interval": clopper_pearson(anywhere, n),
    }


def _count(cosine: np.ndarray) -> np.ndarray:
    """Count negative values over the last axis; NaN if they are not known."""
    return np.where(np.isnan(cosine).any(axis=-1), np.nan, np.sum(cosine < 0, axis=-1))


def low(values: np.ndarray, axis: int) -> np.ndarray:
    """Return the 10th percentile, without interpolation: of 30 networks, the third lowest."""
    return np.quantile(values, LOW, axis=axis, method="lower")


def _networks(panel: Data, key: str) -> np.ndarray:
    """Put the networks of all seeds side by side, ``(estimator, cell, network)``."""
    return np.concatenate(list(panel[key]), axis=2)


def _any_program(panel: Data) -> np.ndarray:
    """Return which estimators take any program, ``(estimator,)``."""
    return np.array([name not in LAYERS_ONLY for name in listed(panel, "estimators")])
