r"""Time of a neuron's first spike against its input weight, for frozen noise.

The first spike occurs where the integrated intensity reaches an exponential random number, which is
the same for all weights. While the neuron fires reliably its spike slides along a curve. Near the
threshold the curve turns into a cliff, over which the spike leaves the trial.
"""

from dataclasses import dataclass

import numpy as np

from beyond.experiments.spike_times.intensity import Exponential
from beyond.experiments.spike_times.renewal import TAU_M, THETA, accumulate, psp
from experiments.engine.declare.experiment import (
    Data,
    Experiment,
    Quantity,
    array,
    exact,
    param,
    seeds_param,
)


@dataclass
class FrozenNoise(Experiment):
    """Follows spike times of a neuron over the input weight."""

    betas: list[float] = param(
        [5.0, 20.0, 80.0], "slopes of the noise", unit="1/potential", above=0, distinct=True
    )
    n_noises: int = param(30, "frozen noises", low=1, high=1000)
    lowest: float = param(0.6, "smallest input weight", above=0, low=0.1)
    highest: float = param(1.6, "largest input weight", above="lowest", high=10.0)
    n_weights: int = param(401, "input weights", low=2, high=10_000)
    duration: float = param(16.0, "length of a trial", unit="ms", above=1, high=100)
    n_cells: int = param(1600, "cells of the grid in time", low=100, high=100_000)
    seeds: list[int] = seeds_param()

    ARRAYS = {
        "betas": array("seed, slope", "slopes of the noise", unit="1/potential"),
        "weights": array("seed, weight", "input weight: largest potential", unit="potential"),
        "time": array(
            "seed, slope, noise, weight", "time of the first spike; NaN: none", unit="ms"
        ),
        "threshold_time": array("seed, weight", "the same without noise", unit="ms"),
    }

    def compute(self, seed: int) -> Data:
        """Return times of first spikes."""
        weights = np.linspace(self.lowest, self.highest, self.n_weights)
        t = np.linspace(0, self.duration, self.n_cells + 1)
        noise = np.random.default_rng(seed).exponential(size=self.n_noises)
        times = np.full((len(self.betas), self.n_noises, self.n_weights), np.nan)
        for i, beta in enumerate(self.betas):
            for j, w in enumerate(weights):
                rate = Exponential(beta).rate(w * psp(t) - THETA)
                reached = accumulate(rate, self.duration / self.n_cells)
                # Flat stretches do no harm: noise lies in between.
                times[i, :, j] = np.interp(noise, reached, t, right=np.nan)
        return {
            "betas": np.array(self.betas),
            "weights": weights,
            "time": times.astype(np.float32),
            "threshold_time": crossing_time(weights, self.duration).astype(np.float32),
        }

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return the share of silent trials, and the steepest slope of a curve, by slope."""
        quantities = {}
        step = np.diff(data["weights"][0])[0]
        for i, beta in enumerate(data["betas"][0]):
            times = data["time"][:, i].astype(float)
            steepest = np.nanmax(np.abs(np.diff(times, axis=-1))) / step
            quantities[f"silent_{beta:g}"] = exact(np.isnan(times).mean(), rtol=1e-3)
            quantities[f"steepest_{beta:g}"] = exact(steepest, rtol=1e-2)
        return quantities


def crossing_time(weights: np.ndarray, duration: float) -> np.ndarray:
    """Return when the potential reaches the threshold, ms; NaN where it does not by the end."""
    with np.errstate(invalid="ignore"):
        t = -TAU_M * np.log((1 + np.sqrt(1 - THETA / weights)) / 2)
    return np.where((weights > THETA) & (t < duration), t, np.nan)
