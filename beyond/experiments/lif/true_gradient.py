"""Surrogate gradients of LIF networks over time, against their true gradient."""

from typing import Annotated

import jax
import numpy as np
from pydantic import Field

from beyond.experiments.lif.trial_batches import PER_RUN, TRUTH, layer_batches
from beyond.experiments.lif.untrained import Untrained
from experiments.engine.experiment import (
    Count,
    Data,
    OneOf,
    Positive,
    Quantity,
    Rising,
    Several,
    array,
    listed,
    param,
    stacked,
    statistical,
)
from experiments.engine.progress import track
from experiments.estimators import CATALOGUE, estimator
from experiments.statistics import pooled_mean
from snn.stats.batch_means import KNOWN_SE, alignment, relative_variance

SURROGATES = [
    "surrogate_through",
    "surrogate",
    "surrogate_ignored",
    *(f"surrogate_through_x{slope:g}" for slope in (0.25, 0.5, 2.0, 4.0)),
    "surrogate_x0.25",
    "super_spike",
]
"""Surrogates: matched with each derivative of the reset, other slopes, SuperSpike of slope 10."""

N_BATCHES = 16
HIDDEN = 0
"""Number of the hidden layer."""


class TrueGradient(Untrained):
    """Direction, norm and variance of surrogate gradients of networks before training.

    The true gradient is the mean of unbiased stochastic AD over many trials.
    """

    betas: Rising[Positive] = param([10.0], "slopes of the escape noise", unit="1/theta")
    surrogates: Several[Annotated[str, OneOf(CATALOGUE)]] = param(
        SURROGATES, "names of surrogate gradients"
    )
    n_flips: Count = param(64, "flips per trial of stochastic AD")
    n_trials: Annotated[int, Field(ge=2 * N_BATCHES, le=1_000_000)] = param(
        4096, "trials of the true gradient"
    )
    n_surrogate_trials: Annotated[int, Field(ge=2 * N_BATCHES, le=1_000_000)] = param(
        2048, "trials of a surrogate gradient"
    )

    ARRAYS = {
        "betas": array("seed, slope", "slopes of the noise", unit="1/theta"),
        "surrogates": array("seed, surrogate", "names"),
        "true_variance": array("seed, slope", "variance of stochastic AD, hidden weights"),
        "cosine": array("seed, slope, surrogate", "cosine of surrogate and true gradient"),
        "ratio": array(
            "seed, slope, surrogate",
            "norm of the surrogate gradient over the norm of the true gradient",
        ),
        "cosine_se": array("seed, slope, surrogate", "standard error of the cosine"),
        "ratio_se": array("seed, slope, surrogate", "standard error of the ratio"),
        "variance": array(
            "seed, slope, surrogate",
            "variance of one trial, over the squared norm of the mean, hidden weights",
        ),
        "known": array("slope, surrogate", "whether the direction is known in every network"),
        "cosine_range": array(
            "slope, surrogate, statistic", "mean, least and largest over networks"
        ),
        "ratio_range": array(
            "slope, surrogate, statistic", "mean, least and largest over networks"
        ),
    }

    def check(self) -> None:
        """Refuse more flips than sites.

        Raises:
            ValueError: For more flips than sites.
        """
        self.refuse_flips(self.n_flips)

    def compute(self, seed: int) -> Data:
        """Return the gradients of one network at every slope of the noise."""
        return {
            "betas": np.array(self.betas),
            "surrogates": np.array(self.surrogates),
            **stacked([self._at(seed, beta) for beta in track(self.betas, "slopes")]),
        }

    def _at(self, seed: int, beta: float) -> Data:
        key, true_key, other_key = jax.random.split(jax.random.key(seed), 3)
        problem = self.network(key, beta)
        n_trials = self.n_surrogate_trials
        unbiased = estimator(TRUTH, n_flips=self.n_flips, batch_size=PER_RUN)
        true = layer_batches(unbiased, *problem, true_key, N_BATCHES, self.n_trials)
        rows = []
        for name in self.surrogates:
            biased = estimator(name, beta=beta)
            means = layer_batches(biased, *problem, other_key, N_BATCHES, n_trials)
            both = (np.concatenate(layers, axis=1) for layers in (means, true))
            variance = relative_variance(means[HIDDEN], n_trials // N_BATCHES)
            rows.append(alignment(*both)._asdict() | {"variance": variance})
        variance = relative_variance(true[HIDDEN], self.n_trials // N_BATCHES)
        return stacked(rows) | {"true_variance": np.array(variance)}

    def pooled(self, data: Data) -> Data:
        """Return cosine and norm ratio over networks, for all weights together."""
        is_known = np.all(data["cosine_se"] < KNOWN_SE, axis=0)

        def over_networks(number: str) -> np.ndarray:
            values = data[number]
            rows = np.stack([values.mean(axis=0), values.min(axis=0), values.max(axis=0)], axis=-1)
            return np.where(is_known[..., None], rows, np.nan)

        return {
            "known": is_known,
            "cosine_range": over_networks("cosine"),
            "ratio_range": over_networks("ratio"),
        }

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return means over networks at the lowest and the highest slope of the noise.

        Gradients whose direction is lost in noise are left out.
        """
        means, surrogates = {}, listed(data, "surrogates")
        for i, name in enumerate(surrogates):
            for end, slope in (("first", 0), ("last", -1)):
                for number in ("cosine", "ratio"):
                    pair = pooled_mean(*(data[n][:, slope, i] for n in (number, f"{number}_se")))
                    if np.isfinite(pair).all():
                        means[f"{name}_{number}_{end}"] = pair
        variances = {
            TRUTH: data["true_variance"][:, 0],
            surrogates[0]: data["variance"][:, 0, 0],
        }
        for name, values in variances.items():
            means[f"variance_of_{name}_hidden"] = pooled_mean(values, VARIANCE_ERROR * values)
        return {name: statistical(*pair) for name, pair in means.items()}


VARIANCE_ERROR = 0.2
"""Approximate relative error of a variance over batches and parameters."""
