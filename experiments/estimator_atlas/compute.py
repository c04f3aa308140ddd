"""Every estimator in every cell of the atlas."""

import os
from collections.abc import Mapping
from itertools import groupby
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

import snn
from experiments.engine.checkpoint import checkpoint_path
from experiments.engine.progress import track
from experiments.engine.runtime import forget_compiled_code_if_full
from experiments.estimator_atlas import EstimatorAtlas
from experiments.estimator_atlas.estimators import MAKE
from experiments.estimator_atlas.measure import (
    exact_gradients,
    exact_means,
    forget_samplers,
    sampler,
)
from experiments.estimator_atlas.networks import N_OUTPUTS, networks, noise
from snn.estimators.base import Estimator

Cell = tuple[int, int, float, float]
Arrays = dict[str, np.ndarray]


def compute(config: EstimatorAtlas, seed: int) -> Arrays:
    """Compares estimators with exact gradients, cell by cell.

    A run that is interrupted goes on with the first depth and width that it has not finished.

    Args:
        config: the cells, the estimators and the numbers of networks and trials.
        seed: seed of the networks and the trials.

    Returns:
        cells: depth, width, beta and curvature, ``(cell, 4)``.
        sites: stochastic neurons of a network, ``(cell,)``.
        estimators: their names, ``(estimator,)``.
        cosine: of an estimator's mean and the exact gradient, ``(estimator, cell, network)``; NaN
            for the unbiased ones.
        scale, bias: norm of the mean, and of the difference, over that of the gradient; likewise.
        variance: of one trial, summed over parameters, over the gradient's squared norm, same
            shape.
        projection, projection_se: scalar product of the sampled mean and the gradient over the
            gradient's squared norm, and its standard error, same shape; NaN for the biased ones.
        evaluations: runs of the network per trial, ``(estimator, cell)``.
        kilobytes: memory of one trial in the compiled code, same shape; NaN without trials.
        microseconds: time of one trial, same shape; NaN without trials. The one number that
            another machine, and another run, give otherwise.
    """
    path, parts = checkpoint_path(), []
    if path is not None and path.is_file():
        with np.load(path) as file:
            parts = [_part(file, i) for i in range(int(file["done"]))]
    shapes = [list(cells) for _, cells in groupby(config.cells, key=lambda cell: cell[:2])]
    for cells in track(shapes[len(parts) :], "depths and widths"):
        if forget_compiled_code_if_full():
            forget_samplers()
        parts.append(_shape(config, seed, cells))
        _save(parts)
    joined = {name: np.concatenate([part[name] for part in parts], axis=1) for name in parts[0]}
    return {
        "cells": np.array(config.cells, float),
        "sites": np.array([depth * width + N_OUTPUTS for depth, width, _, _ in config.cells]),
        "estimators": np.array(config.estimators),
        **joined,
    }


def _part(file: Mapping[str, np.ndarray], i: int) -> Arrays:
    """One entry of the list that `_save` wrote."""
    return {k.partition("/")[2]: file[k] for k in file if k.startswith(f"{i}/")}


def _save(parts: list[Arrays]) -> None:
    """Writes what is done beside its place and moves it there: it is whole or absent."""
    path = checkpoint_path()
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    arrays = {f"{i}/{name}": array for i, part in enumerate(parts) for name, array in part.items()}
    with temporary.open("wb") as file:
        np.savez(file, done=np.array(len(parts)), **arrays)
    os.replace(temporary, path)


def _shape(config: EstimatorAtlas, seed: int, cells: list[Cell]) -> Arrays:
    """All cells of one depth and width, which share weights and noise."""
    key = jax.random.key(seed)
    for number in cells[0][:2]:
        key = jax.random.fold_in(key, number)
    k_networks, k_noise, k_own = jax.random.split(key, 3)
    draws = [
        networks(cells[0][:2], config.n_networks, config.gain, beta, curvature, k_networks)
        for _, _, beta, curvature in cells
    ]
    xi = noise(draws[0], k_noise, config.n_trials)
    gradients = [exact_gradients(drawn) for drawn in draws]
    rows = []
    for name in track(config.estimators, "estimators"):
        row = []
        for cell, drawn, gradient in zip(cells, draws, gradients, strict=True):
            estimator = MAKE[name](config, jnp.asarray(cell[2]))
            mean = exact_means(estimator, drawn, xi, k_own)
            entry = _compared(mean, np.asarray(gradient))
            if isinstance(estimator, snn.MeanField) or _is_deterministic(estimator):
                entry |= _without_trials(len(gradient))
            else:
                entry |= _sampled(estimator, drawn, xi, gradient, k_own)
            if mean is not None:
                # Nothing to test: the exact mean is known.
                entry |= dict.fromkeys(
                    ("projection", "projection_se"), np.full(len(gradient), np.nan)
                )
            row.append(entry)
        rows.append({key: np.stack([entry[key] for entry in row]) for key in row[0]})
    # Single precision is enough to draw, and half the size.
    return {key: np.stack([row[key] for row in rows]).astype(np.float32) for key in rows[0]}


def _is_deterministic(estimator: Estimator) -> bool:
    return isinstance(estimator, snn.Surrogate) and estimator.forward is snn.threshold


def _compared(mean: Array | None, gradient: np.ndarray) -> Arrays:
    """Cosine, scale and bias of means, ``(network,)``; NaN where there is no exact mean."""
    if mean is None:
        unknown = np.full(len(gradient), np.nan)
        return {"cosine": unknown, "scale": unknown, "bias": unknown}
    mean, norm = np.asarray(mean), np.linalg.norm(gradient, axis=1)
    size = np.linalg.norm(mean, axis=1)
    return {
        # A mean of zero points nowhere.
        "cosine": np.sum(mean * gradient, axis=1) / (norm * np.where(size > 0, size, 1.0)),
        "scale": size / norm,
        "bias": np.linalg.norm(mean - gradient, axis=1) / norm,
    }


def _without_trials(n_networks: int) -> Arrays:
    """No variance, one run, no batch to hold and none to time."""
    return {
        "variance": np.zeros(n_networks),
        "evaluations": np.array(1.0),
        "kilobytes": np.array(np.nan),
        "microseconds": np.array(np.nan),
    }


def _sampled(*arguments: Any) -> Arrays:
    """Moments of samples and their cost; arguments as in `sampler`."""
    sampling = sampler(*arguments)
    moments, microseconds = sampling(*arguments)
    return {
        "variance": np.asarray(moments.variance),
        "projection": np.asarray(moments.projection),
        "projection_se": np.asarray(moments.projection_se),
        "evaluations": np.asarray(moments.evaluations.mean()),
        "kilobytes": np.array(sampling.kilobytes),
        "microseconds": np.array(microseconds),
    }
