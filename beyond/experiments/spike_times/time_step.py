r"""Does a network's gradient have a limit as the time step goes to 0?

The neuron of `moves_and_births` in discrete time. With the probability :math:`1 - e^{-\rho dt}` the
true gradient and the detached SG tend to those of continuous time. With a probability per step that
does not depend on the step nothing has a limit: more steps are more chances to spike.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Annotated

import numpy as np
from pydantic import Field

from beyond.experiments.spike_times import surrogates, truth
from beyond.experiments.spike_times.intensity import Exponential
from beyond.experiments.spike_times.renewal import Renewal
from beyond.experiments.spike_times.steps import Steps
from experiments.engine.experiment import (
    Data,
    Distinct,
    Experiment,
    Positive,
    Quantity,
    array,
    exact,
    param,
)
from experiments.engine.progress import track

KINDS = ("intensity", "fixed")
MEANS = ("true", "detached")


class TimeStep(Experiment):
    """Computes true and surrogate gradients of one neuron at several step lengths."""

    steps: Distinct[Annotated[float, Field(ge=0.01, le=4)]] = param(
        [2.0, 1.0, 0.5, 0.2, 0.1, 0.05], "step lengths", unit="ms"
    )
    weights: Distinct[Annotated[float, Field(gt=0.1, le=3.0)]] = param(
        [0.95, 1.2], "input weights, in units of the threshold"
    )
    beta: Annotated[float, Field(gt=0, le=200)] = param(
        5.0, "slope of the noise", unit="1/potential"
    )
    target: Positive = param(10.0, "time near which spikes are rewarded", unit="ms")
    width: Annotated[float, Field(gt=0.1)] = param(4.0, "width of the reward", unit="ms")
    duration: Annotated[float, Field(gt=1, le=100)] = param(16.0, "length of a trial", unit="ms")
    n_cells: Annotated[int, Field(ge=100, le=4000)] = param(
        800, "cells of the grid in continuous time"
    )

    ARRAYS = {
        "steps": array("step", "step lengths", unit="ms"),
        "weights": array("weight", "input weights"),
        **array("weight, step", "probability follows the intensity").each(
            "intensity_{}", (*MEANS, "through")
        ),
        **array("weight, step", "probability does not depend on the step").each("fixed_{}", MEANS),
        **array("weight", "in continuous time").each("limit_{}", MEANS),
    }

    def check(self) -> None:
        """Refuse steps that do not fill a trial.

        Raises:
            ValueError: For steps that do not fill a trial.
        """
        for step in self.steps:
            n = self.duration / step
            if abs(n - round(n)) > 1e-9:
                what, wanted = "a trial is not a whole number of steps", "steps that divide it"
                raise ValueError(f"{what}: {self.given('steps', 'duration')}; expected {wanted}")

    def compute(self, seed: None) -> Data:
        """Return gradients by weight and step."""
        loss = truth.reward_near(self.target, self.width)
        noise = Exponential(self.beta)
        shape = (len(self.weights), len(self.steps))
        data = {f"{kind}_{name}": np.zeros(shape) for kind in KINDS for name in MEANS}
        data["intensity_through"] = np.zeros(shape)
        data |= {f"limit_{name}": np.zeros(shape[0]) for name in MEANS}
        for i, w in enumerate(track(self.weights, "weights")):
            for j, step in enumerate(self.steps):
                for kind in KINDS:
                    neuron = Steps(w, noise, self.duration, round(self.duration / step), kind)
                    data[f"{kind}_true"][i, j] = neuron.true_gradient(loss)
                    data[f"{kind}_detached"][i, j] = neuron.surrogate(loss, through=False)
                    if kind == "intensity":
                        data["intensity_through"][i, j] = self._through(neuron, loss)
            coarse, fine = (
                Renewal(w, noise, self.duration, n) for n in (self.n_cells // 2, self.n_cells)
            )
            routes = (truth.by_births, surrogates.detached)
            for name, route in zip(MEANS, routes, strict=True):
                data[f"limit_{name}"][i] = (4 * route(fine, loss) - route(coarse, loss)) / 3
        return {"steps": np.array(self.steps), "weights": np.array(self.weights), **data}

    def _through(self, neuron: Steps, loss: truth.Loss) -> float:
        """Return the mean SG through the reset; in decimals if rounding errors are amplified."""
        beside = replace(neuron, w=np.nextafter(neuron.w, np.inf))
        value, other = (x.surrogate(loss, through=True) for x in (neuron, beside))
        if abs(other - value) < 1e-9 * abs(value):
            return value
        exactly = truth.reward_near(Decimal(self.target), Decimal(self.width))
        return neuron.surrogate_in_decimals(exactly)

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return distances to continuous time, and changes over the last halving of the step."""
        quantities = {}
        for i, w in enumerate(data["weights"]):
            for name in MEANS:
                last, limit = data[f"intensity_{name}"][i, -1], data[f"limit_{name}"][i]
                fixed = data[f"fixed_{name}"][i]
                quantities[f"{name}_off_w{w:g}"] = exact(abs(last / limit - 1), rtol=1e-6)
                quantities[f"fixed_{name}_change_w{w:g}"] = exact(
                    abs(fixed[-1] - fixed[-2]) / abs(fixed[-1]), rtol=1e-6
                )
            largest = np.abs(data["intensity_through"][i]).max()
            quantities[f"through_log10_largest_w{w:g}"] = exact(np.log10(largest), rtol=1e-6)
        return quantities
