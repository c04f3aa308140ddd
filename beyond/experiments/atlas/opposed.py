r"""How often the mean of an estimator opposes the gradient, in many random networks.

Means and gradients are exact, so that only the draw of a network is random. Networks are those of
the atlas: the same weights at every slope of the noise. A mean *opposes* the gradient if their
cosine is negative. Draws whose gradient is shorter than `LEAST` are left out and counted, since
rounding would decide their direction.

Contrasts of two estimators are decided by medians over networks with intervals by order statistics,
since means have heavy tails.

Rule, committed before the numbers: seed 60, which no other panel has. Figure 8's headline states
the share of 3 000 draws (1 000 each at 1, 2 and 8 hidden layers of 4) in which a mean opposes the
gradient at slope 1, 4 or 16, with its interval. Claims on layers of 3 have 2 000 draws. "Never" is
not stated, whatever the count.
"""

from itertools import product
from typing import Annotated, ClassVar

import jax
import numpy as np
from pydantic import Field

from beyond.experiments.atlas.exact_means import exact_gradients, exact_means, set_against
from beyond.experiments.atlas.networks import networks, noise
from beyond.experiments.atlas.summary import cell_name
from beyond.experiments.statistics import clopper_pearson, median_interval
from experiments.engine.experiment import (
    Data,
    Distinct,
    Experiment,
    OneOf,
    Positive,
    Quantity,
    Seed,
    array,
    band,
    listed,
    param,
    seeds_param,
)
from experiments.engine.progress import track
from experiments.estimators import CATALOGUE, estimator

ESTIMATORS = (
    "surrogate",
    "surrogate_x0.25",
    "surrogate_x2",
    "surrogate_x4",
    "surrogate_super_spike",
    "mean_field",
    "smoothed_right",
    "smoothed_two_sided",
    "path_sample_analytic",
)
LEAST = 0.01
"""Norm of the shortest gradient whose direction counts."""
CONTRASTS = (
    ("cosine", "surrogate", "surrogate_x2"),
    ("cosine", "surrogate", "surrogate_x4"),
    ("bias", "surrogate", "smoothed_two_sided"),
    ("bias", "smoothed_two_sided", "path_sample_analytic"),
)
"""Cosines, first minus second, or log10 of biases, first over second."""


class Opposed(Experiment):
    """Directions of exact means in many random networks of the atlas."""

    NEEDS_X64: ClassVar[bool] = True

    depths: Distinct[Annotated[int, Field(ge=1, le=100)]] = param(
        [1, 2, 8], "numbers of hidden layers"
    )
    width: Annotated[int, Field(ge=2, le=10)] = param(4, "neurons of each hidden layer")
    betas: Distinct[Positive] = param(
        [1.0, 4.0, 16.0], "slopes of the escape noise", unit="1/potential"
    )
    estimators: Distinct[Annotated[str, OneOf(CATALOGUE)]] = param(
        list(ESTIMATORS), "estimators to compare"
    )
    n_networks: Annotated[int, Field(ge=10, le=100_000)] = param(
        1000, "random networks of each depth"
    )
    seeds: Distinct[Seed] = seeds_param()

    ARRAYS = {
        "depths": array("seed, depth", "hidden layers"),
        "betas": array("seed, slope", "slopes of the noise"),
        "width": array("seed", "neurons of a hidden layer"),
        "estimators": array("seed, estimator", "names"),
        "cosine": array(
            "seed, depth, slope, estimator, network", "cosine of the mean and the gradient"
        ),
        "bias": array(
            "seed, depth, slope, estimator, network",
            "norm of the difference over the norm of the gradient",
        ),
        "norm": array("seed, depth, slope, network", "norm of the gradient"),
        "share": array(
            "estimator, statistic", "networks opposed at any slope; exact 95 % interval"
        ),
        "share_of_cell": array(
            "estimator, depth, slope, statistic", "networks opposed; exact 95 % interval"
        ),
        "lowest": array("estimator", "lowest cosine"),
        "n_networks": array("", "networks of all depths and seeds"),
        "n_short": array("", "networks whose gradient is too short at some slope"),
    }

    def compute(self, seed: int) -> Data:
        """Return cosines and biases of every estimator's exact mean."""
        key = jax.random.key(seed)
        cells = list(product(self.depths, self.betas))
        rows = [self._cell(d, b, key) for d, b in track(cells, "cells")]
        shape = len(self.depths), len(self.betas)
        arrays = {
            name: np.stack([row[name] for row in rows]).reshape(*shape, *rows[0][name].shape)
            for name in rows[0]
        }
        return {
            "depths": np.array(self.depths),
            "betas": np.array(self.betas),
            "width": np.array(self.width),
            "estimators": np.array(self.estimators),
        } | {name: values.astype(np.float32) for name, values in arrays.items()}

    def _cell(self, depth: int, beta: float, key: jax.Array) -> Data:
        # The depth decides the weights, and the slope does not.
        own = jax.random.fold_in(key, depth)
        nets = networks((depth, self.width), self.n_networks, beta, 1.0, own)
        unused = noise(nets, key, 1)
        gradients = np.asarray(exact_gradients(nets))
        each = []
        for name in self.estimators:
            mean = exact_means(estimator(name, beta=beta), nets, unused, key)
            each.append(set_against(mean, gradients))
        return {
            "cosine": np.stack([one["cosine"] for one in each]),
            "bias": np.stack([one["bias"] for one in each]),
            "norm": np.linalg.norm(gradients, axis=1),
        }

    def pooled(self, data: Data) -> Data:
        """Return shares of opposed networks with intervals, and the lowest cosines."""
        cosine, norm = (np.concatenate(data[name], axis=-1) for name in ("cosine", "norm"))
        counts = norm >= LEAST
        opposed = (cosine < 0) & counts[:, :, None]
        n = cosine.shape[-1]
        anywhere = opposed.any(axis=1)
        total = anywhere.sum(axis=(0, 2))
        of_cell = np.moveaxis(opposed.sum(axis=-1), -1, 0)
        n_all = n * cosine.shape[0]
        return {
            "share": np.stack([total / n_all, *clopper_pearson(total, n_all)], axis=-1),
            "share_of_cell": np.stack([of_cell / n, *clopper_pearson(of_cell, n)], axis=-1),
            "lowest": np.where(counts[:, :, None], cosine, 1.0).min(axis=(0, 1, 3)),
            "n_networks": np.array(n_all),
            "n_short": np.array((~counts.all(axis=1)).sum()),
        }

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return shares of opposed networks, and medians of contrasts, by cell."""
        names, width = listed(data, "estimators"), float(data["width"][0])
        pooled, quantities = self.pooled(data), {}
        cells = list(product(enumerate(data["depths"][0]), enumerate(data["betas"][0])))
        for (i, depth), (j, beta) in cells:
            label = cell_name((float(depth), width, float(beta), 1.0))
            for k, name in enumerate(names):
                value, low, high = pooled["share_of_cell"][k, i, j]
                why = "a share of networks"
                quantities[f"{name}_{label}_opposed"] = band(value, 0, 1, why, (low, high))
            for key, *pair in CONTRASTS:
                if not set(pair) <= set(names):
                    continue
                both = (data[key][:, i, j, names.index(name)] for name in pair)
                x, y = (values.ravel().astype(float) for values in both)
                values, word = (x - y, "minus") if key == "cosine" else (np.log10(x / y), "over")
                low, high = median_interval(values)
                name = f"{pair[0]}_{word}_{pair[1]}_{label}_median"
                why = "a median over networks"
                quantities[name] = band(np.median(values), -10, 10, why, (low, high))
        return quantities
