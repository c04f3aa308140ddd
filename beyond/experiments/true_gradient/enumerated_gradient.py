"""Gradients of LIF networks that are small enough for enumeration."""

from dataclasses import dataclass

import jax
import numpy as np

import snn
from beyond.experiments.true_gradient.lif_task import lif_task
from experiments.engine.declare.experiment import (
    Data,
    Experiment,
    Quantity,
    array,
    band,
    exact,
    param,
    seeds_param,
)
from experiments.estimators import estimator
from experiments.neurons import NEURONS
from snn.stats import cosine, flatten, flatten_trials, mean_and_se, z_score

MAX_SITES = 14
SURROGATES = ("surrogate_through", "surrogate")
UNBIASED = (
    "stochastic_ad_few_flips",
    "stochastic_ad_systematic",
    "suffix_replays",
    "score_function",
)
CHANCE = "a normal mean has |z| > 5 once in 1.7 million parameters"
BIASED = "a biased one is found out with these trials"


@dataclass
class EnumeratedGradient(Experiment):
    """Gradient estimates in small untrained networks, against the exact gradient.

    Exact gradient and expected surrogate gradients are enumerated. Each seed is one network.
    """

    sizes: list[int] = param(
        [3, 2], "number of inputs, then of neurons per layer", low=1, high=10_000
    )
    steps: int = param(6, "number of time steps, 1 ms each", low=3)
    input_rate: float = param(
        300.0, "rate of the inputs, high because time is short", unit="Hz", above=0, below=1000
    )
    recurrence: float = param(
        0.3, "share of the recurrent input in a potential's variance; 0: none", low=0, below=1
    )
    neuron: str = param("LIF", "neuron of every layer", choices=NEURONS)
    beta: float = param(2.5, "slope of the escape noise", unit="1/theta", above=0)
    n_flips: int = param(4, "flips per trial of stochastic AD", low=1)
    n_trials: int = param(65536, "trials of each sampled estimate", low=100, high=1_000_000)
    seeds: list[int] = seeds_param()

    ARRAYS = {
        "max_abs_z": array(
            "seed, estimator", "largest |z| over weights, of each unbiased estimator"
        ),
        "surrogate_max_abs_z": array(
            "seed", "largest |z| over weights, of the surrogate gradient through the reset"
        ),
        "cosine": array("seed, surrogate", "cosine of the exact mean and the gradient"),
        "ratio": array("seed, surrogate", "norm of the exact mean over the norm of the gradient"),
    }

    def validate(self, path: str) -> None:
        """Refuse networks that cannot be enumerated, or have fewer sites than flips.

        Raises:
            UserError: For networks that cannot be enumerated, or have fewer sites than flips.
        """
        n_sites = self.steps * sum(self.sizes[1:])
        if len(self.sizes) < 2 or not self.n_flips <= n_sites <= MAX_SITES:
            what = f"{n_sites} spike sites do not suit enumeration"
            expected = f"n_flips={self.n_flips} to {MAX_SITES} sites, in one or more layers"
            raise self.parameter_error(path, what, "sizes steps", expected, sizes=[3, 2], steps=6)

    def compute(self, seed: int) -> Data:
        """Return z-scores, cosines and norm ratios of one network."""
        key, noise_key, own_key = jax.random.split(jax.random.key(seed), 3)
        settings = (self.steps, self.beta, self.recurrence, self.neuron, self.input_rate)
        problem = lif_task(key, tuple(self.sizes), *settings)
        exact = flatten(snn.ExactEnumeration(max_sites=MAX_SITES)(*problem).grad)
        noise = snn.draw_noise(*problem, noise_key, self.n_trials)

        # For weights without influence, estimate and gradient are rounding errors.
        matters = np.abs(exact) > SINGLE_PRECISION * np.abs(exact).max()

        # Short replays have the same number of flips in each block.
        settings = {"n_flips": self.n_flips, "flips_per_block": self.n_flips, "n_blocks": 2}

        def max_abs_z(name: str) -> float:
            trials = estimator(name, **settings).per_trial(*problem, noise, own_key).grad
            z = z_score(mean_and_se(flatten_trials(trials)), exact)
            return np.abs(z[matters]).max()

        expected = [flatten(snn.Expected(estimator(name))(*problem).grad) for name in SURROGATES]
        norm = np.linalg.norm(exact)
        return {
            "max_abs_z": np.array([max_abs_z(name) for name in UNBIASED]),
            "surrogate_max_abs_z": np.array(max_abs_z("surrogate_through")),
            "cosine": np.array([cosine(g, exact) for g in expected]),
            "ratio": np.array([np.linalg.norm(g) / norm for g in expected]),
        }

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return the largest z-scores over parameters and networks, cosines and norm ratios."""
        quantities = {
            f"{name}_max_abs_z": band(data["max_abs_z"][:, i].max(), 0.0, 5.0, CHANCE)
            for i, name in enumerate(UNBIASED)
        }
        quantities["surrogate_through_max_abs_z"] = band(
            data["surrogate_max_abs_z"].min(), 20.0, 1e6, BIASED
        )
        for i, name in enumerate(SURROGATES):
            for number in ("cosine", "ratio"):
                # In single precision the last digits differ between machines.
                median = np.median(data[number][:, i])
                quantities[f"{name}_{number}"] = exact(median, rtol=1e-3)
        return quantities


SINGLE_PRECISION = 1e-4
"""Return a generous relative error for single-precision sums over all spike patterns."""
