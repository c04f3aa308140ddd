r"""Time and memory that a gradient takes, against the number of hidden units.

The probabilistic model marginalises all hidden states by enumeration. Both costs are fitted by
:math:`c\, 2^{a n}` over the largest networks: a is the number of doublings per hidden unit, 1 for
enumeration and 0 for a surrogate gradient. Time is processor time, the least of several runs after
compilation. Memory is what XLA reserves for intermediate results. Times differ between machines;
doublings should not.
"""

import time
from typing import Annotated, Any

import jax
import numpy as np
import scipy
from pydantic import Field

import snn
from experiments.deep_networks.evaluation_cost import mlp
from experiments.engine.experiment import (
    Data,
    Experiment,
    Quantity,
    Rising,
    array,
    at,
    band,
    param,
    stacked,
)
from experiments.estimators import estimator

METHODS = ("exact_enumeration", "surrogate")
SEVERAL = 20
"""Gradients in a timed run of a surrogate, which alone is shorter than the clock's error."""


class MeasuredCost(Experiment):
    """Processor time and memory of one gradient, in growing layered networks."""

    hidden: Rising[Annotated[int, Field(ge=4, le=snn.ExactEnumeration().max_sites - 1)]] = param(
        [10, 11, 12, 13, 14], "hidden units of the layered networks"
    )
    hidden_layers: Annotated[int, Field(ge=1, le=4)] = param(4, "hidden layers")
    n_runs: Annotated[int, Field(ge=1, le=1000)] = param(
        5, "timed runs, of which the fastest counts"
    )

    ARRAYS = {
        "hidden": array("network", "hidden units"),
        "methods": array("method", "names of the estimators"),
        "time": array("network, method", "processor time of a gradient", unit="s"),
        "memory": array("network, method", "memory of intermediate results", unit="bytes"),
    }

    def check(self) -> None:
        """Refuse fewer than three networks, to which no line with an error can be fitted.

        Raises:
            ValueError: For fewer than three networks.
        """
        if len(self.hidden) < 3:
            names = self.given("hidden")
            raise ValueError(f"a fit with an error needs three sizes or more: {names}")

    def compute(self, seed: None) -> Data:
        """Return time and memory of every estimator in every network."""
        rows = []
        for n in self.hidden:
            each = [self._measured(name, n) for name in METHODS]
            rows.append({"time": [x[0] for x in each], "memory": [x[1] for x in each]})
        return {"hidden": np.array(self.hidden), "methods": np.array(METHODS)} | stacked(rows)

    def _measured(self, name: str, hidden: int) -> tuple[float, float]:
        program, init = mlp(hidden, self.hidden_layers)
        method = estimator(name)
        params = init(jax.random.key(0))
        noise = snn.draw_noise(program, params, jax.random.key(1), 1)
        repeats = SEVERAL if name == "surrogate" else 1

        def gradient(params: Any) -> Any:
            return method(program, params, noise).grad

        compiled = jax.jit(gradient).lower(params).compile()
        memory = compiled.memory_analysis()
        assert memory is not None
        jax.block_until_ready(compiled(params))
        seconds = []
        for _ in range(self.n_runs):
            start = time.process_time()
            for _ in range(repeats):
                jax.block_until_ready(compiled(params))
            seconds.append((time.process_time() - start) / repeats)
        return min(seconds), float(memory.temp_size_in_bytes + memory.output_size_in_bytes)

    def summary(self, data: Data) -> dict[str, Quantity]:
        """Return the doublings of time and memory per hidden unit."""
        ends = {"exact_enumeration": (0.3, 1.7), "surrogate": (-0.5, 0.5)}
        return {
            at(f"{what}_doublings", name): _doublings(data["hidden"], data[what][:, i], ends[name])
            for i, name in enumerate(METHODS)
            for what in ("time", "memory")
        }


def _doublings(hidden: np.ndarray, cost: np.ndarray, ends: tuple[float, float]) -> Quantity:
    """Return the slope of log2 of a cost over hidden units, with Student's 95 % interval."""
    x, y = hidden - hidden.mean(), np.log2(cost) - np.log2(cost).mean()
    slope = x @ y / (x @ x)
    se = np.sqrt(((y - slope * x) ** 2).sum() / (len(x) - 2) / (x @ x))
    half = scipy.special.stdtrit(len(x) - 2, 0.975) * se
    return band(slope, *ends, "machines differ in constant costs", (slope - half, slope + half))
