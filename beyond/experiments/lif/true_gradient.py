"""Surrogate gradients of LIF networks over time, against their true gradient."""

from itertools import product
from typing import Annotated

import jax
import numpy as np
from pydantic import Field

from beyond.experiments.lif.lif_task import lif_task
from beyond.experiments.lif.trial_batches import PER_RUN, TRUTH, layer_batches
from beyond.experiments.methods import Method
from experiments.engine.experiment import (
    Count,
    Data,
    Distinct,
    Experiment,
    OneOf,
    Positive,
    Quantity,
    Seed,
    Several,
    Size,
    array,
    listed,
    param,
    seeds_param,
    stacked,
    statistical,
)
from experiments.engine.progress import track
from experiments.estimators import CATALOGUE, estimator
from experiments.neurons import NEURONS
from experiments.statistics import pooled_mean
from snn.stats.batch_means import KNOWN_SE, alignment, relative_variance

SURROGATES = [
    "surrogate_through",
    "surrogate",
    "surrogate_ignored",
    *(Method(slope=slope, reset="through").name for slope in (0.25, 0.5, 2.0, 4.0)),
    Method(slope=0.25).name,
    "super_spike",
]
"""Surrogates: matched with each derivative of the reset, other slopes, SuperSpike of slope 10."""

N_BATCHES = 16
PARTS = ("all", "hidden", "output")


class TrueGradient(Experiment):
    """Direction, norm and variance of surrogate gradients of networks before training.

    The true gradient is the mean of unbiased stochastic AD over many trials; a seed is a network.
    """

    betas: Several[Positive] = param([10.0], "slopes of the escape noise", unit="1/theta")
    steps: Several[Annotated[int, Field(ge=2, le=10_000)]] = param(
        [60], "durations, in time steps of 1 ms"
    )
    recurrences: Several[Annotated[float, Field(ge=0, lt=1)]] = param(
        [0.0], "shares of the recurrent input in a potential's variance; 0: none"
    )
    neuron: Annotated[str, OneOf(NEURONS)] = param("LIF", "neuron of every layer")
    surrogates: Several[Annotated[str, OneOf(CATALOGUE)]] = param(
        SURROGATES, "names of surrogate gradients"
    )
    n_inputs: Size = param(20, "input neurons")
    n_hidden: Size = param(20, "hidden neurons")
    n_outputs: Size = param(10, "output neurons")
    n_flips: Count = param(64, "flips per trial of stochastic AD")
    n_trials: Annotated[int, Field(ge=2 * N_BATCHES, le=1_000_000)] = param(
        4096, "trials of the true gradient"
    )
    n_surrogate_trials: Annotated[int, Field(ge=2 * N_BATCHES, le=1_000_000)] = param(
        2048, "trials of a surrogate gradient"
    )
    seeds: Distinct[Seed] = seeds_param()

    ARRAYS = {
        "cells": array("seed, cell, setting", "beta, steps and recurrence"),
        "surrogates": array("seed, surrogate", "names"),
        "true_variance": array(
            "seed, cell, part", "variance of stochastic AD; all, hidden, output weights"
        ),
        "cosine": array("seed, cell, surrogate, part", "cosine of surrogate and true gradient"),
        "ratio": array(
            "seed, cell, surrogate, part",
            "norm of the surrogate gradient over the norm of the true gradient",
        ),
        "cosine_se": array("seed, cell, surrogate, part", "standard error of the cosine"),
        "ratio_se": array("seed, cell, surrogate, part", "standard error of the ratio"),
        "variance": array(
            "seed, cell, surrogate, part",
            "variance of one trial, over the squared norm of the mean",
        ),
        "known": array("cell, surrogate", "whether the direction is known in every network"),
        "cosine_range": array(
            "cell, surrogate, statistic", "mean, least and largest over networks"
        ),
        "ratio_range": array("cell, surrogate, statistic", "mean, least and largest over networks"),
    }

    def check(self) -> None:
        """Refuse two axes at once, and more flips than sites.

        Raises:
            ValueError: For two axes at once, and more flips than sites.
        """
        axes = "betas steps recurrences"
        if sorted(len(getattr(self, axis)) for axis in axes.split())[1] > 1:
            names, expected = self.given(*axes.split()), "several values of one of them"
            raise ValueError(f"two things vary at once: {names}; expected {expected}")
        n_sites = min(self.steps) * (self.n_hidden + self.n_outputs)
        if self.n_flips > n_sites:
            what, expected = "more flips than spike sites", f"1 to {n_sites}"
            raise ValueError(f"{what}: {self.given('n_flips')}; expected {expected}")

    def compute(self, seed: int) -> Data:
        """Return the gradients of one network at every cell of the axis."""
        cells = list(product(self.betas, self.steps, self.recurrences))
        return {
            "cells": np.array(cells),
            "surrogates": np.array(self.surrogates),
            **stacked([self._cell(seed, *cell) for cell in track(cells, "cells")]),
        }

    def _cell(self, seed: int, beta: float, steps: int, recurrence: float) -> Data:
        key, true_key, other_key = jax.random.split(jax.random.key(seed), 3)
        sizes = (self.n_inputs, self.n_hidden, self.n_outputs)
        problem = lif_task(key, sizes, steps, beta, recurrence, self.neuron)
        size, n_trials = self.n_trials // N_BATCHES, self.n_surrogate_trials
        unbiased = estimator(TRUTH, n_flips=self.n_flips, batch_size=PER_RUN)
        true = parts(layer_batches(unbiased, *problem, true_key, N_BATCHES, self.n_trials))
        rows = []
        for name in self.surrogates:
            biased = estimator(name, beta=beta)
            means = parts(layer_batches(biased, *problem, other_key, N_BATCHES, n_trials))
            by_surrogate = [
                alignment(g, t)._asdict()
                | {"variance": relative_variance(g, n_trials // N_BATCHES)}
                for g, t in zip(means, true, strict=True)
            ]
            rows.append(stacked(by_surrogate))
        variances = np.array([relative_variance(t, size) for t in true])
        return stacked(rows) | {"true_variance": variances}

    def pooled(self, data: Data) -> Data:
        """Return cosine and norm ratio over networks, for all weights together."""
        is_known = np.all(data["cosine_se"][..., 0] < KNOWN_SE, axis=0)

        def over_networks(number: str) -> np.ndarray:
            values = data[number][..., 0]
            rows = np.stack([values.mean(axis=0), values.min(axis=0), values.max(axis=0)], axis=-1)
            return np.where(is_known[..., None], rows, np.nan)

        return {
            "known": is_known,
            "cosine_range": over_networks("cosine"),
            "ratio_range": over_networks("ratio"),
        }

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return means over networks at both ends of the axis, for all layers together.

        Gradients whose direction is lost in noise are left out.
        """
        means, surrogates = {}, listed(data, "surrogates")
        for i, name in enumerate(surrogates):
            for end, cell in (("first", 0), ("last", -1)):
                for number in ("cosine", "ratio"):
                    pair = pooled_mean(*(data[n][:, cell, i, 0] for n in (number, f"{number}_se")))
                    if np.isfinite(pair).all():
                        means[f"{name}_{number}_{end}"] = pair
        hidden = PARTS.index("hidden")
        variances = {
            TRUTH: data["true_variance"][:, 0, hidden],
            surrogates[0]: data["variance"][:, 0, 0, hidden],
        }
        for name, values in variances.items():
            means[f"variance_of_{name}_hidden"] = pooled_mean(values, VARIANCE_ERROR * values)
        return {name: statistical(*pair) for name, pair in means.items()}


VARIANCE_ERROR = 0.2
"""Return the approximate relative error of a variance over batches and parameters."""


def parts(layers: list[np.ndarray]) -> list[np.ndarray]:
    """Return all weights, hidden weights and output weights."""
    return [np.concatenate(layers, axis=1), *layers]
