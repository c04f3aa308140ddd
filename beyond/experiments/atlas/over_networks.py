"""Statistics over the random networks of all seeds."""

import numpy as np

from beyond.experiments.statistics import clopper_pearson, median_interval
from experiments.engine.base import Data, listed
from experiments.estimators import CATALOGUE
from experiments.statistics import mean_interval

LOW = 0.1
"""The quantile over networks that stands for the bad ones; see `low`."""

FEW = 30
"""Effective trials below which a sampled variance, known to a fifth at best, is not used."""


def statistics(panel: Data) -> Data:
    """Direction, bias and noise of every estimator, over networks; see `choice.ARRAYS`."""
    cosine = networks(panel, "cosine")
    few = networks(panel, "effective") < FEW
    return {
        "n_networks": np.array(cosine.shape[-1]),
        "median_cosine": np.median(cosine, axis=-1),
        "median_cosine_interval": median_interval(cosine),
        "p10_cosine": low(cosine, axis=-1),
        "min_cosine": cosine.min(axis=-1),
        "negative": _count(cosine),
        "median_bias": np.median(networks(panel, "bias"), axis=-1),
        "typical_variance": np.median(np.where(few, np.inf, networks(panel, "variance")), axis=-1),
        "few_carry": few.sum(axis=-1),
        "runs": cost(panel),
        "any_program": any_program(panel),
        **_projections(panel, few),
    }


def _projections(panel: Data, few: np.ndarray) -> Data:
    projection, se = networks(panel, "projection"), networks(panel, "projection_se")
    z = np.divide(np.abs(projection - 1), se, out=np.full_like(se, np.nan), where=~few & (se > 0))
    interval = mean_interval(projection, axis=-1)[..., 1:]
    judged = np.where(np.isnan(z), -np.inf, z).max(axis=-1)
    return {
        "projection_interval": np.moveaxis(interval, -1, 0).astype(projection.dtype),
        "max_abs_z": np.where(np.isfinite(judged), judged, np.nan),
        "z_above_5": np.sum(z > 5, axis=-1),
    }


def against(panel: Data) -> Data:
    """For how many draws of weights an estimator's mean points against the gradient.

    Networks of one depth and width have the same weights at every slope and curvature: one draw.
    """
    cells, cosine = panel["cells"][0], networks(panel, "cosine")
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
    counts = {"against": _count(draws), "against_any": _count(draws.min(axis=1))}
    n = draws.shape[-1]
    intervals = {f"{key}_interval": clopper_pearson(k, n) for key, k in counts.items()}
    return {"betas": slopes, "n_draws": np.array(n), **counts, **intervals}


def _count(cosine: np.ndarray) -> np.ndarray:
    """How many over the last axis are below zero; NaN where they are not known."""
    return np.where(np.isnan(cosine).any(axis=-1), np.nan, np.sum(cosine < 0, axis=-1))


def low(values: np.ndarray, axis: int) -> np.ndarray:
    """Return the 10th percentile, without interpolation: of 30 networks, the third lowest."""
    return np.quantile(values, LOW, axis=axis, method="lower")


def networks(panel: Data, key: str) -> np.ndarray:
    """Put the networks of all seeds side by side, ``(estimator, cell, network)``."""
    return np.concatenate(list(panel[key]), axis=2)


def cost(panel: Data) -> np.ndarray:
    """Return runs of the network per trial, ``(estimator, cell)``."""
    return panel["evaluations"].mean(axis=0)


def any_program(panel: Data) -> np.ndarray:
    """Return which estimators take any program, ``(estimator,)``."""
    return np.array([not CATALOGUE[name].layers_only for name in listed(panel, "estimators")])
