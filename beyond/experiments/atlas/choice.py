"""What follows from the atlas of all seeds: statistics over networks, and which gradient to use."""

from typing import Any

import numpy as np

from beyond.experiments.atlas.over_networks import (
    against,
    any_program,
    cost,
    low,
    networks,
    statistics,
)
from beyond.experiments.statistics import median_interval
from experiments.engine.base import Data, array, listed
from experiments.estimators import CATALOGUE

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
    "formula_off": array(
        "estimator, cell, budget", "largest distance of a formula for the alignment"
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
    return data | _by_budget(panel) if panel["budgets"].size else data


def _by_budget(panel: Data) -> Data:
    aligned = alignments(panel)
    data = {
        "alignment": np.median(aligned, axis=2),
        "p10_alignment": low(aligned, axis=2),
        "min_alignment": aligned.min(axis=2),
    }
    by_median, by_low = (winners(panel, data[key]) for key in ("alignment", "p10_alignment"))
    bought = np.isfinite(aligned).all(axis=2)
    off = np.abs(_or_zero(formula(panel)) - _or_zero(aligned)).max(axis=2)
    return data | {
        "best": by_median,
        "safest": by_low,
        "rivals": rivals(panel, aligned, by_median),
        "advised": advised(panel, data["alignment"]),
        "advised_low": advised(panel, data["p10_alignment"]),
        "formula_off": np.where(bought, off, np.nan),
        **against(panel),
    }


def alignments(panel: Data) -> np.ndarray:
    """Mean cosine with the gradient, ``(estimator, cell, network, budget)``; -inf: not bought."""
    aligned = networks(panel, "aligned").astype(float)
    return np.where(np.isnan(aligned), -np.inf, aligned)


def formula(panel: Data) -> np.ndarray:
    r"""Return an approximation of the mean cosine, ``(estimator, cell, network, budget)``.

    With the mean m, the variance V of one trial and K = budget / cost trials, the best multiple of
    the estimate misses the gradient g by :math:`|g|^2 (1 - a^2)` in the mean square, where
    :math:`a = \cos(m, g) / \sqrt{1 + V / (K |m|^2)}`. -inf where the budget does not buy one trial.
    """
    runs, budgets = cost(panel), panel["budgets"][0]
    # An unbiased mean is the gradient, which is why it was not measured.
    cosine, scale = (
        np.where(np.isnan(values), 1.0, values.astype(float))  # a square must not underflow
        for values in (networks(panel, "cosine"), networks(panel, "scale"))
    )
    # A mean of zero points nowhere.
    noise = np.divide(
        networks(panel, "variance"), scale**2, out=np.full_like(scale, np.inf), where=scale > 0
    )
    trials = np.floor(budgets / runs[..., None])
    least = np.array([CATALOGUE[name].least_trials for name in listed(panel, "estimators")])
    bought = trials >= least[:, None, None]
    ratio = noise[..., None] / np.where(bought, trials, 1.0)[:, :, None]
    each = cosine[..., None] / np.sqrt(1 + ratio)
    return np.where(bought[:, :, None], each, -np.inf)


def winners(panel: Data, score: np.ndarray) -> np.ndarray:
    """Return the estimator of the largest score, ``(scope, cell, budget)``.

    Args:
        panel: the cells.
        score: ``(estimator, cell, budget)``.
    """
    return _best(panel, score, _all_paths(panel))


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
    finite = _or_zero(aligned)
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
    best = [np.where(of, score, -np.inf).argmax(axis=0) for of in _scopes(panel)]
    return np.where(all_paths, ALL_PATHS, np.stack(best))


def _all_paths(panel: Data) -> np.ndarray:
    """Return where a budget is enough for enumeration, ``(cell, budget)``."""
    return 2.0 ** panel["sites"][0][:, None] <= panel["budgets"][0]


def _scopes(panel: Data) -> tuple[np.ndarray, np.ndarray]:
    """Which estimators may be chosen for any program, and for layers: ``(estimator, 1, 1)``."""
    anywhere = any_program(panel)[:, None, None]
    return anywhere, np.ones_like(anywhere)


def _or_zero(values: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(values), values, 0.0)
