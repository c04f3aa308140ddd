"""What follows from the atlas of all seeds: statistics over networks, and which gradient to use."""

from typing import Any

import numpy as np

from beyond.experiments.atlas.over_networks import (
    against,
    any_program,
    low,
    networks,
    statistics,
)
from beyond.experiments.statistics import median_interval
from experiments.engine.base import Data, array

ARRAYS = {
    "n_networks": array("", "networks of a cell, all seeds together"),
    "median_cosine": array("estimator, cell", "median over networks"),
    "median_cosine_interval": array("end, estimator, cell", "its 95 % interval"),
    "p10_cosine": array("estimator, cell", "10th percentile over networks"),
    "min_cosine": array("estimator, cell", "the least"),
    "negative": array("estimator, cell", "number of networks with a cosine below zero"),
    "median_bias": array("estimator, cell", "median over networks"),
    "typical_variance": array(
        "estimator, cell", "median over networks, infinite where few trials carry it"
    ),
    "few_carry": array("estimator, cell", "number of these networks"),
    "projection_interval": array(
        "end, estimator, cell", "95 % interval of the mean projection over networks"
    ),
    "max_abs_z": array("estimator, cell", "largest z of the projection against 1, other networks"),
    "z_above_5": array("estimator, cell", "how many of these are above 5"),
    "runs": array("estimator, cell", "runs of the network per trial"),
    "any_program": array("estimator", "whether it takes any program"),
    "alignment": array(
        "estimator, cell, budget",
        "median over networks of the mean cosine; -inf where the budget does not buy a gradient",
    ),
    "p10_alignment": array("estimator, cell, budget", "its 10th percentile"),
    "min_alignment": array("estimator, cell, budget", "the least"),
    "best": array("scope, cell, budget", "estimator of the largest median"),
    "safest": array("scope, cell, budget", "estimator of the largest 10th percentile"),
    "rivals": array(
        "scope, estimator, cell, budget",
        "whether the 95 % interval of its median difference from the best, in pairs, holds 0",
    ),
    "betas": array("slope", "slopes by which advice is given", unit="1/potential"),
    "n_draws": array("", "draws of weights, each with a network at every slope"),
    "against": array(
        "estimator, slope", "draws in which an estimator's mean points against the gradient"
    ),
    "against_interval": array("end, estimator, slope", "95 % interval of their share"),
    "against_any": array("estimator", "draws in which it does so at any slope"),
    "against_any_interval": array("end, estimator", "95 % interval of their share"),
    "advised": array(
        "scope, slope, budget",
        "estimator of the best worst median, but for cells that enumeration does exactly",
    ),
    "advised_low": array("scope, slope, budget", "estimator of the best worst 10th percentile"),
}
"""What `pooled` returns."""


ALL_PATHS = -1
"""Stands for enumeration where the budget is enough for every path."""


def pooled(panel: Data) -> Data:
    """Statistics over the networks of all seeds, and the best estimators.

    *Any program* comes first, estimators that ask for layers without time included second,
    wherever an array has an axis of these two scopes.
    """
    data = statistics(panel)
    if not panel["budgets"].size:
        return data
    aligned = networks(panel, "aligned").astype(float)
    aligned = np.where(np.isnan(aligned), -np.inf, aligned)  # not bought
    data |= {
        "alignment": np.median(aligned, axis=2),
        "p10_alignment": low(aligned, axis=2),
        "min_alignment": aligned.min(axis=2),
    }
    best = _best(panel, data["alignment"], _all_paths(panel))
    return data | {
        "best": best,
        "safest": _best(panel, data["p10_alignment"], _all_paths(panel)),
        "rivals": rivals(panel, aligned, best),
        "advised": advised(panel, data["alignment"]),
        "advised_low": advised(panel, data["p10_alignment"]),
        **against(panel),
    }


def advised(panel: Data, score: np.ndarray) -> np.ndarray:
    """Return the estimator to use at a slope, whatever the depth, ``(scope, beta, budget)``.

    Args:
        panel: the cells.
        score: ``(estimator, cell, budget)``; the lowest of a slope counts.
    """
    slopes = panel["cells"][0][:, 2]
    score = np.where(_all_paths(panel), np.inf, score)
    worst = np.stack([score[:, slopes == beta].min(axis=1) for beta in np.unique(slopes)], axis=1)
    return _best(panel, worst, np.isposinf(worst).all(axis=0))


def rivals(panel: Data, aligned: np.ndarray, best: np.ndarray) -> np.ndarray:
    """Which estimators cannot be told from the best, ``(scope, estimator, cell, budget)``."""
    bought = np.isfinite(aligned).all(axis=2)
    finite = np.where(np.isfinite(aligned), aligned, 0.0)
    found = []
    for of, place in zip(_scopes(panel), best, strict=True):
        # Every estimator minus the best, in the same network.
        chosen = np.take_along_axis(finite, place[None, :, None], axis=0)
        low, high = median_interval(np.moveaxis(finite - chosen, 2, -1))
        others = np.arange(len(aligned))[:, None, None] != place
        undecided = ~((high < 0) | (low > 0))
        found.append(undecided & others & bought & of & (place != ALL_PATHS))
    return np.stack(found)


def _best(panel: Data, score: np.ndarray, all_paths: Any) -> np.ndarray:
    """Return the estimator of the largest score by scope, over the first axis."""
    best = [np.where(of, score, -np.inf).argmax(axis=0) for of in _scopes(panel)]
    return np.where(all_paths, ALL_PATHS, np.stack(best))


def _all_paths(panel: Data) -> np.ndarray:
    """Return where a budget is enough for enumeration, ``(cell, budget)``."""
    return 2.0 ** panel["sites"][0][:, None] <= panel["budgets"][0]


def _scopes(panel: Data) -> tuple[np.ndarray, np.ndarray]:
    """Which estimators may be chosen for any program, and for layers: ``(estimator, 1, 1)``."""
    anywhere = any_program(panel)[:, None, None]
    return anywhere, np.ones_like(anywhere)
