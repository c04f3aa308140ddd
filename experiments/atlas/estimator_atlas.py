"""Bias, variance and cost of every estimator, over depth, width, noise and loss (an extension)."""

from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np

import snn
from experiments.atlas import choice
from experiments.atlas.measure import (
    exact_gradients,
    exact_means,
    forget_samplers_if_full,
    is_deterministic,
    sampled,
    sampled_means,
    set_against,
    without_trials,
)
from experiments.atlas.networks import N_OUTPUTS, networks, noise
from experiments.engine.base import (
    Data,
    Experiment,
    Quantity,
    band,
    exact,
    param,
    seeds_param,
    statistical,
)
from experiments.engine.progress import track
from experiments.estimators import ATLAS, CATALOGUE, compared, estimator, is_unbiased
from experiments.training import checkpoint

REFERENCE = "stochastic_ad"
"""The estimator that others' variances are compared with."""

CHANCE = "an unbiased estimator has |z| > 5 once in a million networks"
MAX_WIDTH = snn.TransferMatrix().max_width


@dataclass
class EstimatorAtlas(Experiment):
    """Random layered networks of binary neurons with sigmoid escape noise, against exact gradients.

    All combinations of the lists are cells. In each, every estimator runs on the same networks
    and the same noise; cells of one depth and width share their weights, too. The loss is
    (1 - c) r.s + c (r.s - z)^2 / 2 of the output spikes s, with a random readout r and target z,
    and the curvature c.
    """

    NEEDS_X64: ClassVar[bool] = True

    depths: list[int] = param([2], "numbers of hidden layers", low=1, distinct=True)
    widths: list[int] = param(
        [4], "neurons of each hidden layer", low=2, high=MAX_WIDTH, distinct=True
    )
    betas: list[float] = param(
        [4.0], "slope parameters of the escape noise", unit="1/potential", above=0, distinct=True
    )
    curvatures: list[float] = param(
        [1.0], "from a linear loss (0) to a quadratic one (1)", low=0, high=1, distinct=True
    )
    estimators: list[str] = param(
        compared(ATLAS),
        "estimators to compare, each by its name",
        choices=CATALOGUE,
        distinct=True,
    )
    n_networks: int = param(10, "random networks per seed", low=2)
    n_trials: int = param(2048, "trials per network and estimator", low=16)
    n_flips: int = param(2, "spikes flipped per trial by stochastic_ad_few_flips", low=1, high=4)
    epsilon: float = param(0.1, "step of the finite differences", above=0)
    sigma: float = param(0.1, "width of the evolution strategies' perturbations", above=0)
    gain: float = param(1.0, "standard deviation of the weights times sqrt(fan-in)", above=0)
    seeds: list[int] = seeds_param()

    @property
    def cells(self) -> list[tuple[int, int, float, float]]:
        """Every depth, width, beta and curvature together, those of one shape side by side."""
        return [
            (depth, width, beta, curvature)
            for depth in self.depths
            for width in self.widths
            for beta in self.betas
            for curvature in self.curvatures
        ]

    def pooled(self, data: Data) -> Data:
        """Means over networks, and the best estimator at each budget; see `choice.pooled`."""
        return choice.pooled(data)

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Every estimator over all cells, and biased ones where they are best and worst."""
        quantities = {}
        for i, name in enumerate(self.estimators):
            # Each has axes of seeds, cells and networks.
            projection, se, cosine, bias, variance = (
                data[key][:, i]
                for key in ("projection", "projection_se", "cosine", "bias", "variance")
            )
            if is_unbiased(name):
                # Cells share their noise, networks do not.
                means, errors = projection.mean(axis=1), np.sqrt(np.mean(se**2, axis=1))
                error = np.sqrt(np.sum(errors**2)) / errors.size
                quantities[f"{name}_projection"] = statistical(means.mean(), error)
                # A zero error is no noise at all, or a flip that no trial happened to see.
                z = np.divide(np.abs(projection - 1), se, out=np.zeros_like(se), where=se > 0)
                quantities[f"{name}_max_abs_z"] = band(z.max(), 0, 5, CHANCE)
            else:
                for j, cell in enumerate(self.cells):
                    label = f"{name}_{cell_name(cell)}"
                    quantities[f"{label}_cosine"] = exact(cosine[:, j].mean(), 1e-5, 1e-6)
                    quantities[f"{label}_bias"] = exact(np.median(bias[:, j]), 1e-5, 1e-6)
            if is_unbiased(name) and REFERENCE in self.estimators and np.all(variance > 0):
                least = data["variance"][:, self.estimators.index(REFERENCE)]
                # Networks differ more than estimators do: in pairs.
                logs = np.log10(variance / least).mean(axis=1).ravel()
                if name != REFERENCE:
                    quantities[f"{name}_log10_variance_ratio"] = statistical(*mean_se(logs))
        return quantities


def cell_name(cell: tuple[int, int, float, float]) -> str:
    """A cell in the names of quantities, as "d2_w4_b4_c1"."""
    return "_".join(f"{letter}{value:g}" for letter, value in zip("dwbc", cell, strict=True))


def mean_se(values: np.ndarray) -> tuple[float, float]:
    """Mean and standard error of one number per network."""
    return float(values.mean()), float(values.std(ddof=1) / len(values) ** 0.5)


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
    saved = checkpoint.load()
    parts = [_part(saved, i) for i in range(int(saved.get("done", 0)))]
    shapes = [list(cells) for _, cells in groupby(config.cells, key=lambda cell: cell[:2])]
    for cells in track(shapes[len(parts) :], "depths and widths"):
        forget_samplers_if_full()
        parts.append(_shape(config, seed, cells))
        _save(parts)
    joined = {name: np.concatenate([part[name] for part in parts], axis=1) for name in parts[0]}
    return {
        "cells": np.array(config.cells, float),
        "sites": np.array([depth * width + N_OUTPUTS for depth, width, _, _ in config.cells]),
        "estimators": np.array(config.estimators),
        **joined,
    }


def _part(saved: Arrays, i: int) -> Arrays:
    """One entry of the list that `_save` wrote."""
    return {k.partition("/")[2]: saved[k] for k in saved if k.startswith(f"{i}/")}


def _save(parts: list[Arrays]) -> None:
    arrays = {f"{i}/{name}": array for i, part in enumerate(parts) for name, array in part.items()}
    checkpoint.save({"done": np.array(len(parts)), **arrays})


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
    settings = {name: getattr(config, name) for name in ("n_flips", "epsilon", "sigma")}
    rows = []
    for name in track(config.estimators, "estimators"):
        row = []
        for cell, drawn, gradient in zip(cells, draws, gradients, strict=True):
            made = estimator(name, beta=jnp.asarray(cell[2]), **settings)
            mean = exact_means(made, drawn, xi, k_own)
            if mean is None and not is_unbiased(name):
                mean = sampled_means(made, drawn, xi, k_own)
            entry = set_against(mean, np.asarray(gradient))
            if is_deterministic(made):
                entry |= without_trials(len(gradient))
            else:
                entry |= sampled(made, drawn, xi, gradient, k_own)
            if mean is not None:
                # Nothing to test: the mean is no unbiased estimate of the gradient.
                entry |= dict.fromkeys(
                    ("projection", "projection_se"), np.full(len(gradient), np.nan)
                )
            row.append(entry)
        rows.append({key: np.stack([entry[key] for entry in row]) for key in row[0]})
    # Single precision is enough to draw, and half the size.
    return {key: np.stack([row[key] for row in rows]).astype(np.float32) for key in rows[0]}
