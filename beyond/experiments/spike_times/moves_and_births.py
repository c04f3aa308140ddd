"""Parts of the derivative of a neuron's mean loss, and what estimates see of them.

The loss rewards spikes near a target time. An input of weight below the threshold makes spikes by
noise alone; one above makes the neuron fire before the target, so that a larger weight moves the
spike away from it. All numbers are integrals on a grid; see `truth`, `surrogates`, `one_run`.
"""

from typing import Annotated

import numpy as np
from pydantic import Field

from beyond.experiments.spike_times import one_run, surrogates, truth
from beyond.experiments.spike_times.intensity import Exponential
from beyond.experiments.spike_times.one_neuron import OneNeuron
from beyond.experiments.spike_times.renewal import Renewal
from experiments.engine.experiment import Data, Quantity, array, exact, param
from experiments.engine.progress import track

MOST_CELLS = 4000
STEEP = 40.0
"""Slope above which grids have twice the cells, to resolve the intensity."""
LIMIT, LIMIT_CELLS = (80.0, 320.0, 1280.0, 5120.0), 400_000
"""Slopes at which spikes that slide are compared with EventProp, and cells of their grid."""
PARTS = ("slide", "fly", "boundary")
SLOPES = ("weights", "betas", "limit_betas", "limit")
MEANS = ("truth", *PARTS, "event_based", "detached", "through")
SPREADS = ("pathwise", "score_function", "detached")


class MovesAndBirths(OneNeuron):
    """Splits the derivative of a mean loss into moved and born spikes."""

    n_cells: Annotated[int, Field(ge=100, le=MOST_CELLS)] = param(
        800, "cells of the finer grid; the coarser has half of them"
    )

    ARRAYS = {
        "weights": array("weight", "input weights"),
        "betas": array("slope", "slopes of the noise", unit="1/potential"),
        **array("weight, slope", "derivative of the mean loss, or part of it").each("{}", MEANS),
        "limit_betas": array("limit", "slopes of the noise", unit="1/potential"),
        "limit": array("weight, limit", "first spikes that slide, over EventProp; NaN without one"),
        **array("weight, slope", "standard deviation of one run's estimate").each("{}_sd", SPREADS),
    }

    def compute(self, seed: None) -> Data:
        """Return means and standard deviations at every weight and slope."""
        shape = (len(self.weights), len(self.betas))
        data = {name: np.zeros(shape) for name in self.ARRAYS if name not in SLOPES}
        places = [(i, j) for i in range(shape[0]) for j in range(shape[1])]
        for i, j in track(places, "weights and slopes"):
            n = min(MOST_CELLS, self.n_cells * (1 + (self.betas[j] > STEEP)))
            coarse, fine = (self._on(i, j, cells) for cells in (n // 2, n))
            for name, value in fine.items():
                data[name][i, j] = value + (value - coarse[name]) / 3
        return {
            "weights": np.array(self.weights),
            "betas": np.array(self.betas),
            "limit_betas": np.array(LIMIT),
            "limit": np.array([[self._limit(w, beta) for beta in LIMIT] for w in self.weights]),
            **data,
        }

    def _limit(self, w: float, beta: float) -> float:
        """Return the slide of first spikes over the event-based gradient."""
        loss = truth.reward_near(self.target, self.width)
        event_based = surrogates.event_based(w, loss, self.duration)
        if event_based == 0:
            return np.nan
        slide = truth.first_slide(w, Exponential(beta), loss, self.duration, LIMIT_CELLS)
        return slide / event_based

    def _on(self, i: int, j: int, n: int) -> dict[str, float]:
        """Return all numbers of a weight and a slope on a grid of n cells."""
        loss = truth.reward_near(self.target, self.width)
        w = self.weights[i]
        neuron = Renewal(w, Exponential(self.betas[j]), self.duration, n)
        moves = truth.by_moves(neuron, loss)
        return {
            "truth": truth.by_births(neuron, loss),
            "slide": moves.slide,
            "fly": moves.fly,
            "boundary": moves.boundary,
            "event_based": surrogates.event_based(w, loss, self.duration),
            "detached": surrogates.detached(neuron, loss),
            "through": surrogates.through(neuron, loss),
            "pathwise_sd": one_run.pathwise(neuron, loss)[1],
            "score_function_sd": one_run.score_function(neuron, loss)[1],
            "detached_sd": one_run.surrogate(neuron, loss)[1],
        }

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return means, spreads and ratios, by input weight and slope of the noise."""
        quantities = {}
        names = ("truth", "event_based", "detached", "through", "pathwise_sd", "detached_sd")
        for i, w in enumerate(data["weights"]):
            for j, beta in enumerate(data["betas"]):
                for name in names:
                    value = data[name][i, j]
                    quantities[f"{name}_w{w:g}_{beta:g}"] = exact(value, rtol=1e-5, atol=1e-7)
                truth = data["truth"][i, j]
                born = (data["fly"][i, j] + data["boundary"][i, j]) / truth
                quantities[f"sg_over_truth_w{w:g}_{beta:g}"] = exact(
                    data["detached"][i, j] / truth, rtol=1e-4
                )
                quantities[f"born_over_truth_w{w:g}_{beta:g}"] = exact(born, rtol=1e-4, atol=1e-7)
            for beta, ratio in zip(data["limit_betas"], data["limit"][i], strict=True):
                if np.isfinite(ratio):
                    quantities[f"limit_w{w:g}_{beta:g}"] = exact(ratio, rtol=1e-5)
        return quantities
