"""Estimates of the neuron of `moves_and_births` by simulated runs.

A birth estimate takes one more run: a spike is inserted where the probability of one depends on
the weight, and what follows is compared with what would have followed. The other estimates check
the integrals.
"""

from typing import Annotated

import numpy as np
from pydantic import Field

from beyond.experiments.spike_times.intensity import Exponential
from beyond.experiments.spike_times.one_neuron import OneNeuron
from beyond.experiments.spike_times.simulation import Simulation
from beyond.experiments.spike_times.truth import reward_near
from experiments.engine.experiment import (
    Data,
    Distinct,
    Quantity,
    Seed,
    array,
    param,
    seeds_param,
    statistical,
)
from experiments.engine.progress import track

ESTIMATES = ("births", "score", "surrogate")


class OneBirth(OneNeuron):
    """Simulates a neuron and estimates the derivative of the mean loss in each trial."""

    n_steps: Annotated[int, Field(ge=100, le=20_000)] = param(1600, "steps of the simulation")
    n_trials: Annotated[int, Field(ge=2, le=10_000)] = param(1000, "trials of a seed")
    seeds: Distinct[Seed] = seeds_param()

    ARRAYS = {
        "weights": array("seed, weight", "input weights"),
        "betas": array("seed, slope", "slopes of the noise", unit="1/potential"),
        **array("seed, weight, slope", "mean of a trial's estimate").each("{}", ESTIMATES),
        **array("seed, weight, slope", "mean square of a trial's estimate").each(
            "{}_square", ESTIMATES
        ),
        **array("weight, slope", "standard deviation of a trial's estimate").each(
            "{}_sd", ESTIMATES
        ),
    }

    def compute(self, seed: int) -> Data:
        """Return means and mean squares of a trial's estimates."""
        loss, rng = reward_near(self.target, self.width), np.random.default_rng(seed)
        shape = (len(self.weights), len(self.betas))
        names = [*ESTIMATES, *(f"{name}_square" for name in ESTIMATES)]
        data = {name: np.zeros(shape) for name in names}
        places = [(i, j) for i in range(shape[0]) for j in range(shape[1])]
        for i, j in track(places, "weights and slopes"):
            noise = Exponential(self.betas[j])
            neuron = Simulation(self.weights[i], noise, self.duration, self.n_steps)
            run = neuron.run(loss, rng, np.zeros(self.n_trials))
            births = neuron.births(loss, rng, self.n_trials)
            for name, estimates in zip(ESTIMATES, (births, run.score, run.surrogate), strict=True):
                data[name][i, j] = estimates.mean()
                data[f"{name}_square"][i, j] = np.mean(estimates**2)
        return {"weights": np.array(self.weights), "betas": np.array(self.betas), **data}

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return the mean of birth estimates with its standard error."""
        mean, square = data["births"].mean(axis=0), data["births_square"].mean(axis=0)
        se = np.sqrt((square - mean**2) / (self.n_trials * len(data["births"])))
        return {
            f"births_w{w:g}_{beta:g}": statistical(mean[i, j], se[i, j])
            for i, w in enumerate(data["weights"][0])
            for j, beta in enumerate(data["betas"][0])
        }

    def pooled(self, data: Data) -> Data:
        """Return standard deviations over the trials of all seeds."""
        return {
            f"{name}_sd": np.sqrt(
                np.mean(data[f"{name}_square"], axis=0) - np.mean(data[name], axis=0) ** 2
            )
            for name in ESTIMATES
        }
