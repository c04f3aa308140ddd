"""What is learned: network, inputs, target and loss of spike matching."""

from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp

import snn
from experiments.spike_timing.rule import Rule
from snn import stats
from snn.noise import Counter
from snn.shapes import SHAPES
from snn.types import Params, Run

if TYPE_CHECKING:
    from experiments.spike_timing.spike_matching import SpikeMatching

PUBLISHED_KERNEL = {"amplitude": 0.2, "tau_mem": 10e-3, "tau_syn": 5e-3, "dt": 0.189 / 188}
"""The kernel of the van Rossum distance: sampled at 189 points from 0 to 0.189 s inclusive."""


class Task(NamedTuple):
    """What differs between seeds: frozen input spikes, initial weights, the noise of training."""

    x: jax.Array
    params: Params
    key: jax.Array


class Setup:
    """The parts of the experiment that do not depend on the seed."""

    def __init__(self, config: "SpikeMatching", target: jax.Array) -> None:
        self.config = config
        stochastic = config.spikes == "stochastic"
        modes = (snn.sample, snn.threshold)
        self.forward, self.other_forward = modes if stochastic else modes[::-1]
        self.network = snn.LIFNetwork(
            (config.n_inputs, config.n_hidden, config.n_outputs),
            (snn.escape.Sigmoid(config.beta_hidden), snn.escape.Sigmoid(config.beta_output)),
            snn.LIF(config.tau_mem, config.tau_syn, config.dt),
        )
        self.distance = snn.losses.VanRossum(target, **PUBLISHED_KERNEL)
        derivative = SHAPES[config.surrogate].of_slope(config.beta_surrogate)
        reset = snn.ignored if config.learning == "rule" else snn.detached
        self.learning = snn.Surrogate(derivative, self.forward, reset)

    def task(self, seed: jax.Array) -> Task:
        """Inputs and initial weights of a seed."""
        config, dtype = self.config, jnp.result_type(float)
        inputs, weights, noise = jax.random.split(jax.random.key(seed), 3)
        uniform = jax.random.uniform(inputs, (config.n_steps, config.n_inputs), dtype)
        sizes = self.network.sizes
        params = [
            {"w": config.sigma_w * jax.random.normal(key, shape, dtype)}
            for key, shape in zip(
                jax.random.split(weights), zip(sizes, sizes[1:], strict=False), strict=True
            )
        ]
        return Task((uniform < config.input_rate * config.dt).astype(dtype), params, noise)

    def objective(self, task: Task) -> snn.Program:
        """What is descended."""
        if self.config.learning == "rule":
            return Rule(self.network, task.x, self.distance)
        return snn.Program(self.network, task.x, self.distance)

    def test(self, task: Task, params: Params, forward: Any) -> Run:
        """Trials of a network under a spike mode; the noise is not that of training."""
        noise = Counter.sample(jax.random.fold_in(task.key, 2**31), max(self.config.n_trials, 10))
        program, spike = snn.Program(self.network, task.x, self.distance), snn.Spike(forward)
        return jax.vmap(lambda xi: program(params, xi, spike))(noise)

    def measures(self, runs: Run) -> dict[str, jax.Array]:
        """Losses of the last trial, rates, and Fano factors over trials."""
        hidden, output = (layer.s for layer in runs.trace)
        last = output[-1]
        measured = {
            "van_rossum": self.distance(last),
            "l2": snn.losses.Squared(self.distance.target)(last) / last.shape[1],
            "rate_hidden": stats.population_rate(hidden, self.config.dt),
            "rate_output": stats.population_rate(output, self.config.dt),
        }
        if output.shape[0] > 1:
            for name, spikes in (("hidden", hidden), ("output", output)):
                measured[f"fano_{name}"] = stats.fano_per_bin(spikes)
                measured[f"fano_counts_{name}"] = stats.fano_of_counts(spikes)
        return measured
