"""Bias, variance and cost of estimators over depth, width, noise and loss (an extension)."""

from itertools import groupby, product
from typing import Annotated, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from pydantic import Field

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
from experiments.engine.checkpoint import load_checkpoint, save_checkpoint
from experiments.engine.experiment import (
    Data,
    Distinct,
    Experiment,
    OneOf,
    Positive,
    Quantity,
    Seed,
    Share,
    array,
    param,
    seeds_param,
)
from experiments.engine.progress import track
from experiments.estimators import CATALOGUE, estimator, is_unbiased

MAX_WIDTH = snn.TransferMatrix().max_width


class EstimatorAtlas(Experiment):
    """Random layered networks of binary neurons with sigmoid escape noise, against exact gradients.

    All combinations of the lists are cells. In a cell, every estimator runs on the same networks
    and the same noise; cells of the same depth and width share weights, too. The loss is
    (1 - c) r.s + c (r.s - z)^2 / 2 of the output spikes s, with a random readout r and target z,
    and the curvature c.
    """

    NEEDS_X64: ClassVar[bool] = True

    depths: Distinct[Annotated[int, Field(ge=1, le=100)]] = param([2], "numbers of hidden layers")
    widths: Distinct[Annotated[int, Field(ge=2, le=MAX_WIDTH)]] = param(
        [4], "neurons of each hidden layer"
    )
    betas: Distinct[Positive] = param(
        [4.0], "slope parameters of the escape noise", unit="1/potential"
    )
    curvatures: Distinct[Share] = param(
        [1.0], "curvatures of the loss, from linear (0) to quadratic (1)"
    )
    estimators: Distinct[Annotated[str, OneOf(CATALOGUE)]] = param(
        list(COMPARED), "estimators to compare, each by its name"
    )
    n_networks: Annotated[int, Field(ge=2, le=10_000)] = param(10, "random networks per seed")
    n_trials: Annotated[int, Field(ge=16, le=1_000_000)] = param(
        2048, "trials per network and estimator"
    )
    max_budget: Annotated[int, Field(ge=0)] = param(
        0, "largest budget of a gradient, in forward passes; budgets are powers of ten, 0: none"
    )
    n_flips: Annotated[int, Field(ge=1, le=4)] = param(
        2, "spikes flipped per trial by stochastic_ad_few_flips"
    )
    seeds: Distinct[Seed] = seeds_param()

    ARRAYS = {
        "cells": array("seed, cell, setting", "depth, width, beta and curvature of each cell"),
        "sites": array("seed, cell", "number of stochastic neurons of a network"),
        "estimators": array("seed, estimator", "names"),
        "budgets": array("seed, budget", "budget of one gradient, in forward passes"),
        "cosine": array(
            "seed, estimator, cell, network", "cosine of an estimator's mean and the gradient"
        ),
        "bias": array(
            "seed, estimator, cell, network", "norm of the difference over the norm of the gradient"
        ),
        "variance": array(
            "seed, estimator, cell, network",
            "variance of one trial over the gradient's squared norm",
        ),
        "projection": array(
            "seed, estimator, cell, network", "scalar product of mean and gradient, relative"
        ),
        "projection_se": array(
            "seed, estimator, cell, network", "standard error of this projection"
        ),
        "effective": array(
            "seed, estimator, cell, network", "trials that carry the variance of the projection"
        ),
        "aligned": array(
            "seed, estimator, cell, network, budget", "mean cosine of a gradient at a budget"
        ),
        "evaluations": array("seed, estimator, cell", "forward passes per trial"),
    } | choice.ARRAYS

    @property
    def cells(self) -> list[tuple[int, int, float, float]]:
        """Combinations of depth, width, beta and curvature, sorted by shape."""
        return list(product(self.depths, self.widths, self.betas, self.curvatures))

    @property
    def budgets(self) -> list[int]:
        """Budgets of one gradient, in forward passes."""
        return [10**k for k in range(len(str(self.max_budget))) if 10**k <= self.max_budget]

    def check(self) -> None:
        """Refuse budgets for more than `n_trials` trials.

        Raises:
            ValueError: For budgets for more than `n_trials` trials.
        """
        if self.max_budget > self.n_trials:
            what, expected = "buys more trials than are drawn", "at most n_trials"
            raise ValueError(f"{what}: {self.given('max_budget', 'n_trials')}; expected {expected}")

    def compute(self, seed: int) -> Data:
        """Compare estimators with exact gradients, cell by cell.

        After an interruption the computation resumes with the first unfinished depth and width.
        """
        shapes = [list(cells) for _, cells in groupby(self.cells, key=lambda cell: cell[:2])]
        arrays = load_checkpoint(len(shapes))
        done = int(arrays.pop("done", 0))
        for cells in track(shapes[done:], "depths and widths"):
            forget_compiled_if_full()
            part = _shape(self, seed, cells)
            if done:
                part = {name: np.concatenate([arrays[name], part[name]], axis=1) for name in part}
            arrays, done = part, done + 1
            save_checkpoint(arrays | {"done": np.array(done)})
        return {
            "cells": np.array(self.cells, float),
            "sites": np.array([depth * width + N_OUTPUTS for depth, width, _, _ in self.cells]),
            "estimators": np.array(self.estimators),
            "budgets": np.array(self.budgets, int),
            **arrays,
        }

    def pooled(self, data: Data) -> Data:
        """Return statistics over networks, and the best estimators by budget: `choice.pooled`."""
        return choice.pooled(data)

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return quantities of every estimator, and of some in pairs: `summary.summary`."""
        return summary.summary(data)


Cell = tuple[int, int, float, float]


def _shape(config: EstimatorAtlas, seed: int, cells: list[Cell]) -> Data:
    """Return the arrays of all cells of one depth and width; they share weights and noise."""
    key = jax.random.key(seed)
    for number in cells[0][:2]:
        key = jax.random.fold_in(key, number)
    k_networks, k_noise, k_own = jax.random.split(key, 3)
    draws = [
        networks(cells[0][:2], config.n_networks, beta, curvature, k_networks)
        for _, _, beta, curvature in cells
    ]
    xi = noise(draws[0], k_noise, config.n_trials)
    gradients = [np.asarray(exact_gradients(drawn)) for drawn in draws]
    rows = []
    for name in track(config.estimators, "estimators"):
        row = []
        for cell, drawn, gradient in zip(cells, draws, gradients, strict=True):
            method = estimator(name, beta=jnp.asarray(cell[2]), n_flips=config.n_flips)
            mean = exact_means(method, drawn, xi, k_own)
            if mean is None and not is_unbiased(name):
                mean = sampled_means(method, drawn, xi, k_own)
            entry = set_against(mean, gradient)
            if is_deterministic(method):
                entry |= without_trials(entry["cosine"], config.budgets)
            else:
                entry |= sampled(method, (drawn, xi, gradient), k_own, config.budgets)
            if mean is not None:
                # A biased mean is not tested against the gradient.
                entry |= dict.fromkeys(
                    ("projection", "projection_se"), np.full(len(gradient), np.nan)
                )
            row.append(entry)
        rows.append({key: np.stack([entry[key] for entry in row]) for key in row[0]})
    return {key: _rounded(np.stack([row[key] for row in rows])) for key in rows[0]}


def _rounded(values: np.ndarray) -> np.ndarray:
    """Round to single precision with 16 bits of mantissa, for small files."""
    bits = values.astype(np.float32).view(np.uint32)
    rounded = ((bits + np.uint32(1 << 6)) & ~np.uint32((1 << 7) - 1)).view(np.float32)
    return np.where(np.isfinite(values), rounded, values).astype(np.float32)
