r"""Time of a neuron's first spike against its input weight, for frozen noise.

The first spike occurs where the integrated intensity reaches an exponential random number, which is
the same for all weights. While the neuron fires reliably its spike slides along a curve. Near the
threshold the curve turns into a cliff, over which the spike leaves the trial.
"""

from typing import Annotated

import numpy as np
from pydantic import Field

from beyond.experiments.spike_times.intensity import Exponential
from beyond.experiments.spike_times.renewal import TAU_M, THETA, accumulate, psp
from experiments.engine.experiment import (
    Data,
    Distinct,
    Experiment,
    Positive,
    Quantity,
    Seed,
    array,
    exact,
    param,
    seeds_param,
)


class FrozenNoise(Experiment):
    """Follows spike times of a neuron over the input weight."""

    betas: Distinct[Positive] = param([5.0, 20.0, 80.0], "slopes of the noise", unit="1/potential")
    n_noises: Annotated[int, Field(ge=1, le=1000)] = param(30, "frozen noises")
    lowest: Annotated[float, Field(gt=0, ge=0.1)] = param(0.6, "smallest input weight")
    highest: Annotated[float, Field(le=10.0)] = param(1.6, "largest input weight")
    n_weights: Annotated[int, Field(ge=2, le=10_000)] = param(401, "input weights")
    duration: Annotated[float, Field(gt=1, le=100)] = param(16.0, "length of a trial", unit="ms")
    n_cells: Annotated[int, Field(ge=100, le=100_000)] = param(1600, "cells of the grid in time")
    seeds: Distinct[Seed] = seeds_param()

    ARRAYS = {
        "betas": array("seed, slope", "slopes of the noise", unit="1/potential"),
        "weights": array("seed, weight", "input weight: largest potential", unit="potential"),
        "time": array(
            "seed, slope, noise, weight", "time of the first spike; NaN: none", unit="ms"
        ),
        "threshold_time": array("seed, weight", "the same without noise", unit="ms"),
    }

    def check(self) -> None:
        super().check()
        if not self.highest > self.lowest:
            raise ValueError(f"highest is not above lowest: {self.given('highest', 'lowest')}")

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
