"""Bias, variance and cost of every estimator, over depth, width, noise and loss (an extension)."""

from dataclasses import dataclass
from itertools import groupby, product
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np

import snn
from beyond.experiments.atlas import choice, summary
from beyond.experiments.atlas.compared import COMPARED
from beyond.experiments.atlas.exact_means import (
    exact_gradients,
    exact_means,
    is_deterministic,
    sampled_means,
    set_against,
)
from beyond.experiments.atlas.networks import N_OUTPUTS, networks, noise
from beyond.experiments.atlas.samples import forget_compiled_if_full, sampled, without_trials
from beyond.experiments.limits import least_trials
from experiments.engine.compute import checkpoint
from experiments.engine.compute.progress import track
from experiments.engine.declare.experiment import (
    Data,
    Experiment,
    Quantity,
    array,
    param,
    seeds_param,
)
from experiments.estimators import CATALOGUE, estimator, is_unbiased

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

    depths: list[int] = param([2], "numbers of hidden layers", low=1, high=100, distinct=True)
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
        list(COMPARED),
        "estimators to compare, each by its name",
        choices=CATALOGUE,
        distinct=True,
    )
    n_networks: int = param(10, "random networks per seed", low=2, high=10_000)
    n_trials: int = param(2048, "trials per network and estimator", low=16, high=1_000_000)
    max_budget: int = param(
        0, "most runs that a gradient may cost, in powers of ten from 1; 0: no budgets", low=0
    )
    n_flips: int = param(2, "spikes flipped per trial by stochastic_ad_few_flips", low=1, high=4)
    epsilon: float = param(0.1, "step of the finite differences", above=0)
    sigma: float = param(0.1, "width of the evolution strategies' perturbations", above=0)
    gain: float = param(1.0, "standard deviation of the weights times sqrt(fan-in)", above=0)
    seeds: list[int] = seeds_param()

    ARRAYS = {
        "cells": array("seed, cell, setting", "depth, width, beta and curvature of each cell"),
        "sites": array("seed, cell", "stochastic neurons of a network"),
        "estimators": array("seed, estimator", "names"),
        "budgets": array("seed, budget", "runs of the network that one gradient may cost"),
        "cosine": array(
            "seed, estimator, cell, network", "of an estimator's mean and the gradient"
        ),
        "scale": array(
            "seed, estimator, cell, network", "norm of the mean over that of the gradient"
        ),
        "bias": array(
            "seed, estimator, cell, network", "norm of the difference over that of the gradient"
        ),
        "variance": array(
            "seed, estimator, cell, network", "of one trial, over the gradient's squared norm"
        ),
        "projection": array(
            "seed, estimator, cell, network", "scalar product of mean and gradient, relative"
        ),
        "projection_se": array("seed, estimator, cell, network", "its standard error"),
        "effective": array(
            "seed, estimator, cell, network", "trials that carry the variance of the projection"
        ),
        "aligned": array(
            "seed, estimator, cell, network, budget", "mean cosine of what a budget buys"
        ),
        "evaluations": array("seed, estimator, cell", "runs of the network per trial"),
    } | choice.ARRAYS

    @property
    def cells(self) -> list[tuple[int, int, float, float]]:
        """Every depth, width, beta and curvature together, those of one shape side by side."""
        return list(product(self.depths, self.widths, self.betas, self.curvatures))

    @property
    def budgets(self) -> list[int]:
        """Runs of the network that one gradient may cost."""
        return [10**k for k in range(len(str(self.max_budget))) if 10**k <= self.max_budget]

    def validate(self, path: str) -> None:
        """Refuse budgets that buy more trials than there are."""
        if self.max_budget > self.n_trials:
            what, expected = "buys more trials than are drawn", "at most n_trials"
            fix = 16 * self.max_budget
            raise self.refusal(path, what, "max_budget n_trials", expected, n_trials=fix)

    def compute(self, seed: int) -> Data:
        """Compare estimators with exact gradients, cell by cell.

        A run that is interrupted goes on with the first depth and width that it has not finished.
        """
        shapes = [list(cells) for _, cells in groupby(self.cells, key=lambda cell: cell[:2])]
        found = checkpoint.load(len(shapes))
        done = int(found.pop("done", 0))
        for cells in track(shapes[done:], "depths and widths"):
            forget_compiled_if_full()
            part = _shape(self, seed, cells)
            if done:
                part = {name: np.concatenate([found[name], part[name]], axis=1) for name in part}
            found, done = part, done + 1
            checkpoint.save(found | {"done": np.array(done)})
        return {
            "cells": np.array(self.cells, float),
            "sites": np.array([depth * width + N_OUTPUTS for depth, width, _, _ in self.cells]),
            "estimators": np.array(self.estimators),
            "budgets": np.array(self.budgets, int),
            **found,
        }

    def pooled(self, data: Data) -> Data:
        """Statistics over networks, and the best estimators by budget; see `choice.pooled`."""
        return choice.pooled(data)

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Every estimator over all cells, and some in pairs; see `summary.summary`."""
        return summary.summary(data)


Cell = tuple[int, int, float, float]


def _shape(config: EstimatorAtlas, seed: int, cells: list[Cell]) -> Data:
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
    gradients = [np.asarray(exact_gradients(drawn)) for drawn in draws]
    settings = {name: getattr(config, name) for name in ("n_flips", "epsilon", "sigma")}
    rows = []
    for name in track(config.estimators, "estimators"):
        row = []
        for cell, drawn, gradient in zip(cells, draws, gradients, strict=True):
            made = estimator(name, beta=jnp.asarray(cell[2]), **settings)
            mean = exact_means(made, drawn, xi, k_own)
            if mean is None and not is_unbiased(name):
                mean = sampled_means(made, drawn, xi, k_own)
            entry = set_against(mean, gradient)
            if is_deterministic(made):
                entry |= without_trials(entry["cosine"], config.budgets)
            else:
                least = least_trials(name)
                entry |= sampled(made, (drawn, xi, gradient), k_own, config.budgets, least)
            if mean is not None:
                # Nothing to test: the mean is no unbiased estimate of the gradient.
                entry |= dict.fromkeys(
                    ("projection", "projection_se"), np.full(len(gradient), np.nan)
                )
            row.append(entry)
        rows.append({key: np.stack([entry[key] for entry in row]) for key in row[0]})
    return {key: _rounded(np.stack([row[key] for row in rows])) for key in rows[0]}


def _rounded(values: np.ndarray) -> np.ndarray:
    """Single precision with 16 bits of mantissa: enough to draw, and much smaller when packed."""
    bits = values.astype(np.float32).view(np.uint32)
    rounded = ((bits + np.uint32(1 << 6)) & ~np.uint32((1 << 7) - 1)).view(np.float32)
    return np.where(np.isfinite(values), rounded, values).astype(np.float32)
